// One trial: the fusions of some pairs are prevented, all at once, and the model is timed against itself.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "trtprof/backend/backend.h"
#include "trtprof/cost/fusion_pairs.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/model/shape_inference.h"
#include "trtprof/optimize/effect.h"
#include "trtprof/optimize/fusion_worth.h"

namespace trtprof {

// The model as it is, compiled for end-to-end and for layer times; held through all trials.
struct Original {
  OnnxModel model;
  InferredShapes inferred;
  TensorTable tensors;
  ModelSource source;
  std::unique_ptr<CompiledModel> end_to_end = nullptr;
  std::unique_ptr<CompiledModel> layered = nullptr;
  std::vector<Layer> layers = {};  // after the first inference
};

[[nodiscard]] Status compile_original(Original& original, const FusionTrialSetup& setup);

enum class TrialOutcome {
  measured,
  not_prevented,  // the engine fuses although the tensor is read from outside
  retyped,        // prevented, but the head computes in another type then
  no_control,     // nothing that is written anyway to read from, or reading from it changed the layer
  interrupted,    // by the user
};

struct TrialResult {
  // By pair, as given: `measured` for those that the effects are of.
  std::vector<TrialOutcome> outcomes;
  // Of all measured pairs together; nullopt where none is, and where the user stopped it.
  std::optional<Effect> worth;           // prevented - control
  std::optional<Effect> barrier;         // control - original: what reading from the tensors costs
  std::optional<Effect> layers;          // of the layers that run the pairs' nodes, prevented - original
  std::optional<double> original;        // median seconds of the original in the same rounds
  std::size_t other_layers_changed = 0;  // of the original's layers beside the pairs', those that the prevented model
                                         // does not have
};

// `pairs`: fused in the original.
[[nodiscard]] Result<TrialResult> run_trial(Original& original, const std::vector<const FusionPair*>& pairs,
                                            const FusionTrialSetup& setup);

}  // namespace trtprof
