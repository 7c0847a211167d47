// A model from which values that it computes on the way are read: an engine must then write them to memory, whatever it
// would have fused what makes such a value with what reads it. How experiments prevent a fusion.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/model/graph.h"
#include "trtprof/model/onnx_model.h"

namespace trtprof {

struct TappedModel {
  std::filesystem::path path;
  Graph graph;  // the taps' nodes too
};

// Writes a copy of the model to `folder`/model.onnx, where external data is linked or copied to. The first element of
// each tensor goes through Slice and Concat into a MatMul, whose one number is a further output ("trtprof_tap"). The
// tensors themselves are no outputs, because that costs far more than the fusion that is looked for: engines convert
// outputs as a whole to the type and layout that the caller sees. Nor are the elements: engines keep what leads to an
// output, up to the next matrix product, in the model's own types (OpenVINO), so that a convolution would write
// another type than it does without the tap. A tensor that is named again gives its next element.
//
// `values` tells types and ranks (shape inference). `model` is the same afterwards. Fails for a tensor that no node of
// the main graph makes, that is not floating point, of
// rank 0, not known, or named more often than it has elements along its longest dimension; and for a model before
// opset 10.
[[nodiscard]] Result<TappedModel> write_with_taps(OnnxModel& model, const std::vector<std::string>& tensors,
                                                  const std::vector<ValueInfo>& values,
                                                  const std::filesystem::path& folder);

}  // namespace trtprof
