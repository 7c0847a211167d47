// Nodes and constants that no output depends on.
#include <algorithm>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/text.h"
#include "trtprof/optimize/passes/node_edit.h"
#include "trtprof/optimize/passes/passes.h"

namespace trtprof::passes {
namespace {

class DeadCode final : public Pass {
 public:
  std::string_view name() const override { return "dead-code"; }
  std::string_view description() const override { return "Nodes and constants that no output depends on"; }
  PassLevel level() const override { return PassLevel::exact; }
  std::vector<std::string_view> op_types() const override { return {}; }

  Result<PassReport> apply(PassContext& context) const override {
    PassReport report;
    GraphView& graph = context.graph();
    // From the back, so that what only dead nodes read is dead when its turn comes.
    std::vector<onnx::NodeProto*> nodes = graph.nodes();
    for (std::size_t i = nodes.size(); i-- > 0 && context.may_rewrite();) {
      onnx::NodeProto& node = *nodes[i];
      if (uses_outputs_from(graph, node, 0)) continue;
      Application done{{name_of(node)}, fmt::format("nothing reads what {} makes", call(node))};
      if (const Status gone = graph.remove(node); !gone) return forward_error(gone);
      report.applications.push_back(std::move(done));
      context.count_rewrite();
      nodes = graph.nodes();  // what only this node read went with it
      i = std::min(i, nodes.size());
    }
    for (const std::string& constant : graph.initializers()) {
      if (graph.is_used(constant) || !context.may_rewrite()) continue;
      graph.remove_if_unused(constant);
      if (graph.is_constant(constant)) continue;  // it is an input, too
      report.applications.push_back({{constant}, fmt::format("nothing reads constant '{}'", printable(constant))});
      context.count_rewrite();
    }
    return report;
  }
};

}  // namespace

const Pass& dead_code() {
  static const DeadCode pass;
  return pass;
}

}  // namespace trtprof::passes
