#include "trtprof/optimize/precision/raise_opset.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>
#include <onnx/defs/schema.h>
#include <onnx/onnx_pb.h>
#include <onnx/version_converter/convert.h>

#include "trtprof/base/text.h"
#include "trtprof/optimize/precision/type_slots.h"
#include "trtprof/optimize/precision/typed_graph.h"

namespace trtprof {
namespace {

using precision::kNone;
using precision::TypedGraph;
using precision::TypedNode;

int opset_of_values(const TypedGraph& graph, const TypedNode& node, bool inputs, HalfType type) {
  const std::vector<int>& values = inputs ? node.inputs : node.outputs;
  int opset = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const int at = static_cast<int>(i);
    if (values[i] == kNone || !graph.value(values[i]).is_float()) continue;
    if (inputs ? input_takes(node, at, type) : output_takes(node, at, type)) continue;
    opset = std::max(opset, opset_that_takes(node, inputs, at, type).value_or(0));
  }
  return opset;
}

}  // namespace

int opset_of(const OnnxModel& model) {
  for (const auto& opset : model.proto().opset_import()) {
    if (opset.domain().empty() || opset.domain() == "ai.onnx") return static_cast<int>(opset.version());
  }
  return 0;
}

int opset_with(const OnnxModel& model, HalfType type) {
  OnnxModel copy = model.clone();
  const TypedGraph graph(copy);
  int opset = opset_of(model);
  for (const TypedNode& node : graph.nodes()) {
    if (node.schema == nullptr || !node.schema->domain().empty()) continue;
    opset = std::max({opset, opset_of_values(graph, node, true, type), opset_of_values(graph, node, false, type)});
  }
  return opset;
}

Status raise_opset(OnnxModel& model, int opset) {
  const int before = opset_of(model);
  if (before >= opset) return {};
  try {
    onnx::ModelProto raised = onnx::version_conversion::ConvertVersion(model.proto(), opset);
    model.mutable_proto() = std::move(raised);
  } catch (const std::exception& error) {
    return fail(fmt::format("the model cannot be carried over from operator set {} to {}: {}", before, opset,
                            printable(error.what())),
                "Export it in that operator set.");
  }
  return {};
}

}  // namespace trtprof
