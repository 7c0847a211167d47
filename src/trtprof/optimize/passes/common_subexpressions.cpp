// The same operator of the same values twice: readers of the second read the first.
#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/file.h"
#include "trtprof/optimize/passes/node_edit.h"
#include "trtprof/optimize/passes/passes.h"

namespace trtprof::passes {
namespace {

// Constants up to this size are compared by content; larger ones by name, as reading them takes time.
constexpr std::size_t kComparedBytes = std::size_t{64} << 10U;

bool is_random(const onnx::NodeProto& node, const GraphView& graph) {
  if (is_one_of(node, {"RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial",
                       "Bernoulli"})) {
    return true;
  }
  // A mode that is computed may be that of training.
  return is_op(node, "Dropout") && !input_of(node, 2).empty() && !graph.is_constant(input_of(node, 2));
}

bool is_commutative(const onnx::NodeProto& node) {
  return is_one_of(node, {"Add", "Mul", "And", "Or", "Xor", "Equal", "BitwiseAnd", "BitwiseOr", "BitwiseXor"});
}

std::string serialized(const google::protobuf::Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

// What tells a value from others: its content where it is a small constant, else its name.
std::string identity_of(const std::string& value, const GraphView& graph) {
  if (value.empty() || !graph.is_constant(value)) return "value " + value;
  const auto tensor = graph.constant(value);
  if (!tensor || tensor->data.size() > kComparedBytes) return "value " + value;
  return fmt::format("constant {} {} {}", to_string(tensor->type), shape_to_string(tensor->shape),
                     std::string_view(reinterpret_cast<const char*>(tensor->data.data()), tensor->data.size()));
}

// By all that decides what the node computes.
std::string key_of(const onnx::NodeProto& node, const GraphView& graph) {
  std::vector<std::string> attributes;
  for (onnx::AttributeProto attribute : node.attribute()) {
    attribute.clear_doc_string();
    attributes.push_back(serialized(attribute));
  }
  std::vector<std::string> inputs;
  for (const std::string& input : node.input()) inputs.push_back(identity_of(input, graph));
  std::ranges::sort(attributes);
  if (is_commutative(node)) std::ranges::sort(inputs);
  std::string key = fmt::format("{}\n{}\n", node.op_type(), node.output_size());
  for (const auto* parts : {&attributes, &inputs}) {
    for (const std::string& part : *parts) key += fmt::format("{} {}\n", part.size(), part);
  }
  return sha256_of(key);
}

class CommonSubexpressions final : public Pass {
 public:
  std::string_view name() const override { return "common-subexpressions"; }
  std::string_view description() const override { return "What is computed twice from the same values, computed once"; }
  PassLevel level() const override { return PassLevel::exact; }
  std::vector<std::string_view> op_types() const override { return {}; }

  Result<PassReport> apply(PassContext& context) const override {
    PassReport report;
    GraphView& graph = context.graph();
    std::unordered_map<std::string, onnx::NodeProto*> seen;
    for (onnx::NodeProto* node : graph.nodes()) {
      // Whether an operator of another domain gives the same twice is not known.
      if (!of_onnx(*node) || has_subgraphs(*node) || node->output_size() == 0) continue;
      if (!context.may_rewrite()) break;
      const auto [place, first] = seen.try_emplace(key_of(*node, graph), node);
      if (first) continue;
      auto attempt = merge(*place->second, *node, graph);
      if (!attempt) return forward_error(attempt);
      if (attempt->outcome == Attempt::Outcome::near_miss) {
        report.near_misses.push_back({name_of(*node), node->op_type(), std::move(attempt->text)});
      } else {
        report.applications.push_back({std::move(attempt->nodes), std::move(attempt->text)});
        context.count_rewrite();
      }
    }
    return report;
  }

 private:
  static Result<Attempt> merge(const onnx::NodeProto& first, onnx::NodeProto& second, GraphView& graph) {
    if (is_random(second, graph)) {
      return near_miss(fmt::format("it has the inputs of {}, but gives something else each time", call(first)));
    }
    for (int i = 0; i < second.output_size(); ++i) {
      if (second.output(i).empty()) continue;
      if (graph.is_graph_output(second.output(i))) {
        return near_miss(
            fmt::format("it computes what {} does, but '{}' is an output of the graph", call(first), second.output(i)));
      }
      if (first.output(i).empty()) {
        return near_miss(fmt::format("it computes what {} does, and an output more", call(first)));
      }
    }
    Attempt done =
        applied(fmt::format("{} computes what {} does", call(second), call(first)), {name_of(second), name_of(first)});
    for (int i = 0; i < second.output_size(); ++i) {
      if (!second.output(i).empty()) graph.replace_uses(second.output(i), first.output(i));
    }
    // Its inputs are the other's, or constants of the same content, so that no node in between goes with it.
    if (const Status gone = graph.remove(second); !gone) return forward_error(gone);
    return done;
  }
};

}  // namespace

const Pass& common_subexpressions() {
  static const CommonSubexpressions pass;
  return pass;
}

}  // namespace trtprof::passes
