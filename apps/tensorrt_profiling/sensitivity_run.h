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

// ErrorCode::usage where a search was asked for and no gate to search for.
[[nodiscard]] Status check_sensitivity(const Settings& settings);

struct SensitivityInput {
  const Settings& settings;
  Backend* backend = nullptr;          // that runs the reference and the trials; null: there is none, which is an error
  const OnnxModel& model;              // before it is converted
  const BoundShapes& shapes;           // of every input
  const std::optional<DataSet>& data;  // nullopt: random samples
  bool pruned = false;                 // the model is far from the given one already
};

// The reference is the model as it was given, which the gates of the result are judged against, too. Of a pruned one
// each group alone is compared with the model as it is before the conversion: what pruning lost would hide what a group
// loses. Warnings and progress on standard error.
[[nodiscard]] Result<SensitivityDone> find_sensitive(const SensitivityInput& input, std::vector<PrecisionGroup> groups,
                                                     const MakeModel& make);

// Of convert_precision() with these options; what is to be left out comes to their blocked_nodes.
[[nodiscard]] Result<SensitivityDone> find_sensitive(const SensitivityInput& input, PrecisionOptions& options);

// Of quantize() of what was prepared, with these options; what is to be left out comes to their keep_nodes. `half`:
// what is not quantised is converted then, as it will be in the end, with ranges of the prepared model.
[[nodiscard]] Result<SensitivityDone> find_sensitive(const SensitivityInput& input,
                                                     const PreparedQuantization& prepared, QuantizeOptions& options,
                                                     const std::optional<PrecisionOptions>& half);

// Why a search left nothing to convert (SensitivityReport::leaves_nothing()).
[[nodiscard]] Error nothing_left(const SensitivityDone& done);

}  // namespace trtprof::cli
