#include "trtprof/optimize/watch_values.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/model/shape_inference.h"

namespace trtprof {
namespace {

constexpr std::uint64_t kGuess = std::uint64_t{16} << 20;  // bytes, where the shape follows from data

std::uint64_t bytes_of(const ValueInfo& value) {
  if (!value.shape) return kGuess;
  std::uint64_t bytes = sizeof(float);
  for (const Dimension& dimension : *value.shape) {
    bytes = dimension.value ? bytes * static_cast<std::uint64_t>(*dimension.value) : std::max(bytes, kGuess);
  }
  return bytes;
}

using Names = std::vector<std::string>;

// Inputs need no run: all are in the first part.
std::vector<Names> in_parts(const std::vector<WatchedValue>& computed, std::uint64_t limit) {
  std::vector<Names> parts(1);
  std::uint64_t bytes = 0;
  for (const WatchedValue& each : computed) {
    if (!parts.back().empty() && bytes + each.bytes > limit) {
      parts.emplace_back();
      bytes = 0;
    }
    parts.back().push_back(each.name);
    bytes += each.bytes;
  }
  return parts;
}

Error stopped(std::size_t seen, std::size_t count) {
  return {ErrorCode::interrupted, fmt::format("stopped after {} of {} inferences", seen, count), ""};
}

}  // namespace

Result<WatchableValues> watchable_values(const OnnxModel& model, const BoundShapes& shapes) {
  const auto inferred = infer_shapes(model, shapes);
  if (!inferred) return forward_error(inferred);
  std::unordered_map<std::string, const ValueInfo*> known;
  for (const ValueInfo& value : inferred->values) known.emplace(value.name, &value);
  WatchableValues values;
  const auto add = [&](std::vector<WatchedValue>& list, const std::string& name) {
    const auto value = known.find(name);
    if (name.empty() || value == known.end() || value->second->type != ElementType::f32) return;
    list.push_back({name, bytes_of(*value->second)});
  };
  const onnx::GraphProto& graph = model.proto().graph();
  for (const auto& input : graph.input()) add(values.inputs, input.name());
  for (const auto& node : graph.node()) {
    if (node.op_type() == "Constant") continue;
    for (const auto& output : node.output()) add(values.computed, output);
  }
  return values;
}

Result<std::size_t> watch_values(Backend& backend, const OnnxModel& model, const BoundShapes& shapes, std::size_t count,
                                 const InputSource& inputs, const WatchableValues& values, const WatchOptions& options,
                                 Progress& progress, const StopFlag& stop, const ValueTaker& take) {
  const std::vector<Names> parts = in_parts(values.computed, options.watched_bytes);
  const auto all = static_cast<double>(parts.size() * count);
  for (std::size_t part = 0; part < parts.size(); ++part) {
    auto evaluator = Evaluator::create(backend, model, shapes, {options.device, "f32", parts[part]});
    if (!evaluator) return forward_error(evaluator);
    const std::unordered_set<std::string> wanted(parts[part].begin(), parts[part].end());
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t done = part * count + i;
      if (stop.requested()) return tl::unexpected(stopped(done, parts.size() * count));
      const auto given = inputs(i);
      if (!given) return forward_error(given);
      for (const WatchedValue& input : values.inputs) {
        const auto tensor = given->find(input.name);
        if (part == 0 && tensor != given->end()) take(tensor->first, tensor->second);
      }
      const auto computed = evaluator->run(*given);
      if (!computed) return forward_error(computed);
      for (const auto& [name, tensor] : *computed) {
        if (wanted.contains(name)) take(name, tensor);
      }
      progress.update(static_cast<double>(done + 1) / all, fmt::format("{} of {} inferences", i + 1, count));
    }
  }
  return parts.size();
}

}  // namespace trtprof
