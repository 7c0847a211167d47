#include "trtprof/cost/layer_costs.h"

#include <algorithm>
#include <string>
#include <utility>

#include "trtprof/base/tensor.h"
#include "trtprof/cost/layer_facts.h"
#include "trtprof/cost/openvino_facts.h"

namespace trtprof {
namespace {

// What may read less than it is given.
bool picks(LayerClass layer_class) {
  switch (layer_class) {
    case LayerClass::gather:
    case LayerClass::slice:
    case LayerClass::pad:
    case LayerClass::resize:
    case LayerClass::topk:
    case LayerClass::control_flow:
      return true;
    default:
      return false;
  }
}

// Computes nothing that its tensors do not tell, and may be none at all.
bool only_renames(const Layer& layer) {
  return layer.engine_type == "NoOp" || layer.engine_type == "shape_call" ||
         layer.layer_class == LayerClass::constant || layer.layer_class == LayerClass::input_output;
}

// The operator that a layer is when nothing is known but its class and tensors.
LayerFacts facts_from_tensors(const Layer& layer) {
  LayerFacts facts = tensors_of(layer);
  if (only_renames(layer)) {
    facts.operators = {whole_layer_as(facts, "Identity", "", layer.layer_class)};
  } else if (layer.layer_class == LayerClass::reformat || layer.layer_class == LayerClass::cast) {
    facts.operators = {whole_layer_as(facts, "Cast", "", layer.layer_class)};
  } else {
    facts.operators = {whole_layer_as(facts, layer.engine_type, kEngineDomain, layer.layer_class)};
  }
  return facts;
}

LayerCost cost_from_tensors(const Layer& layer) {
  const bool picking = picks(layer.layer_class) || std::ranges::any_of(layer.origin_nodes, [](const OriginNode& node) {
                         return picks(class_of_onnx_op(node.op_type));
                       });
  if (picking || (layer.inputs.empty() && layer.outputs.empty())) return {};
  return {cost_of(facts_from_tensors(layer)), CostBasis::tensors};
}

// Weights of TensorRT's own convolutions are not among the inputs that it lists; those of Myelin's kernels are.
bool lists_its_weights(const Layer& layer) {
  return !layer.engine_type.starts_with("Cask");
}

// Stored in the layer's precision where that is narrower than the model's.
void take_weights_as_run(const Layer& layer, std::vector<OperatorFacts>& operators) {
  const auto precision = element_type_from_string(layer.precision);
  for (OperatorFacts& facts : operators) {
    for (auto& tensor : facts.inputs) {
      if (!tensor || !tensor->constant) continue;
      if (lists_its_weights(layer)) {
        tensor->constant = false;
      } else if (precision && is_float(tensor->type) && bits_of(*precision) < bits_of(tensor->type)) {
        tensor->type = *precision;
      }
    }
  }
}

LayerCost cost_from_model(const Layer& layer, const OnnxOperators& model, const NodeClaims& claims) {
  OriginOperators origin = operators_of(layer, model, claims);
  if (!origin.whole) return cost_from_tensors(layer);
  drop_folded_normalizations(origin.operators);
  take_weights_as_run(layer, origin.operators);
  LayerFacts facts = tensors_of(layer);
  facts.operators = std::move(origin.operators);
  return {cost_of(facts), CostBasis::model};
}

LayerCost stored_cost(const LayerWork& work) {
  LayerCost cost{{}, CostBasis::model};
  cost.cost.macs = work.macs;
  cost.cost.flops = work.flops;
  cost.cost.bytes_read = work.bytes_read;
  cost.cost.bytes_written = work.bytes_written;
  return cost;
}

}  // namespace

std::vector<LayerCost> layer_costs(const Profile& profile, const OnnxOperators* model) {
  std::vector<LayerCost> costs;
  if (!profile.layer_run) return costs;
  const std::vector<Layer>& layers = profile.layer_run->layers;
  costs.reserve(layers.size());
  if (model != nullptr && profile.environment.backend == "openvino") {
    for (const LayerFacts& facts : openvino_layers(layers, *model)) costs.push_back({cost_of(facts), CostBasis::model});
    return costs;
  }
  const NodeClaims claims = claims_of(layers);
  for (const Layer& layer : layers) {
    if (model == nullptr && layer.work) {
      costs.push_back(stored_cost(*layer.work));
    } else {
      costs.push_back(model != nullptr ? cost_from_model(layer, *model, claims) : cost_from_tensors(layer));
    }
  }
  return costs;
}

void store_work(Profile& profile, const OnnxOperators& model) {
  const std::vector<LayerCost> costs = layer_costs(profile, &model);
  for (std::size_t i = 0; i < costs.size(); ++i) {
    const Cost& cost = costs[i].cost;
    if (costs[i].basis != CostBasis::model) continue;
    profile.layer_run->layers[i].work = LayerWork{cost.macs, cost.flops, cost.bytes_read, cost.bytes_written};
  }
}

}  // namespace trtprof
