// What passes ask of a node and do to it, beside what GraphView does. Private to the passes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/model/graph_view.h"

namespace onnx {
class AttributeProto;
class NodeProto;
}  // namespace onnx

namespace trtprof::passes {

[[nodiscard]] bool of_onnx(const onnx::NodeProto& node);  // of ONNX's own operators
[[nodiscard]] bool is_op(const onnx::NodeProto& node, std::string_view op_type);
[[nodiscard]] bool is_one_of(const onnx::NodeProto& node, std::initializer_list<std::string_view> op_types);
[[nodiscard]] bool has_subgraphs(const onnx::NodeProto& node);

// As GraphNode::display_name().
[[nodiscard]] const std::string& name_of(const onnx::NodeProto& node);
// "Conv 'conv1'"; safe to print.
[[nodiscard]] std::string call(const onnx::NodeProto& node);

// "" where the node has fewer inputs or outputs.
[[nodiscard]] const std::string& input_of(const onnx::NodeProto& node, int index);
[[nodiscard]] const std::string& output_of(const onnx::NodeProto& node, int index);

[[nodiscard]] const onnx::AttributeProto* attribute_of(const onnx::NodeProto& node, std::string_view name);
[[nodiscard]] std::int64_t integer_of(const onnx::NodeProto& node, std::string_view name, std::int64_t otherwise);
[[nodiscard]] float number_of(const onnx::NodeProto& node, std::string_view name, float otherwise);
[[nodiscard]] std::string text_of(const onnx::NodeProto& node, std::string_view name, std::string otherwise);
[[nodiscard]] std::optional<std::vector<std::int64_t>> integers_of(const onnx::NodeProto& node, std::string_view name);
void set_integer(onnx::NodeProto& node, const std::string& name, std::int64_t value);
void set_number(onnx::NodeProto& node, const std::string& name, float value);
void set_integers(onnx::NodeProto& node, const std::string& name, const std::vector<std::int64_t>& values);
void remove_attribute(onnx::NodeProto& node, std::string_view name);

// The node that reads the value, where one reads it once and the graph does not give it out; else null.
[[nodiscard]] onnx::NodeProto* only_reader(const GraphView& graph, const std::string& value);
// Outputs from `first` on that are read, or outputs of the graph.
[[nodiscard]] bool uses_outputs_from(const GraphView& graph, const onnx::NodeProto& node, int first);

}  // namespace trtprof::passes
