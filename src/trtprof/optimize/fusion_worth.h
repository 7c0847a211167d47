// What each fusion that an engine performs is worth, measured: it is prevented by reading from the tensor between the
// two sides (model/taps.h), and the model is timed against itself. The reading costs time of its own, so a control
// reads from as many tensors that the fused layers write anyway: worth = prevented - control.
//
// Called by `fusion MODEL`. docs/fusion.md tells what the figures mean.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "trtprof/backend/backend.h"
#include "trtprof/base/error.h"
#include "trtprof/measure/measure.h"
#include "trtprof/measure/remarks.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/optimize/fusion_worth_report.h"

namespace trtprof {

// How models are compiled and fed, the original and its variants alike.
struct FusionTrialSetup {
  Backend& backend;
  CompileOptions compile;                // layer_timing is set by the trial
  std::map<std::string, Tensor> inputs;  // given ones; the rest is random
  std::uint64_t seed = 1;
  // Called once for each model, before it is compiled: backends that run engines have it built here and put it into
  // ModelSource::engine. Empty: nothing to do.
  std::function<Status(ModelSource&)> prepare = {};
  double seconds = 8.0;  // that a measurement may take, about
  MeasureContext& context;
};

struct FusionWorthRequest {
  FusionTrialSetup setup;
  bool per_instance = false;  // measure each instance by itself too
  ModelInfo info = {};        // from OnnxModel::info()
  Environment environment = {};
  Remarks machine = {};
};

// Interrupted: what there is, with `partial` set; an error only before anything is compiled. An engine that refuses a
// variant ends that kind with a note.
[[nodiscard]] Result<FusionWorthReport> measure_fusion_worth(OnnxModel model, const FusionWorthRequest& request);

}  // namespace trtprof
