// The weights of a BatchNormalization as they survive 16 bits.
//
// (x - mean) / sqrt(var + eps) * scale + bias loses its answer when its four weights are rounded one by one: a mean of
// many standard deviations is rounded by a part of itself, and variances of real networks reach past 65504. The same
// operator with mean 0 and variance 1 has its weights in scale and bias alone, which are as large as what they make.
#pragma once

#include <array>
#include <filesystem>
#include <optional>

#include <onnx/onnx_pb.h>

#include "trtprof/optimize/precision/typed_graph.h"

namespace trtprof::precision {

// Is it an inference with four f32 constants?
[[nodiscard]] bool has_constant_statistics(const TypedGraph& graph, const TypedNode& node);

// scale, bias, mean and variance in f32, in the order of the inputs 1 to 4, computed in f64. The epsilon stays as it
// is. nullopt: not such a node, or its weights cannot be read or do not fit each other.
[[nodiscard]] std::optional<std::array<onnx::TensorProto, 4>> unit_statistics(const TypedGraph& graph,
                                                                              const TypedNode& node,
                                                                              const std::filesystem::path& model_path);

}  // namespace trtprof::precision
