// How it is shown what was done to a model: as text, and as a document (docs/optimize.schema.json).
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include "trtprof/optimize/optimize_report.h"
#include "trtprof/optimize/precision/convert_precision.h"
#include "trtprof/optimize/pruning/prune_2_4.h"
#include "trtprof/profile/profile.h"
#include "trtprof/report/accuracy_report.h"
#include "trtprof/report/comparison_report.h"
#include "trtprof/report/experiments_report.h"
#include "trtprof/report/quantization.h"
#include "trtprof/report/sensitivity_report.h"

namespace trtprof {

inline constexpr std::string_view kOptimizationSchemaName = "trtprof-optimization";
inline constexpr int kOptimizationSchemaMajor = 1;
inline constexpr int kOptimizationSchemaMinor = 1;

// The model as it was written.
struct WrittenModel {
  std::string path;
  std::string sha256;
  std::optional<std::uint64_t> file_bytes = {};
};

// What the conversion to another precision did, and what it rested on.
struct PrecisionDone {
  PrecisionReport report;
  std::size_t inferences = 0;  // that the ranges of activations were seen in; 0: they were not measured
  std::string data;            // that were fed: "models/digits/heldout.npz", "random inputs"
};

struct OptimizationDocument {
  const ModelInfo& model;  // as it was given
  const OptimizeReport& passes;
  std::string chosen;  // "level 2"
  std::optional<WrittenModel> result;
  const PruningReport* pruning = nullptr;          // null: it was not asked for
  const QuantizationDone* quantization = nullptr;  // null: it was not asked for
  const PrecisionDone* precision = nullptr;        // null: it was not asked for
  const SensitivityDone* sensitivity = nullptr;    // null: it was not asked for
  const AccuracyDocument* accuracy = nullptr;      // of the written model against the given one; null: not measured
  const ComparisonDocument* comparison =
      nullptr;  // of the written model (B) with the given one (A); null: not measured
  const ExperimentsReport* experiments = nullptr;  // null: they were not asked for
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
