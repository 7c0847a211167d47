// Runs passes over a model until none finds anything to do, and checks what they did.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/backend/backend.h"
#include "trtprof/base/error.h"
#include "trtprof/optimize/optimize_report.h"
#include "trtprof/optimize/pass.h"

namespace trtprof {

// Exact rewrites and weights folded: what any engine gains by. Structure is the engine's own in part.
inline constexpr int kDefaultPassLevel = 2;

struct PassOptions {
  // 0 to 3: every pass of this level and below. Not looked at where `only` is not empty.
  int level = kDefaultPassLevel;
  std::vector<std::string> only = {};         // names of passes
  std::vector<std::string> disabled = {};     // names of passes
  std::optional<std::int64_t> rewrites = {};  // only the first so many: to find one that does harm by halving
  std::optional<std::filesystem::path> dump_folder =
      {};  // the model after each step: 001-fold-batch-normalization.onnx
  PassLimits limits = {};
  // Runs the model before and after each step on the reference backend, with seeded random inputs of these shapes
  // (every input). A step beyond the tolerance of its level is taken back and its pass does not run again.
  bool check = true;
  BoundShapes shapes = {};
  std::uint64_t seed = 1;
  int most_rounds = 20;
};

// The passes that these options mean, in order. ErrorCode::usage for names that are no pass, with those there are.
[[nodiscard]] Result<std::vector<const Pass*>> chosen_passes(const PassOptions& options);

// Changes `model`. `reference` null: nothing is checked, and constants that would have to be computed stay. `on_step`
// is told of each step when it is done. Fails for names that are no pass and for folders that cannot be written.
[[nodiscard]] Result<OptimizeReport> run_passes(OnnxModel& model, Backend* reference, const PassOptions& options,
                                                const std::function<void(const PassStep&)>& on_step = {});

}  // namespace trtprof
