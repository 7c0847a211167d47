// What each layer of a profile must cost, from whatever is at hand: the ONNX model, or the profile's own tensors.
#pragma once

#include <vector>

#include "trtprof/cost/cost.h"
#include "trtprof/cost/onnx_facts.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

enum class CostBasis {
  model,    // the nodes that the layer came from, now or when it was measured (Layer::work)
  tensors,  // the tensors that the profile lists: bytes at the least, weights left out where the engine leaves them
            // out, and arithmetic unknown but for layers that do none
  none,
};

struct LayerCost {
  Cost cost;
  CostBasis basis = CostBasis::none;
};

// One for each layer of the layer run; `model` may be null, and is asked before what the profile has stored. A node
// that several layers name makes their arithmetic unknown. Layers that may read only a part of what they are given
// (Gather, Slice, ...) have no cost without a model.
[[nodiscard]] std::vector<LayerCost> layer_costs(const Profile& profile, const OnnxOperators* model);

// Stores in each layer what the model tells of it; layers that it tells nothing of keep what they have.
void store_work(Profile& profile, const OnnxOperators& model);

}  // namespace trtprof
