#include "trtprof/optimize/precision/convert_precision.h"

#include <exception>
#include <utility>

#include <fmt/format.h>
#include <onnx/inliner/inliner.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/text.h"
#include "trtprof/model/element_types.h"
#include "trtprof/model/stored_tensors.h"
#include "trtprof/optimize/precision/plan.h"
#include "trtprof/optimize/precision/raise_opset.h"
#include "trtprof/optimize/precision/rewrite.h"
#include "trtprof/optimize/precision/typed_graph.h"

namespace trtprof {
namespace {

constexpr double kLargestF16 = 65504.0;
constexpr double kLargestBf16 = 0x1.FEp127;

std::uint64_t weight_bytes(const onnx::ModelProto& model) {
  std::uint64_t bytes = 0;
  for_each_stored_tensor(model, [&bytes](const onnx::TensorProto& tensor) {
    const auto count = element_count({tensor.dims().begin(), tensor.dims().end()});
    bytes += (count.value_or(0) * bits_of(element_type_from_onnx(tensor.data_type())) + 7) / 8;
  });
  return bytes;
}

Status inline_functions(OnnxModel& model, PrecisionReport& report) {
  if (model.proto().functions().empty()) return {};
  const int count = model.proto().functions_size();
  try {
    onnx::inliner::InlineLocalFunctions(model.mutable_proto());
  } catch (const std::exception& error) {
    return fail(fmt::format("the model's functions cannot be inlined: {}", printable(error.what())));
  }
  report.notes.push_back(
      fmt::format("{} function{} of the model {} inlined", count, count == 1 ? "" : "s", count == 1 ? "was" : "were"));
  return {};
}

void count_nodes(const precision::TypedGraph& graph, const precision::Plan& plan, PrecisionReport& report) {
  for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
    const precision::TypedNode& node = graph.nodes()[i];
    const precision::NodePlan& of_node = plan.nodes[i];
    if (!of_node.has_floats) {
      ++report.nodes_without_floats;
    } else if (of_node.converts) {
      report.converted.push_back(node.display_name());
    } else if (of_node.reason.empty()) {
      ++report.nodes_without_floats;  // Shape and Cast take what there is
    } else {
      report.blocked.push_back({node.display_name(), node.node->op_type(), of_node.reason});
    }
  }
}

}  // namespace

const char* to_string(HalfType type) {
  return type == HalfType::f16 ? "f16" : "bf16";
}

double largest_value(HalfType type) {
  return type == HalfType::f16 ? kLargestF16 : kLargestBf16;
}

const std::vector<DefaultBlock>& default_blocked_ops() {
  static const std::vector<DefaultBlock> blocks = {
      {"BitCast", "it reads the bits of its input"},
      {"CumSum", "its running sum is stored in the type of the tensor at every step"},
      {"MeanVarianceNormalization", "ONNX defines it with constants of f32"},
      {"Range", "it makes positions, and not all integers above the type's precision exist in it"},
  };
  return blocks;
}

Result<ConvertedModel> convert_precision(const OnnxModel& model, const PrecisionOptions& options) {
  ConvertedModel converted{model.clone(), {}};
  PrecisionReport& report = converted.report;
  report.type = options.type;
  report.weight_bytes_before = weight_bytes(model.proto());
  if (const Status inlined = inline_functions(converted.model, report); !inlined) return forward_error(inlined);
  if (options.raise_opset) {
    const Status raised = raise_opset(converted.model, *options.raise_opset);
    if (!raised) return forward_error(raised);
  }
  const precision::TypedGraph graph(converted.model);
  const precision::Plan plan = precision::make_plan(graph, options, model.path());
  count_nodes(graph, plan, report);
  if (const Status status = precision::rewrite(converted.model, graph, plan, report); !status) {
    return forward_error(status);
  }
  report.weight_bytes_after = weight_bytes(converted.model.proto());
  return converted;
}

}  // namespace trtprof
