// Calibration as the user asked for it: data, progress, warnings, and the cache. Called by each stage that makes INT8.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data_feed.h"
#include "settings.h"
#include "trtprof/backend/backend.h"
#include "trtprof/base/error.h"
#include "trtprof/model/graph.h"
#include "trtprof/optimize/calibrate/calibration.h"

namespace trtprof::cli {

struct CalibrationTask {
  const Settings& settings;  // of an `optimize` command line
  Backend& backend;
  const OnnxModel& model;
  const BoundShapes& shapes;  // of every input
  const DataFeed& feed;
};

// Of `values`. Progress and warnings on standard error; the warnings are in the result, too. --calibration-cache is
// read where it is there and fits, and written where it is not there or lacks values; one of TensorRT is never written,
// and may lack values. `unsigned_activations` as in QuantizeOptions.
[[nodiscard]] Result<Calibration> calibration_of(const CalibrationTask& task, std::span<const std::string> values,
                                                 bool unsigned_activations = false);

}  // namespace trtprof::cli
