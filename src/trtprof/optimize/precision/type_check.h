// Do the types of a model hold together, and where is it still in f32?
#pragma once

#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/base/tensor.h"
#include "trtprof/optimize/precision/convert_precision.h"

namespace trtprof {

struct NodeTypes {
  std::string node;  // display name
  std::string op_type;
  std::string scope;                // "" in the main graph, else "loop_1/body"
  std::vector<ElementType> inputs;  // ElementType::unknown: left out, not known, or no tensor
  std::vector<ElementType> outputs;
};

// Of every node, bodies included, functions inlined.
[[nodiscard]] Result<std::vector<NodeTypes>> node_types(const OnnxModel& model);

// Called on what convert_precision() made: ONNX's checker accepts the model, ONNX's inference finds the types of every
// node's inputs allowed and equal where the operator wants them equal, no Cast undoes another, and no node outside of
// report.blocked has a f32 tensor where its schema allows the new type. One sentence for the first that does not hold.
[[nodiscard]] Status check_converted_types(const OnnxModel& model, const PrecisionReport& report);

}  // namespace trtprof
