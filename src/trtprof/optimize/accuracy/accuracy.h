// A model against a reference on the same samples: how far each output is away, and how often each is right.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/backend/backend.h"
#include "trtprof/base/progress.h"
#include "trtprof/base/stop_flag.h"
#include "trtprof/optimize/accuracy/data_set.h"
#include "trtprof/optimize/accuracy/output_error.h"
#include "trtprof/optimize/accuracy/proportions.h"

namespace trtprof {

struct AccuracyOptions {
  int class_axis = -1;            // of outputs of class scores
  std::string label_output = {};  // whose first class the labels name; "": the first that has a row for each sample
};

// How often a model's first class, or one of its first five, is the label.
struct LabelScore {
  std::uint64_t top1 = 0;
  std::optional<std::uint64_t> top5;  // nullopt: five classes or fewer
};

struct LabelAccuracy {
  std::string output;
  std::uint64_t samples = 0;
  LabelScore reference;
  LabelScore other;
  PairedCounts top1 = {};  // first: the reference
};

struct AccuracyResult {
  std::uint64_t samples = 0;
  bool random_data = false;
  std::vector<OutputError> outputs;  // in the reference's order
  std::optional<LabelAccuracy> labels;
  std::vector<std::string> warnings;  // a sentence each
  bool partial = false;               // the user stopped it
};

// Outputs are matched by name, else by place where both have as many. Both models are compiled for the same batch.
// Fails where the models have different inputs or outputs, and when a run fails.
[[nodiscard]] Result<AccuracyResult> measure_accuracy(CompiledModel& reference, CompiledModel& other,
                                                      const DataSet& data, const AccuracyOptions& options,
                                                      Progress& progress, const StopFlag& stop);

struct AccuracyGates {
  std::optional<double> min_agreement;    // share of rows whose first class is the reference's, 0 to 1, of every output
  std::optional<double> max_drop_points;  // of top-1 accuracy, in points of percent
};

struct GateVerdict {
  bool passed = true;
  std::vector<std::string> failures;  // a sentence each
  std::vector<std::string> doubts;    // passed, but the samples are too few to be sure: a sentence each
};

// ErrorCode::usage when a gate asks for what the result does not have: no class scores, no labels.
[[nodiscard]] Result<GateVerdict> judge(const AccuracyResult& result, const AccuracyGates& gates);

}  // namespace trtprof
