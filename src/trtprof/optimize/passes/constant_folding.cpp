// What is computed from constants alone is computed now, by the reference backend.
//
// In waves: the nodes that read nothing but constants are a model of their own, whose outputs are constants then. Each
// wave begins with stored values, so that a type's rounding is the model's, whatever the engine keeps in between.
#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/optimize/evaluate.h"
#include "trtprof/optimize/passes/exact_folding.h"
#include "trtprof/optimize/passes/node_edit.h"
#include "trtprof/optimize/passes/passes.h"
#include "trtprof/optimize/passes/shape_values.h"
#include "trtprof/optimize/passes/tensor_edit.h"

namespace trtprof::passes {
namespace {

bool is_random(const onnx::NodeProto& node) {
  return is_one_of(node, {"RandomNormalLike", "RandomUniformLike", "Multinomial", "Bernoulli"}) ||
         (is_op(node, "Dropout") && !input_of(node, 2).empty());
}

bool is_quantisation(const onnx::NodeProto& node) {
  return is_one_of(node, {"QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear"});
}

constexpr std::string_view kEmpty = "its result has no elements, and engines do not read such constants";

class Folding {
 public:
  explicit Folding(PassContext& context) : context_(context), graph_(context.graph()) {}

  Result<PassReport> run() {
    if (const Status done = fold_dimensions(); !done) return forward_error(done);
    while (context_.may_rewrite()) {
      const auto wave = next_wave();
      if (wave.empty()) break;
      const std::size_t before = report_.applications.size();
      if (const Status done = fold(wave); !done) return forward_error(done);
      if (report_.applications.size() == before && refused_.size() == refused_before_) break;
    }
    return std::move(report_);
  }

 private:
  Status fold_dimensions() {
    for (const std::string& output : outputs_of_shape_nodes()) {
      onnx::NodeProto* node = graph_.producer(output);
      if (node == nullptr || !context_.may_rewrite()) continue;  // it went with a node that read it
      const auto dims = known_dimensions(*node, context_);
      if (!dims) continue;
      if (graph_.is_graph_output(output)) {
        refuse(*node, fmt::format("'{}' is an output of the graph", printable(output)));
      } else if (dims->data.empty()) {
        refuse(*node, std::string(kEmpty));
      } else if (const Status done = replace(*node, {{output, *dims}}); !done) {
        return done;
      }
    }
    return {};
  }

  // Readers first: a Gather of a Shape may know its dimensions where the whole Shape does not.
  [[nodiscard]] std::vector<std::string> outputs_of_shape_nodes() const {
    std::vector<std::string> outputs;
    const auto nodes = graph_.nodes();
    for (std::size_t i = nodes.size(); i-- > 0;) {
      if (is_one_of(*nodes[i], {"Shape", "Size", "Gather", "Slice"})) outputs.push_back(nodes[i]->output(0));
    }
    return outputs;
  }

  [[nodiscard]] bool reads_constants_alone(const onnx::NodeProto& node) const {
    if (!of_onnx(node) || has_subgraphs(node) || node.input_size() == 0 || is_op(node, "Identity")) return false;
    return std::ranges::all_of(node.input(),
                               [this](const auto& input) { return input.empty() || graph_.is_constant(input); });
  }

  std::vector<onnx::NodeProto*> next_wave() {
    refused_before_ = refused_.size();
    std::vector<onnx::NodeProto*> wave;
    for (onnx::NodeProto* node : graph_.nodes()) {
      if (refused_.contains(node) || !reads_constants_alone(*node)) continue;
      if (std::string why = why_not(*node); !why.empty()) {
        refuse(*node, std::move(why));
      } else {
        wave.push_back(node);
      }
    }
    return wave;
  }

  void refuse(const onnx::NodeProto& node, std::string why) {
    refused_.insert(&node);
    report_.near_misses.push_back({name_of(node), node.op_type(), std::move(why)});
  }

  std::string why_not(const onnx::NodeProto& node) {
    if (is_quantisation(node)) return "engines want to see how weights are quantised";
    if (is_random(node)) return "it gives something else each time";
    std::vector<ElementType> outputs;
    for (const std::string& output : node.output()) {
      if (output.empty() || !graph_.is_used(output)) continue;
      if (graph_.is_graph_output(output)) return fmt::format("'{}' is an output of the graph", printable(output));
      outputs.push_back(context_.type(output));
    }
    if (outputs.empty()) return "nothing reads what it makes";
    if (context_.reference() == nullptr) return "there is no backend to compute it";
    if (std::string why = why_too_large(node, known_bytes(node)); !why.empty()) return why;
    return why_not_computed(node, outputs);
  }

  std::string why_not_computed(const onnx::NodeProto& node, const std::vector<ElementType>& outputs) {
    std::vector<Tensor> values;
    values.reserve(static_cast<std::size_t>(node.input_size()));
    std::vector<const Tensor*> inputs;
    for (const std::string& input : node.input()) {
      if (input.empty()) {
        inputs.push_back(nullptr);
        continue;
      }
      auto value = graph_.constant(input);
      if (!value) return fmt::format("'{}' cannot be read as numbers", printable(input));
      values.push_back(*std::move(value));
      inputs.push_back(&values.back());
    }
    return why_not_exact(node, inputs, outputs);
  }

  // Of all results that are used, from inference; 0: not known.
  std::uint64_t known_bytes(const onnx::NodeProto& node) {
    std::uint64_t bytes = 0;
    for (const std::string& output : node.output()) {
      const auto shape = output.empty() ? std::nullopt : context_.shape(output);
      const auto count = shape ? element_count(*shape) : std::nullopt;
      if (count && graph_.is_used(output)) bytes += *count * bits_of(context_.type(output)) / 8;
    }
    return bytes;
  }

  std::string why_too_large(const onnx::NodeProto& node, std::uint64_t bytes) {
    if (bytes <= context_.limits().folding_growth) return {};
    std::uint64_t replaced = 0;
    for (const std::string& input : node.input()) {
      if (input.empty() || only_reader(graph_, input) == nullptr) continue;
      if (const auto value = graph_.constant(input)) replaced += value->data.size();
    }
    if (bytes <= replaced + context_.limits().folding_growth) return {};
    return fmt::format("its result of {} is larger than what it replaces by more than {}", format_bytes(bytes),
                       format_bytes(context_.limits().folding_growth));
  }

  // All at once; where the backend cannot, one by one, so that the reason is told of the right node.
  Status fold(const std::vector<onnx::NodeProto*>& wave) {
    auto values = compute(wave);
    for (onnx::NodeProto* node : wave) {
      if (!context_.may_rewrite()) return {};
      auto own = values || wave.size() == 1 ? values : compute({node});
      if (!own) {
        refuse(*node, fmt::format("{} does not compute it: {}", context_.reference()->name(), own.error().message));
        continue;
      }
      NamedTensors results;
      std::uint64_t bytes = 0;
      bool empty = false;
      for (const std::string& output : node->output()) {
        if (output.empty() || !graph_.is_used(output)) continue;
        bytes += own->at(output).data.size();
        empty = empty || own->at(output).data.empty();
        results.emplace(output, own->at(output));
      }
      if (empty) {
        refuse(*node, std::string(kEmpty));
      } else if (std::string why = why_too_large(*node, bytes); !why.empty()) {
        refuse(*node, std::move(why));
      } else if (const Status done = replace(*node, results); !done) {
        return done;
      }
    }
    return {};
  }

  [[nodiscard]] Result<NamedTensors> compute(const std::vector<onnx::NodeProto*>& nodes) const {
    onnx::ModelProto proto;
    proto.set_ir_version(context_.model().proto().ir_version());
    *proto.mutable_opset_import() = context_.model().proto().opset_import();
    onnx::GraphProto& graph = *proto.mutable_graph();
    graph.set_name("constants");
    std::unordered_set<std::string> stored;
    std::vector<std::string> outputs;
    for (const onnx::NodeProto* node : nodes) {
      *graph.add_node() = *node;
      for (const std::string& input : node->input()) {
        if (input.empty() || !stored.insert(input).second) continue;
        const auto value = graph_.constant(input);
        if (!value) return forward_error(value);
        *graph.add_initializer() = to_proto(*value, input);
      }
      for (const std::string& output : node->output()) {
        if (!output.empty() && graph_.is_used(output)) outputs.push_back(output);
      }
    }
    OnnxModel model = OnnxModel::from_proto(std::move(proto));
    if (const Status exposed = expose_values(model, outputs); !exposed) return forward_error(exposed);
    return evaluate(*context_.reference(), model, {});
  }

  Status replace(onnx::NodeProto& node, const NamedTensors& results) {
    std::uint64_t bytes = 0;
    for (const auto& [output, value] : results) bytes += value.data.size();
    report_.applications.push_back(
        {{name_of(node)}, fmt::format("{} is a constant of {}", call(node), format_bytes(bytes))});
    for (const auto& [output, value] : results) {
      graph_.replace_uses(output, graph_.add_initializer(to_proto(value, output)));
    }
    context_.count_rewrite();
    refused_.erase(&node);
    return graph_.remove(node);
  }

  PassContext& context_;
  GraphView& graph_;
  PassReport report_;
  std::unordered_set<const onnx::NodeProto*> refused_;
  std::size_t refused_before_ = 0;
};

class ConstantFolding final : public Pass {
 public:
  std::string_view name() const override { return "constant-folding"; }
  std::string_view description() const override {
    return "What is computed from constants alone, and dimensions that are known, as constants";
  }
  PassLevel level() const override { return PassLevel::exact; }
  std::vector<std::string_view> op_types() const override { return {}; }

  Result<PassReport> apply(PassContext& context) const override { return Folding(context).run(); }
};

}  // namespace

const Pass& constant_folding() {
  static const ConstantFolding pass;
  return pass;
}

}  // namespace trtprof::passes
