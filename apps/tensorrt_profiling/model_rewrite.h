// What `optimize` does to a model, until it is written and its accuracy is known: for `optimize`, and for each
// candidate of its loop.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "accuracy_run.h"
#include "settings.h"
#include "trtprof/base/error.h"
#include "trtprof/optimize/pruning/prune_2_4.h"
#include "trtprof/report/optimization.h"
#include "trtprof/report/sensitivity_report.h"

namespace trtprof::cli {

struct ModelRewrite {
  ModelInfo given;  // of the model before anything was done to it
  OptimizeReport passes = {};
  std::optional<QuantizationDone> quantization = {};
  std::optional<PruningReport> pruning = {};
  std::optional<PrecisionDone> precision = {};
  std::optional<SensitivityDone> sensitivity = {};
  std::optional<WrittenModel> result = {};   // nullopt: nothing is to be written, or not to a file
  std::optional<AccuracyRun> accuracy = {};  // of the result with the given model as reference
  BoundShapes shapes = {};                   // that the data said and the settings do not; empty: the settings do
  // What ended it early, although what is known by then is worth a report.
  std::optional<Error> failure = {};
};

// `settings` are those of an `optimize` command line. Warnings go to standard error. A wish that cannot be granted
// (gates without anything to judge them by) is told before any work.
[[nodiscard]] Result<ModelRewrite> rewrite_model(const Settings& settings);

// A command line of another command about what was written: `arguments` (command and operands) and the options of
// `settings` that it takes, too, but for those of the conversion.
[[nodiscard]] Result<Settings> settings_of_command(const Settings& settings, std::vector<std::string> arguments);

}  // namespace trtprof::cli
