// Calibration as the user asked for it: data, progress, warnings, and the cache.
#pragma once

#include <optional>
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

// The three report progress and warnings on standard error; warnings are in the calibration, too.

struct KeptCalibration {
  Calibration calibration;
  bool from_tensorrt = false;  // its own cache: thresholds alone
};
// What --calibration-cache holds of `values`; nullopt: there is none, or it lacks values and is to be made anew. One of
// TensorRT may lack values. `unsigned_activations` as in QuantizeOptions.
[[nodiscard]] Result<std::optional<KeptCalibration>> kept_calibration(const CalibrationTask& task,
                                                                      std::span<const std::string> values,
                                                                      bool unsigned_activations);
[[nodiscard]] Result<Calibration> calibrated_anew(const CalibrationTask& task, std::span<const std::string> values,
                                                  bool unsigned_activations);
// Writes --calibration-cache, if there is one and the data was no noise.
[[nodiscard]] Status keep_calibration(const CalibrationTask& task, const Calibration& calibration);

}  // namespace trtprof::cli
