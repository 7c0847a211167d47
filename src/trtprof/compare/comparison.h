// Two sides compared: what `compare A B` says, and what an optimisation is judged by.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/compare/figures.h"
#include "trtprof/compare/layer_comparison.h"
#include "trtprof/compare/setting_changes.h"
#include "trtprof/compare/verdict.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

inline constexpr const char* kComparisonSchemaName = "trtprof-comparison";
inline constexpr int kComparisonSchemaMajor = 1;
inline constexpr int kComparisonSchemaMinor = 0;

struct CompareOptions {
  double threshold = kDefaultThreshold;
  double level = 0.95;
  // What the verdict is on; nullopt: the first of latency, compute, layer sum that both sides have.
  std::optional<FigureKind> figure = std::nullopt;
  std::optional<double> launch_spread = std::nullopt;  // as JudgeOptions
};

struct ComparedFigure {
  FigureKind kind = FigureKind::latency;
  ChangeVerdict verdict;
};

struct Comparison {
  FigureKind figure = FigureKind::latency;  // that the verdict is on
  ChangeVerdict verdict;
  std::vector<ComparedFigure> figures;  // all that both sides have, that of the verdict first
  // The sides run different batches, so every figure of `verdict` and `figures` is of one item. Layers are of an
  // inference.
  bool per_item = false;
  std::optional<LayersCompared> layers;  // where both sides have a layer run
  std::vector<SettingChange> settings;
  bool partial = false;               // a launch was interrupted, or some were left out
  std::vector<std::string> notes;     // a sentence each
  std::vector<std::string> warnings;  // reasons to doubt it; those of the profiles among them
};

// One profile a launch, one launch or more a side. Launches are taken for pairs where those of the two sides took turns
// (Environment::started_at). Builds of engines are told apart by the engine file's hash. Fails where the two do not do
// the same work (other inputs than another batch), where launches of one side are of different things, and where no
// figure is on both sides.
[[nodiscard]] Result<Comparison> compare_profiles(std::span<const Profile> a, std::span<const Profile> b,
                                                  const CompareOptions& options = {});

// Did launches take turns, i-th of A and i-th of B before both of the (i+1)-th? False where it is not known.
[[nodiscard]] bool took_turns(std::span<const Profile> a, std::span<const Profile> b);

}  // namespace trtprof
