#include "trtprof/optimize/passes/node_edit.h"

#include <algorithm>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/text.h"

namespace trtprof::passes {
namespace {

const std::string kNothing;

onnx::AttributeProto& new_attribute(onnx::NodeProto& node, const std::string& name,
                                    onnx::AttributeProto::AttributeType type) {
  remove_attribute(node, name);
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}

}  // namespace

bool of_onnx(const onnx::NodeProto& node) {
  return node.domain().empty() || node.domain() == "ai.onnx";
}

bool is_op(const onnx::NodeProto& node, std::string_view op_type) {
  return of_onnx(node) && node.op_type() == op_type;
}

bool is_one_of(const onnx::NodeProto& node, std::initializer_list<std::string_view> op_types) {
  return of_onnx(node) && std::ranges::find(op_types, node.op_type()) != op_types.end();
}

bool has_subgraphs(const onnx::NodeProto& node) {
  return std::ranges::any_of(node.attribute(), [](const auto& each) { return each.has_g() || !each.graphs().empty(); });
}

const std::string& name_of(const onnx::NodeProto& node) {
  if (!node.name().empty()) return node.name();
  const auto named = std::ranges::find_if(node.output(), [](const auto& output) { return !output.empty(); });
  return named == node.output().end() ? kNothing : *named;
}

std::string call(const onnx::NodeProto& node) {
  return fmt::format("{} '{}'", printable(node.op_type()), printable(name_of(node)));
}

const std::string& input_of(const onnx::NodeProto& node, int index) {
  return index < node.input_size() ? node.input(index) : kNothing;
}

const std::string& output_of(const onnx::NodeProto& node, int index) {
  return index < node.output_size() ? node.output(index) : kNothing;
}

const onnx::AttributeProto* attribute_of(const onnx::NodeProto& node, std::string_view name) {
  const auto found = std::ranges::find_if(node.attribute(), [name](const auto& each) { return each.name() == name; });
  return found == node.attribute().end() ? nullptr : &*found;
}

std::int64_t integer_of(const onnx::NodeProto& node, std::string_view name, std::int64_t otherwise) {
  const auto* attribute = attribute_of(node, name);
  return attribute == nullptr ? otherwise : attribute->i();
}

float number_of(const onnx::NodeProto& node, std::string_view name, float otherwise) {
  const auto* attribute = attribute_of(node, name);
  return attribute == nullptr ? otherwise : attribute->f();
}

std::string text_of(const onnx::NodeProto& node, std::string_view name, std::string otherwise) {
  const auto* attribute = attribute_of(node, name);
  return attribute == nullptr ? std::move(otherwise) : attribute->s();
}

std::optional<std::vector<std::int64_t>> integers_of(const onnx::NodeProto& node, std::string_view name) {
  const auto* attribute = attribute_of(node, name);
  if (attribute == nullptr) return std::nullopt;
  return std::vector<std::int64_t>(attribute->ints().begin(), attribute->ints().end());
}

void set_integer(onnx::NodeProto& node, const std::string& name, std::int64_t value) {
  new_attribute(node, name, onnx::AttributeProto::INT).set_i(value);
}

void set_number(onnx::NodeProto& node, const std::string& name, float value) {
  new_attribute(node, name, onnx::AttributeProto::FLOAT).set_f(value);
}

void set_integers(onnx::NodeProto& node, const std::string& name, const std::vector<std::int64_t>& values) {
  new_attribute(node, name, onnx::AttributeProto::INTS).mutable_ints()->Assign(values.begin(), values.end());
}

void remove_attribute(onnx::NodeProto& node, std::string_view name) {
  auto& attributes = *node.mutable_attribute();
  for (int i = attributes.size() - 1; i >= 0; --i) {
    if (attributes.Get(i).name() == name) attributes.DeleteSubrange(i, 1);
  }
}

onnx::NodeProto* only_reader(const GraphView& graph, const std::string& value) {
  const auto uses = graph.uses(value);
  const bool one = uses.size() == 1 && uses[0].input != GraphView::kInSubgraph && !graph.is_graph_output(value);
  return one ? uses[0].node : nullptr;
}

bool uses_outputs_from(const GraphView& graph, const onnx::NodeProto& node, int first) {
  for (int i = first; i < node.output_size(); ++i) {
    if (!node.output(i).empty() && graph.is_used(node.output(i))) return true;
  }
  return false;
}

}  // namespace trtprof::passes
