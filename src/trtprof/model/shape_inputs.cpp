#include "trtprof/model/shape_inputs.h"

#include <algorithm>
#include <map>
#include <ranges>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/text.h"

namespace trtprof {
namespace {

using Operands = std::vector<std::size_t>;

// Operands that size the node's output.
const std::map<std::string_view, Operands>& sizing_operands() {
  static const std::map<std::string_view, Operands> table = {
      {"Reshape", {1}}, {"Expand", {1}},      {"Tile", {1}},        {"ConstantOfShape", {0}}, {"Resize", {3}},
      {"Pad", {1}},     {"Range", {0, 1, 2}}, {"Slice", {1, 2, 4}}, {"CenterCropPad", {1}},   {"TopK", {1}},
      {"OneHot", {1}},  {"AffineGrid", {1}},  {"MaxUnpool", {2}}};
  return table;
}

// Operators through which a shape passes from these operands to the output.
const std::map<std::string_view, Operands>& passing_operands() {
  static const std::map<std::string_view, Operands> table = {
      {"Identity", {0}},  {"Cast", {0}},     {"Squeeze", {0}},    {"Unsqueeze", {0}}, {"Reshape", {0}},
      {"Gather", {0, 1}}, {"Slice", {0}},    {"Add", {0, 1}},     {"Sub", {0, 1}},    {"Mul", {0, 1}},
      {"Div", {0, 1}},    {"Mod", {0, 1}},   {"Neg", {0}},        {"Abs", {0}},       {"Floor", {0}},
      {"Ceil", {0}},      {"Where", {1, 2}}, {"ReduceProd", {0}}, {"ReduceSum", {0}}, {"ReduceMax", {0}},
      {"ReduceMin", {0}}, {"Flatten", {0}},  {"Split", {0}},      {"Expand", {0}},    {"Tile", {0}},
      {"Max", {0, 1, 2}}, {"Min", {0, 1, 2}}};
  return table;
}

void add_operands(const GraphNode& node, const std::map<std::string_view, Operands>& table,
                  std::set<std::string>& names) {
  const bool standard = node.domain.empty() || node.domain == "ai.onnx";
  if (!standard) return;
  if (node.op_type == "Concat") {
    if (&table == &passing_operands()) names.insert(node.inputs.begin(), node.inputs.end());
    return;
  }
  const auto entry = table.find(node.op_type);
  if (entry == table.end()) return;
  for (const std::size_t operand : entry->second) {
    if (operand < node.inputs.size()) names.insert(node.inputs[operand]);
  }
}

// nullopt: it cannot hold a shape.
std::optional<std::size_t> value_count(const ValueInfo& input) {
  const bool whole = input.type == ElementType::i32 || input.type == ElementType::i64;
  if (!whole || !input.shape || input.shape->size() > 1) return std::nullopt;
  if (input.shape->empty()) return 1;
  const auto& dimension = input.shape->front().value;
  return dimension ? std::optional(static_cast<std::size_t>(*dimension)) : std::nullopt;
}

std::vector<const ValueInfo*> find_shape_inputs(const Graph& graph) {
  // Against the order of the nodes: what a node passes on is known before the node is looked at.
  std::set<std::string> sizing;
  for (const GraphNode& node : std::views::reverse(graph.nodes)) {
    add_operands(node, sizing_operands(), sizing);
    const bool passes =
        std::ranges::any_of(node.outputs, [&](const std::string& output) { return sizing.contains(output); });
    if (passes) add_operands(node, passing_operands(), sizing);
  }
  std::vector<const ValueInfo*> found;
  for (const ValueInfo& input : graph.inputs) {
    if (sizing.contains(input.name) && value_count(input)) found.push_back(&input);
  }
  return found;
}

}  // namespace

std::vector<std::string> shape_inputs(const Graph& graph) {
  std::vector<std::string> names;
  for (const ValueInfo* input : find_shape_inputs(graph)) names.push_back(input->name);
  return names;
}

Result<BoundShapes> take_shape_values(const Graph& graph, ShapeRequest& request) {
  BoundShapes values;
  for (const ValueInfo* input : find_shape_inputs(graph)) {
    auto given = request.by_input.find(input->name);
    if (given == request.by_input.end() && graph.inputs.size() == 1) given = request.by_input.find("");
    if (given == request.by_input.end()) continue;
    const std::size_t count = value_count(*input).value_or(0);
    if (given->second.size() != count) {
      const bool its_shape = given->second.size() == 1 && std::cmp_equal(given->second.front(), count);
      if (its_shape) continue;
      return usage_error(fmt::format("input '{}' holds a shape of {} values, not {}", printable(input->name), count,
                                     shape_to_string(given->second)));
    }
    values.emplace(input->name, std::move(given->second));
    request.by_input.erase(given);
  }
  return values;
}

}  // namespace trtprof
