// A model against a reference on data, from beginning to end: for `accuracy`, and for commands that end in it.
#pragma once

#include <optional>
#include <vector>

#include "settings.h"
#include "trtprof/base/error.h"
#include "trtprof/model/graph.h"
#include "trtprof/optimize/accuracy/accuracy.h"
#include "trtprof/report/accuracy_report.h"

namespace trtprof::cli {

struct AccuracyRun {
  AccuracyResult result;
  AccuracyGates gates;
  GateVerdict verdict;  // of no gate: passed
  AccuracySide model;
  AccuracySide reference;
  AccuracyData data;
  [[nodiscard]] AccuracyDocument document() const { return {result, gates, verdict, model, reference, data}; }
};

struct AccuracyRunOptions {
  bool may_be_same = false;  // the model may be the reference byte for byte, which passes every gate
};

// `settings` are those of an `accuracy` command line. Progress on standard error.
[[nodiscard]] Result<AccuracyRun> measure_accuracy_of(const Settings& settings, const AccuracyRunOptions& options = {});

// ErrorCode::usage where --max-drop is asked for and the data has no labels to judge it by: before anything is run.
[[nodiscard]] Status check_gates(const Settings& settings, const std::optional<DataSet>& data);

// The data that --data names, --samples of it.
[[nodiscard]] Result<DataSet> load_data(const Settings& settings, const std::vector<ValueInfo>& inputs);

// Open dimensions get those of a sample, with as many samples at once as is asked for.
void fit_shapes(ShapeRequest& request, const std::vector<ValueInfo>& inputs, const DataSet& data);

}  // namespace trtprof::cli
