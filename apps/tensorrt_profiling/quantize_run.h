// INT8 as `optimize --precision int8` makes it: ranges, equalisation, bias correction, Q/DQ.
#pragma once

#include <optional>
#include <string>

#include "calibration_run.h"
#include "settings.h"
#include "trtprof/base/error.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/report/quantization.h"

namespace trtprof::cli {

// What --precision asks for: "int8+f16" is INT8, and f16 for what is left.
[[nodiscard]] bool wants_int8(const Settings& settings);
[[nodiscard]] std::optional<HalfType> wanted_half(const Settings& settings);

// Of the settings, with what follows from --precision.
[[nodiscard]] QuantizeOptions quantize_options(const Settings& settings);

// What quantize() needs of a model: everything but the decision which nodes stay in floating point, so that a search
// makes many models of it.
struct PreparedQuantization {
  OnnxModel model;  // equalised, in an operator set that quantises; biases as they were: done.biases has their shifts
  Calibration calibration;
  QuantizationDone done;  // without the report
};

// Of the model of `task`. Progress and warnings on standard error.
[[nodiscard]] Result<PreparedQuantization> prepare_quantization(const CalibrationTask& task);

// Fails where nothing of `model` was quantised, with the commonest reasons.
[[nodiscard]] Status check_quantized(const QuantizationReport& report, const std::string& model);

// With the biases of what is quantised corrected.
[[nodiscard]] Result<QuantizedModel> quantized(const PreparedQuantization& prepared, const QuantizeOptions& options);

}  // namespace trtprof::cli
