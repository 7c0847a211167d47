#include "trtprof/import/onnxruntime_nodes.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "trtprof/profile/kernel_name.h"

namespace trtprof {
namespace {

using nlohmann::json;

// Providers whose kernels run on a GPU, and those that compile a part of the model into one node.
constexpr auto kGpuProviders = std::to_array<std::string_view>(
    {"CUDAExecutionProvider", "TensorrtExecutionProvider", "NvTensorRTRTXExecutionProvider", "ROCMExecutionProvider",
     "MIGraphXExecutionProvider", "DmlExecutionProvider", "WebGpuExecutionProvider"});
constexpr auto kKernelProviders = std::to_array<std::string_view>(
    {"", "CPUExecutionProvider", "CUDAExecutionProvider", "ROCMExecutionProvider", "DmlExecutionProvider",
     "WebGpuExecutionProvider", "JsExecutionProvider", "XnnpackExecutionProvider", "DnnlExecutionProvider"});

template <class List>
bool holds(const List& list, std::string_view text) {
  return std::ranges::find(list, text) != list.end();
}

// [{"float":[1,3,48,192]},{"float":[16,3,3,3]}]
std::vector<TensorDesc> tensors_of(const json& args, const char* key) {
  std::vector<TensorDesc> tensors;
  const auto list = args.find(key);
  if (list == args.end() || !list->is_array()) return tensors;
  for (const json& element : *list) {
    TensorDesc& tensor = tensors.emplace_back();
    if (!element.is_object() || element.size() != 1) continue;  // an input that is left out
    tensor.element_type = element_type_of(element.begin().key());
    tensor.shape = dimensions(element.begin().value()).value_or(std::vector<std::int64_t>{});
  }
  return tensors;
}

LayerClass class_of(const Layer& layer, const std::string& provider, bool constant_weights) {
  const LayerClass found = class_of_onnx_op(layer.engine_type);
  if (found == LayerClass::other && !holds(kKernelProviders, provider)) return LayerClass::opaque;
  if (found == LayerClass::convolution && is_depthwise_convolution(layer.inputs))
    return LayerClass::depthwise_convolution;
  return found == LayerClass::matmul && constant_weights ? LayerClass::fully_connected : found;
}

// Nodes that ONNX Runtime puts in have names that it makes: no node of the model is called so.
bool made_by_runtime(std::string_view name, std::string_view op) {
  constexpr auto own =
      std::to_array<std::string_view>({"ReorderInput", "ReorderOutput", "MemcpyFromHost", "MemcpyToHost"});
  return holds(own, op) || name.find("_token_") != std::string_view::npos || name.ends_with("_nchwc") ||
         name.starts_with("InsertedPrecisionFreeCast_") || name.starts_with("InsertedCast_");
}

std::optional<int> threads_of(const json& args) {
  const auto stats = args.find("thread_scheduling_stats");
  if (stats == args.end() || !stats->is_object()) return std::nullopt;
  const auto others = stats->find("sub_threads");
  if (others == stats->end() || !others->is_object()) return std::nullopt;
  return static_cast<int>(others->size()) + 1;
}

}  // namespace

std::uint32_t OnnxRuntimeNodes::index(std::string_view name, const json& args) {
  std::string key(name);
  for (const char* part : {"node_index", "graph_index", "op_name", "provider"}) key += '\n' + member_text(args, part);
  const auto [entry, added] = indices_.try_emplace(std::move(key), static_cast<std::uint32_t>(layers_.size()));
  const std::uint32_t index = entry->second;
  if (!added) {
    other_shapes_[index] = other_shapes_[index] || tensors_of(args, "output_type_shape") != layers_[index].outputs;
    return index;
  }
  layers_.push_back(layer_of(name, args));
  other_shapes_.push_back(false);
  if (!threads_) threads_ = threads_of(args);
  return index;
}

Layer OnnxRuntimeNodes::layer_of(std::string_view name, const json& args) {
  const std::string provider = member_text(args, "provider");
  Layer layer;
  layer.engine_type = member_text(args, "op_name");
  layer.name = name.empty() ? layer.engine_type : std::string(name);
  layer.inputs = tensors_of(args, "input_type_shape");
  layer.outputs = tensors_of(args, "output_type_shape");
  layer.layer_class = class_of(layer, provider, member_number(args, "parameter_size").value_or(0.0) > 0.0);
  layer.implementation = provider;
  if (!layer.outputs.empty()) layer.precision = layer.outputs.front().element_type;
  const bool engine = !holds(kKernelProviders, provider);
  engines_ += engine ? 1 : 0;
  if (!name.empty() && !engine && !made_by_runtime(name, layer.engine_type)) {
    layer.origin_nodes.push_back({std::string(name), layer.engine_type});
    layer.origin_source = OriginSource::reported;
  }
  on_gpu_.push_back(holds(kGpuProviders, provider));
  any_on_gpu_ = any_on_gpu_ || on_gpu_.back();
  if (!provider.empty()) providers_.insert(provider);
  return layer;
}

std::string OnnxRuntimeNodes::providers() const {
  return fmt::format("{}", fmt::join(providers_, ", "));
}

std::vector<std::string> OnnxRuntimeNodes::notes() const {
  std::vector<std::string> notes;
  if (const auto changing = std::ranges::count(other_shapes_, true); changing > 0) {
    notes.push_back(fmt::format(
        "The shapes of {} nodes differ from inference to inference: those of the first one are shown.", changing));
  }
  if (engines_ > 0) {
    notes.push_back(fmt::format(
        "{} node{} an engine of its own provider, whose layers ONNX Runtime does not see: that engine's own profile "
        "tells them.",
        engines_, engines_ == 1 ? " is" : "s are each"));
  }
  return notes;
}

Activity device_activity(const std::string& name, const json& args, LaunchTable& launches) {
  const auto numbers = [&](const char* x, const char* y, const char* z) {
    std::vector<std::int64_t> found;
    for (const char* key : {x, y, z}) {
      const auto number = member_number(args, key);
      if (!number || *number < 1.0 || *number > 4294967295.0) return std::vector<std::int64_t>{};
      found.push_back(static_cast<std::int64_t>(*number));
    }
    return found;
  };
  Activity activity;
  if (const auto stream = member_number(args, "stream"); stream && *stream >= 0.0 && *stream < 1e15) {
    activity.stream = static_cast<std::int64_t>(*stream);
  }
  KernelLaunch launch{.name = demangled(name),
                      .grid = numbers("grid_x", "grid_y", "grid_z"),
                      .block = numbers("block_x", "block_y", "block_z"),
                      .registers_per_thread = {},
                      .static_shared_bytes = {},
                      .dynamic_shared_bytes = {},
                      .theoretical_occupancy = {}};
  const bool memory = launch.grid.empty() && (name.starts_with("Mem") || name.starts_with("mem"));
  if (memory) {
    const auto has = [&](std::string_view part) { return name.find(part) != std::string::npos; };
    const bool fill = has("set") || has("Set");
    activity.kind = fill ? ActivityKind::fill : ActivityKind::copy;
    if (fill) {
      activity.name = "memset";
    } else if (has("HostToDevice") || has("HtoD")) {
      activity.name = "host to device";
    } else {
      activity.name = has("DeviceToHost") || has("DtoH") ? "device to host" : "device to device";
    }
    return activity;
  }
  activity.kind = ActivityKind::kernel;
  activity.name = launch.name;
  activity.kernel = launches.index(std::move(launch));
  return activity;
}

}  // namespace trtprof
