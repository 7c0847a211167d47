// The last stage of `optimize`: how near what it made is to the model that was given, and whether its gates hold.
#pragma once

#include <optional>

#include "accuracy_run.h"
#include "settings.h"
#include "trtprof/base/error.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/report/optimization.h"

namespace trtprof::cli {

// --max-drop or --min-agreement was given: then the result is judged, whatever else is left out.
[[nodiscard]] bool has_gates(const Settings& settings);

struct RewriteToMeasure {
  const Settings& settings;                    // of an `optimize` command line
  const OnnxModel& model;                      // the result
  const std::optional<WrittenModel>& written;  // nullopt: a temporary file is, for as long as it takes
  const BoundShapes& shapes;                   // that the settings do not tell; empty: they do
};

[[nodiscard]] Result<AccuracyRun> measure_rewrite(const RewriteToMeasure& result);

}  // namespace trtprof::cli
