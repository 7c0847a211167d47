// The file that a calibration is kept in, and whether it is one for the model at hand.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/optimize/calibrate/calibration.h"

namespace trtprof {

// What a calibration is wanted to be. Missing: whatever it is.
struct WantedCalibration {
  std::string model_sha256;  // as sha256_of_model()
  std::optional<CalibrationMethod> method = {};
  std::optional<double> percentile = {};
  bool unsigned_activations = false;
  std::vector<std::string> values = {};
  bool force = false;  // the values count by name, whatever model and method the file names
};

struct CachedCalibration {
  Calibration calibration;
  std::vector<std::string> missing;  // of the wanted values
  bool from_tensorrt = false;        // its text, which does not name the model
};

// JSON or TensorRT's text, told by content. Fails, with the reason, for a file that is neither, that is malformed, or
// of another model or method, and for one of TensorRT that has none of the wanted values. A file of this program that
// has not all of them is returned: it is of other options, and to be made anew.
[[nodiscard]] Result<CachedCalibration> read_calibration_cache(const std::filesystem::path& path,
                                                               const WantedCalibration& wanted);
[[nodiscard]] Status write_calibration_cache(const std::filesystem::path& path, const Calibration& calibration);

}  // namespace trtprof
