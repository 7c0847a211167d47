// What facts of layers are made of, whatever engine they are of. Private to cost/.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "trtprof/cost/cost.h"
#include "trtprof/cost/onnx_facts.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

[[nodiscard]] TensorFacts facts_of(const TensorDesc& tensor);
// The tensors that it reads and writes, and no operators.
[[nodiscard]] LayerFacts tensors_of(const Layer& layer);
// One operator that reads and writes what the layer does.
[[nodiscard]] OperatorFacts whole_layer_as(const LayerFacts& layer, std::string op_type, std::string domain,
                                           LayerClass layer_class);

[[nodiscard]] bool is_float(ElementType type);

// How many layers name each ONNX node. How the arithmetic of a node is spread over several layers is not told.
using NodeClaims = std::map<std::string, int>;
[[nodiscard]] NodeClaims claims_of(const std::vector<Layer>& layers);

struct OriginOperators {
  std::vector<OperatorFacts> operators;  // those of the layer's origin nodes that the model has
  bool whole = false;                    // they are the layer: all were found, and no other layer names one of them
};
[[nodiscard]] OriginOperators operators_of(const Layer& layer, const OnnxOperators& model, const NodeClaims& claims);

// A batch normalisation beside a convolution or a matrix product is in its weights and computes nothing.
void drop_folded_normalizations(std::vector<OperatorFacts>& operators);

}  // namespace trtprof
