// Which layers a conversion costs accuracy in, and which are to be left out of it: for the stages of `optimize` that
// convert.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "quantize_run.h"
#include "settings.h"
#include "trtprof/backend/backend.h"
#include "trtprof/base/error.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/optimize/accuracy/data_set.h"
#include "trtprof/optimize/precision/convert_precision.h"
#include "trtprof/optimize/sensitivity/sensitivity.h"
#include "trtprof/report/sensitivity_report.h"

namespace trtprof::cli {

// --sensitivity or --auto-keep was given.
[[nodiscard]] bool wants_sensitivity(const Settings& settings);

struct SensitivityInput {
  const Settings& settings;
  Backend* backend = nullptr;          // that runs the reference and the trials; null: there is none, which is an error
  const OnnxModel& model;              // before it is converted
  const BoundShapes& shapes;           // of every input
  const std::optional<DataSet>& data;  // nullopt: random samples
};

// Warnings and progress on standard error.
[[nodiscard]] Result<SensitivityDone> find_sensitive(const SensitivityInput& input, std::vector<PrecisionGroup> groups,
                                                     const MakeModel& make);

// Of convert_precision() with these options; what is to be left out comes to their blocked_nodes.
[[nodiscard]] Result<SensitivityDone> find_sensitive(const SensitivityInput& input, PrecisionOptions& options);

// Of quantize() of what was prepared, with these options; what is to be left out comes to their keep_nodes.
[[nodiscard]] Result<SensitivityDone> find_sensitive(const SensitivityInput& input,
                                                     const PreparedQuantization& prepared, QuantizeOptions& options);

}  // namespace trtprof::cli
