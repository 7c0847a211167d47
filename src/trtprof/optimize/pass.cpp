#include "trtprof/optimize/pass.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include <onnx/onnx_pb.h>

#include "trtprof/optimize/passes/node_edit.h"

namespace trtprof {

Attempt not_mine() {
  return {};
}

Attempt near_miss(std::string reason) {
  return {Attempt::Outcome::near_miss, std::move(reason), {}};
}

Attempt applied(std::string what, std::vector<std::string> nodes) {
  return {Attempt::Outcome::applied, std::move(what), std::move(nodes)};
}

Result<PassReport> NodePass::apply(PassContext& context) const {
  PassReport report;
  const auto ops = op_types();
  std::unordered_set<const onnx::NodeProto*> visited;
  std::vector<onnx::NodeProto*> nodes = context.graph().nodes();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    onnx::NodeProto& node = *nodes[i];
    if (!visited.insert(&node).second || !passes::of_onnx(node)) continue;
    if (!ops.empty() && std::ranges::find(ops, node.op_type()) == ops.end()) continue;
    if (!context.may_rewrite()) break;
    const std::string name = passes::name_of(node);
    const std::string op_type = node.op_type();
    auto attempt = this->attempt(node, context);
    if (!attempt) return forward_error(attempt);
    if (attempt->outcome == Attempt::Outcome::near_miss) {
      report.near_misses.push_back({name, op_type, std::move(attempt->text)});
    } else if (attempt->outcome == Attempt::Outcome::applied) {
      report.applications.push_back({std::move(attempt->nodes), std::move(attempt->text)});
      context.count_rewrite();
      nodes = context.graph().nodes();  // others may be there or gone
      i = static_cast<std::size_t>(-1);
    }
  }
  return report;
}

}  // namespace trtprof
