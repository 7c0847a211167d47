// An input or output of the engine at the shapes of one run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trtprof/backend/backend.h"
#include "trtprof/backend/tensorrt/loaded_engine.h"

namespace trtprof::tensorrt {

struct Binding {
  std::string name;
  bool input = false;
  bool host = false;
  bool data_dependent = false;  // an output whose shape only the run tells; `bytes` is then the most it can take
  nvinfer1::DataType type = nvinfer1::DataType::kFLOAT;
  std::vector<std::int64_t> shape;
  std::string layout;
  std::size_t bytes = 0;  // as laid out, padding of vectorised formats counted in
};

// Chooses the first optimisation profile that holds `shapes`, sets it, every input's shape and the values of shape
// tensors (`shapes` has these; else they are the profile's opt), and works out the outputs. ErrorCode::usage for a
// shape that the engine does not take, with those it takes.
[[nodiscard]] Result<std::vector<Binding>> bind_engine(LoadedEngine& engine, nvinfer1::IExecutionContext& context,
                                                       const BoundShapes& shapes, cudaStream_t stream,
                                                       std::vector<std::vector<std::int64_t>>& shape_tensor_values);

[[nodiscard]] TensorDesc describe(const Binding& binding);

}  // namespace trtprof::tensorrt
