// Which nodes change their precision, and why the others do not.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "trtprof/optimize/precision/convert_precision.h"
#include "trtprof/optimize/precision/typed_graph.h"

namespace trtprof::precision {

struct NodePlan {
  bool has_floats = false;  // any input or output of f32
  bool converts = false;
  std::string reason = {};  // why not, where it has floats
  // Of f32 inputs and outputs: which become the new type. Those of other types are false.
  std::vector<bool> narrow_inputs = {};
  std::vector<bool> narrow_outputs = {};
};

struct Plan {
  std::vector<NodePlan> nodes;  // by index of TypedGraph::nodes()
  bool keep_io_types = true;

  [[nodiscard]] const NodePlan& node(int index) const { return nodes[static_cast<std::size_t>(index)]; }
  // Of a f32 value that is no constant: is it made in the new type?
  [[nodiscard]] bool made_narrow(const TypedGraph& graph, const TypedValue& value) const;
  [[nodiscard]] bool wanted_narrow(const TypedGraph& graph, const ValueUse& use) const;
};

[[nodiscard]] std::int32_t onnx_type(HalfType type);

// `model_path`: where external data is looked for.
[[nodiscard]] Plan make_plan(const TypedGraph& graph, const PrecisionOptions& options,
                             const std::filesystem::path& model_path);

}  // namespace trtprof::precision
