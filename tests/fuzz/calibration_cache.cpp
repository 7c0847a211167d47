// Calibrations as files: this program's JSON and TensorRT's text.
#include "trtprof/optimize/calibrate/calibration_cache.h"

#include <cmath>

#include "fuzz/fuzz_target.h"
#include "trtprof/optimize/calibrate/calibration_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trtprof;
  WantedCalibration wanted;
  wanted.force = true;
  const auto cached = read_calibration_cache(fuzz::as_file(fuzz::as_text(data, size)), wanted);
  if (!fuzz::read(cached)) return 0;
  for (const auto& [name, value] : cached->calibration.values) {
    fuzz::require(std::isfinite(value.threshold) && value.threshold >= 0.0, "a threshold is a number from 0 on");
    fuzz::require(value.min <= value.max, "the smallest is no more than the largest");
  }
  const std::string written = calibration_to_json(cached->calibration);
  const auto again = calibration_from_json(written, "written.json");
  fuzz::require(again.has_value(), "what was written can be read");
  fuzz::require(calibration_to_json(*again) == written, "a calibration that was read and written stays as it is");
  return 0;
}
