// How it is shown what was done to a model: as text, and as a document (docs/optimize.schema.json).
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include "trtprof/optimize/optimize_report.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

inline constexpr std::string_view kOptimizationSchemaName = "trtprof-optimization";
inline constexpr int kOptimizationSchemaMajor = 1;
inline constexpr int kOptimizationSchemaMinor = 0;

// The model as it was written.
struct WrittenModel {
  std::string path;
  std::string sha256;
  std::optional<std::uint64_t> file_bytes = {};
};

struct OptimizationDocument {
  const ModelInfo& model;  // as it was given
  const OptimizeReport& passes;
  std::string chosen;  // "level 2"
  std::optional<WrittenModel> result;
};

struct OptimizationTextOptions {
  bool color = false;
  bool explain = false;  // each near miss, and each rewrite
  bool quiet = false;    // the table of steps alone
  std::size_t columns = 100;
};

// Each step, what was checked, what is left and why.
void write_optimization_text(std::ostream& out, const OptimizationDocument& document,
                             const OptimizationTextOptions& options);

// Ends in a newline.
[[nodiscard]] std::string optimization_to_json(const OptimizationDocument& document);

}  // namespace trtprof
