// A calibration as a readable file: JSON, docs/calibration.schema.json.
#pragma once

#include <string>
#include <string_view>

#include "trtprof/base/error.h"
#include "trtprof/optimize/calibrate/calibration.h"

namespace trtprof {

inline constexpr std::string_view kCalibrationSchemaName = "trtprof-calibration";
inline constexpr int kCalibrationSchemaMajor = 1;
inline constexpr int kCalibrationSchemaMinor = 0;

[[nodiscard]] std::string calibration_to_json(const Calibration& calibration);
// `source` names the text in errors. Fails for what is no calibration, another major version, a field that is missing
// or of another type, and for numbers that cannot be: a negative threshold, a largest below the smallest.
[[nodiscard]] Result<Calibration> calibration_from_json(std::string_view text, std::string_view source);

}  // namespace trtprof
