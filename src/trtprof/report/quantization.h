// What became of a model in INT8, and what it rests on: a part of the report of `optimize`.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/optimize/calibrate/bias_correction.h"
#include "trtprof/optimize/calibrate/calibration.h"
#include "trtprof/optimize/calibrate/equalize.h"
#include "trtprof/optimize/calibrate/quantize.h"

namespace trtprof {

struct OptimizationTextOptions;
class JsonWriter;

struct QuantizationDone {
  QuantizationReport report = {};
  Calibration calibration = {};
  std::optional<Equalization> equalization = {};  // nullopt: it was not asked for
  std::optional<BiasCorrection> biases = {};
  std::vector<std::string> notes = {};  // a sentence each
};

// A heading, what quantised, and what stays in floating point with the reasons; each node of it where options.explain.
void write_quantization_text(std::ostream& out, const QuantizationDone& done, const OptimizationTextOptions& options);

}  // namespace trtprof
