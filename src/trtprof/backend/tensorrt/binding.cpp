#include "trtprof/backend/tensorrt/binding.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "trtprof/backend/tensorrt/cuda.h"
#include "trtprof/backend/tensorrt/data_types.h"
#include "trtprof/base/text.h"

namespace trtprof::tensorrt {
namespace {

using nvinfer1::OptProfileSelector;
using Shape = std::vector<std::int64_t>;

bool is_open(const Shape& shape) {
  return std::ranges::any_of(shape, [](std::int64_t d) { return d < 0; });
}

bool within(const Shape& shape, const Shape& low, const Shape& high) {
  if (shape.size() != low.size() || shape.size() != high.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] < low[i] || shape[i] > high[i]) return false;
  }
  return true;
}

Shape profile_shape(const nvinfer1::ICudaEngine& engine, const EngineTensor& tensor, std::int32_t profile,
                    OptProfileSelector select) {
  return shape_of(engine.getProfileShape(tensor.name.c_str(), profile, select));
}

// Of an input that holds a shape: TensorRT reads its values on the host, and the profile is a range of them.
Shape profile_values(const nvinfer1::ICudaEngine& engine, const EngineTensor& tensor, std::int32_t profile,
                     OptProfileSelector select) {
  return shape_values(engine, tensor.name.c_str(), profile, select, element_count(tensor.shape).value_or(1));
}

// What a profile has a range of.
Shape profile_range(const nvinfer1::ICudaEngine& engine, const EngineTensor& tensor, std::int32_t profile,
                    OptProfileSelector select) {
  return tensor.host ? profile_values(engine, tensor, profile, select) : profile_shape(engine, tensor, profile, select);
}

// The shape a run shall have, or the values of one that holds a shape: what was asked for; else the profile's opt.
Shape wanted(const nvinfer1::ICudaEngine& engine, const EngineTensor& tensor, const BoundShapes& shapes,
             std::int32_t profile) {
  const auto asked = shapes.find(tensor.name);
  if (asked != shapes.end()) return asked->second;
  return is_open(tensor.shape) || tensor.host ? profile_range(engine, tensor, profile, OptProfileSelector::kOPT)
                                              : tensor.shape;
}

bool fits(const nvinfer1::ICudaEngine& engine, const EngineTensor& tensor, const Shape& shape, std::int32_t profile) {
  if (!is_open(tensor.shape) && !tensor.host) return shape == tensor.shape;
  return within(shape, profile_range(engine, tensor, profile, OptProfileSelector::kMIN),
                profile_range(engine, tensor, profile, OptProfileSelector::kMAX));
}

Error does_not_fit(const LoadedEngine& loaded, const EngineTensor& tensor, const Shape& shape) {
  const nvinfer1::ICudaEngine& engine = loaded.engine();
  std::vector<std::string> ranges;
  const bool ranged = is_open(tensor.shape) || tensor.host;
  for (std::int32_t p = 0; ranged && p < engine.getNbOptimizationProfiles(); ++p) {
    ranges.push_back(fmt::format("{}{} to {}", tensor.host ? "the values " : "",
                                 shape_to_string(profile_range(engine, tensor, p, OptProfileSelector::kMIN)),
                                 shape_to_string(profile_range(engine, tensor, p, OptProfileSelector::kMAX))));
  }
  if (ranges.empty()) ranges.push_back(shape_to_string(tensor.shape));
  return {ErrorCode::usage,
          fmt::format("input '{}' of {} takes {}, not {}", printable(tensor.name), loaded.file(),
                      fmt::join(ranges, " or "), shape_to_string(shape)),
          ranged ? "Give a shape in that range, or build an engine for this one."
                 : "The engine was built for this shape alone."};
}

// Of all inputs together.
Result<std::int32_t> choose_profile(const LoadedEngine& loaded, const BoundShapes& shapes) {
  const nvinfer1::ICudaEngine& engine = loaded.engine();
  std::optional<Error> reason;
  for (std::int32_t profile = 0; profile < std::max(1, engine.getNbOptimizationProfiles()); ++profile) {
    bool all = true;
    for (const EngineTensor& tensor : loaded.tensors()) {
      if (!tensor.input) continue;
      const Shape shape = wanted(engine, tensor, shapes, profile);
      if (fits(engine, tensor, shape, profile)) continue;
      all = false;
      if (!reason) reason = does_not_fit(loaded, tensor, shape);
      break;
    }
    if (all) return profile;
  }
  return tl::unexpected<Error>(std::move(*reason));
}

Status check_names(const LoadedEngine& loaded, const BoundShapes& shapes) {
  std::vector<std::string> names;
  for (const EngineTensor& tensor : loaded.tensors()) {
    if (tensor.input) names.push_back(tensor.name);
  }
  for (const auto& [name, shape] : shapes) {
    if (std::ranges::find(names, name) != names.end()) continue;
    return usage_error(fmt::format("{} has no input '{}'", loaded.file(), printable(name)),
                       printable(fmt::format("Inputs: {}", fmt::join(names, ", "))));
  }
  return {};
}

// Bytes that TensorRT writes: in a vectorised format one dimension is padded to a multiple of the vector's length.
std::size_t bytes_of(const nvinfer1::ICudaEngine& engine, const EngineTensor& tensor, Shape shape,
                     std::int32_t profile) {
  const char* name = tensor.name.c_str();
  const std::int32_t dimension = engine.getTensorVectorizedDim(name, profile);
  const std::int32_t components = engine.getTensorComponentsPerElement(name, profile);
  if (dimension >= 0 && components > 1 && static_cast<std::size_t>(dimension) < shape.size()) {
    std::int64_t& d = shape[static_cast<std::size_t>(dimension)];
    d = (d + components - 1) / components * components;
  }
  return (element_count(shape).value_or(0) * bits_of_type(tensor.type) + 7) / 8;
}

// TensorRT reads 32-bit values from the start of the buffer.
void narrow_in_place(std::vector<std::int64_t>& values) {
  const std::vector<std::int32_t> narrow(values.begin(), values.end());
  std::memcpy(values.data(), narrow.data(), narrow.size() * sizeof(std::int32_t));
}

}  // namespace

Result<std::vector<Binding>> bind_engine(LoadedEngine& loaded, nvinfer1::IExecutionContext& context,
                                         const BoundShapes& shapes, cudaStream_t stream,
                                         std::vector<std::vector<std::int64_t>>& shape_tensor_values) {
  if (const Status known = check_names(loaded, shapes); !known) return forward_error(known);
  const nvinfer1::ICudaEngine& engine = loaded.engine();
  const auto profile = choose_profile(loaded, shapes);
  if (!profile) return forward_error(profile);
  if (!context.setOptimizationProfileAsync(*profile, stream)) {
    return fail(fmt::format("{}: optimisation profile {} cannot be used: {}", loaded.file(), *profile,
                            loaded.logger().take_error()));
  }
  if (const Status waited = cuda_check(cudaStreamSynchronize(stream), "cudaStreamSynchronize"); !waited) {
    return forward_error(waited);
  }
  for (const EngineTensor& tensor : loaded.tensors()) {
    if (!tensor.input) continue;
    const Shape shape = wanted(engine, tensor, shapes, *profile);
    if (is_open(tensor.shape) && !context.setInputShape(tensor.name.c_str(), dims_of(shape))) {
      return fail(fmt::format("{}: input '{}' cannot be {}: {}", loaded.file(), printable(tensor.name),
                              shape_to_string(shape), loaded.logger().take_error()));
    }
    if (!tensor.host) continue;
    auto& values = shape_tensor_values.emplace_back(shape);
    values.resize(std::max<std::size_t>(values.size(), 1));
    if (tensor.type == nvinfer1::DataType::kINT32) narrow_in_place(values);
    context.setInputTensorAddress(tensor.name.c_str(), values.data());
  }
  if (context.inferShapes(0, nullptr) > 0) {
    return fail(fmt::format("{}: the shapes of the outputs are not determined: {}", loaded.file(),
                            loaded.logger().take_error()));
  }
  std::vector<Binding> bindings;
  for (const EngineTensor& tensor : loaded.tensors()) {
    Binding binding{tensor.name, tensor.input, tensor.host, false, tensor.type, {}, tensor.layout, 0};
    binding.shape = shape_of(context.getTensorShape(tensor.name.c_str()));
    binding.data_dependent = !tensor.input && is_open(binding.shape);
    const auto most = binding.data_dependent ? context.getMaxOutputSize(tensor.name.c_str()) : 0;
    binding.bytes = binding.data_dependent ? static_cast<std::size_t>(std::max<std::int64_t>(most, 0))
                                           : bytes_of(engine, tensor, binding.shape, *profile);
    bindings.push_back(std::move(binding));
  }
  return bindings;
}

TensorDesc describe(const Binding& binding) {
  TensorDesc desc;
  desc.name = binding.name;
  desc.element_type = type_name(binding.type);
  desc.shape = binding.shape;
  desc.layout = binding.layout;
  if (!binding.data_dependent) desc.bytes = binding.bytes;
  return desc;
}

}  // namespace trtprof::tensorrt
