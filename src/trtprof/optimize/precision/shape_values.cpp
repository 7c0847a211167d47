#include "trtprof/optimize/precision/shape_values.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <onnx/defs/schema.h>
#include <onnx/onnx_pb.h>

namespace trtprof::precision {
namespace {

// ONNX's names of such inputs, the same in all its operators.
constexpr std::array<std::string_view, 18> kShapeInputs = {
    "shape", "sizes", "output_shape", "repeats",    "starts",       "ends",
    "steps", "axes",  "axis",         "pads",       "split",        "k",
    "M",     "depth", "dft_length",   "frame_step", "frame_length", "roi"};

// What these make of a shape is no shape any more, whatever their input is called.
constexpr std::array kFills = {"ConstantOfShape", "RandomNormal",     "RandomUniform",
                               "EyeLike",         "RandomNormalLike", "RandomUniformLike"};
// What exporters compute shapes with. Behind anything else the values are the network's own, and what becomes of them
// is rounded anyway: durations that a network predicts, say.
constexpr std::array kShapeArithmetic = {
    "Abs",        "Add",     "Cast",      "CastLike",  "Ceil",      "Clip",      "Concat",     "CumSum",
    "Div",        "Expand",  "Floor",     "Gather",    "Identity",  "Max",       "Min",        "Mod",
    "Mul",        "Neg",     "Pow",       "Range",     "ReduceMax", "ReduceMin", "ReduceProd", "ReduceSum",
    "Reciprocal", "Reshape", "Round",     "Slice",     "Split",     "Sqrt",      "Squeeze",    "Sub",
    "Sum",        "Tile",    "Transpose", "Unsqueeze", "Where"};

bool is_any(const TypedNode& node, const auto& ops) {
  return std::ranges::any_of(ops, [&node](const char* op) { return node.is(op); });
}

bool owns_graphs(const TypedNode& node) {
  return std::ranges::any_of(node.node->attribute(), [](const auto& each) { return each.has_g(); });
}

// From Shape and Size on, as long as nothing else comes in.
std::vector<bool> made_of_shapes(const TypedGraph& graph) {
  std::vector<bool> made(graph.nodes().size(), false);
  for (std::size_t i = 0; i < made.size(); ++i) {  // enclosing scopes first, each topological
    const TypedNode& node = graph.nodes()[i];
    if (is_any(node, kFills) || owns_graphs(node)) continue;
    made[i] = node.is("Shape") || node.is("Size");
    if (made[i]) continue;
    bool any = false;
    bool all = true;
    for (int input = 0; std::cmp_less(input, node.inputs.size()); ++input) {
      const int value = node.inputs[static_cast<std::size_t>(input)];
      const bool positions = node.is("Range");  // made of its start, limit and step
      if (value == kNone || graph.is_constant(value) || (!positions && is_shape_input(node, input))) continue;
      const int producer = graph.value(value).producer;
      const bool of_shapes = producer != kNone && made[static_cast<std::size_t>(producer)];
      any = any || of_shapes;
      all = all && of_shapes;
    }
    made[i] = any && all;
  }
  return made;
}

std::vector<bool> become_shapes(const TypedGraph& graph) {
  std::vector<bool> become(graph.nodes().size(), false);
  std::vector<int> pending;
  const auto reach = [&](int value) {
    const int producer = value == kNone ? kNone : graph.value(value).producer;
    if (producer == kNone || become[static_cast<std::size_t>(producer)]) return;
    if (!is_any(graph.node(producer), kShapeArithmetic)) return;
    become[static_cast<std::size_t>(producer)] = true;
    pending.push_back(producer);
  };
  for (const TypedNode& node : graph.nodes()) {
    for (int input = 0; std::cmp_less(input, node.inputs.size()); ++input) {
      if (is_shape_input(node, input)) reach(node.inputs[static_cast<std::size_t>(input)]);
    }
  }
  while (!pending.empty()) {
    const TypedNode& node = graph.node(pending.back());
    pending.pop_back();
    for (const int value : node.inputs) reach(value);
  }
  return become;
}

}  // namespace

bool is_shape_input(const TypedNode& node, int input) {
  if (node.is("ConstantOfShape")) return true;
  if (node.schema == nullptr || node.schema->inputs().empty()) return false;
  const auto& formal = node.schema->inputs();
  const std::size_t at = std::min(static_cast<std::size_t>(input), formal.size() - 1);
  if (node.is("Range")) return true;       // its step is called "delta"
  if (node.is("TopK")) return input == 1;  // "K" is the keys in Attention
  if (node.is("Resize") || node.is("Upsample")) return input > 0;
  return std::ranges::find(kShapeInputs, formal[at].GetName()) != kShapeInputs.end();
}

std::vector<bool> nodes_of_shapes(const TypedGraph& graph) {
  std::vector<bool> nodes = made_of_shapes(graph);
  const std::vector<bool> become = become_shapes(graph);
  for (std::size_t i = 0; i < nodes.size(); ++i) nodes[i] = nodes[i] || become[i];
  return nodes;
}

}  // namespace trtprof::precision
