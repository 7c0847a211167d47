#include "trtprof/optimize/precision/rewrite.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/model/inference_model.h"
#include "trtprof/optimize/precision/batch_norm.h"
#include "trtprof/optimize/precision/half_tensor.h"
#include "trtprof/optimize/precision/stored_constant.h"
#include "trtprof/optimize/precision/type_slots.h"

namespace trtprof::precision {
namespace {

struct Use {
  ValueUse place;
  bool narrow = false;  // wants the new type
};

class Rewriter {
 public:
  Rewriter(OnnxModel& model, const TypedGraph& graph, const Plan& plan, PrecisionReport& report)
      : model_(model), graph_(graph), plan_(plan), report_(report), insertions_(graph.scopes().size()) {
    for (const TypedValue& value : graph_.values()) names_.insert(value.name);
    for (const TypedNode& node : graph_.nodes()) names_.insert(node.node->name());
  }

  Status run() {
    collect_uses();
    remove_casts_to_what_is();
    if (const Status status = rewrite_batch_norms(); !status) return status;
    for (int i = 0; std::cmp_less(i, graph_.values().size()); ++i) {
      const TypedValue& value = graph_.value(i);
      if (graph_.is_constant(i)) {
        if (!value.is_float()) continue;
        if (const Status status = rewrite_constant(i); !status) return status;
      } else {
        rewrite_value(i);
      }
    }
    for (int i = 0; std::cmp_less(i, graph_.nodes().size()); ++i) {
      if (const Status status = set_type_attribute(i); !status) return status;
    }
    declare_types();
    rebuild_scopes();
    return {};
  }

 private:
  std::vector<Use>& uses(int value) { return uses_[static_cast<std::size_t>(value)]; }

  void collect_uses() {
    for (const TypedValue& value : graph_.values()) {
      auto& uses = uses_.emplace_back();
      for (const ValueUse& use : value.uses) {
        uses.push_back({use, value.is_float() && plan_.wanted_narrow(graph_, use)});
      }
    }
  }

  [[nodiscard]] bool is_main_output(int value) const {
    return std::ranges::find(graph_.scope(0).outputs, value) != graph_.scope(0).outputs.end();
  }

  // A Cast of the model whose input has the type that it makes now: whoever reads its output reads its input.
  void remove_casts_to_what_is() {
    const std::int32_t target = onnx_type(report_.type);
    for (int i = 0; std::cmp_less(i, graph_.nodes().size()); ++i) {
      const TypedNode& node = graph_.node(i);
      if (!node.is("Cast") || node.inputs.size() != 1 || node.outputs.size() != 1) continue;
      const int from = node.inputs.front();
      const int to = node.outputs.front();
      if (from == kNone || to == kNone || graph_.is_constant(from) || is_main_output(to)) continue;
      const NodePlan& plan = plan_.node(i);
      const bool from_target = graph_.value(from).type == target || plan.narrow_inputs.front();
      const bool to_target = graph_.value(to).type == target || plan.narrow_outputs.front();
      const bool changed = plan.narrow_inputs.front() || plan.narrow_outputs.front();
      if (!from_target || !to_target || !changed) continue;
      if (plan.narrow_outputs.front() && std::ranges::any_of(uses(to), [](const Use& use) { return !use.narrow; })) {
        continue;
      }
      const int source = graph_.value(from).producer == kNone ? from : aliased(from);
      std::erase_if(uses(source), [i](const Use& use) { return use.place.node == i; });
      for (Use use : std::exchange(uses(to), {})) {
        use.narrow = true;
        uses(source).push_back(use);
      }
      aliases_.emplace(to, source);
      removed_.insert(i);
      ++report_.casts_removed;
    }
  }

  [[nodiscard]] int aliased(int value) const {
    const auto alias = aliases_.find(value);
    return alias == aliases_.end() ? value : alias->second;
  }

  std::string unique_name(const std::string& stem) {
    std::string name = stem;
    for (int i = 2; !names_.insert(name).second; ++i) name = fmt::format("{}_{}", stem, i);
    return name;
  }

  void set_name(const Use& use, const std::string& name) {
    if (use.place.node != kNone) {
      graph_.node(use.place.node).node->set_input(use.place.index, name);
    } else if (use.place.scope != 0) {
      graph_.scope(use.place.scope).graph->mutable_output(use.place.index)->set_name(name);
    }
  }

  [[nodiscard]] const char* suffix(bool narrow) const { return narrow ? to_string(report_.type) : "f32"; }

  Status rewrite_batch_norms() {
    for (int i = 0; std::cmp_less(i, graph_.nodes().size()); ++i) {
      if (!plan_.node(i).converts) continue;
      auto weights = unit_statistics(graph_, graph_.node(i), model_.path());
      if (!weights) continue;
      for (std::size_t w = 0; w < weights->size(); ++w) {
        const int input = static_cast<int>(w) + 1;
        const int value = graph_.node(i).inputs[w + 1];
        auto half = take_half((*weights)[w], graph_.value(value).name);
        if (!half) return forward_error(half);
        const auto is_this = [&](const Use& use) { return use.place.node == i && use.place.index == input; };
        std::vector<Use> these;
        std::ranges::copy_if(uses(value), std::back_inserter(these), is_this);
        std::erase_if(uses(value), is_this);
        place_constant(value, *std::move(half), these);
      }
    }
    return {};
  }

  // Initializers and Constant nodes: one of each type that is wanted, the first under the old name.
  Status rewrite_constant(int index) {
    const TypedValue& value = graph_.value(index);
    const auto narrow = [](const Use& use) { return use.narrow; };
    if (std::ranges::none_of(uses(index), narrow)) return {};
    auto half = take_half(stored_constant(graph_, value), value.name);
    if (!half) return forward_error(half);
    std::vector<Use> these;
    std::ranges::copy_if(uses(index), std::back_inserter(these), narrow);
    std::erase_if(uses(index), narrow);
    place_constant(index, *std::move(half), these);
    return {};
  }

  Result<onnx::TensorProto> take_half(const onnx::TensorProto& tensor, const std::string& name) {
    auto half = to_half(tensor, report_.type, model_.path());
    if (!half) return forward_error(half);
    half->loss.tensor = name;
    half->tensor.set_name(name);
    if (half->loss.overflowed + half->loss.flushed + half->loss.raised > 0) report_.losses.push_back(half->loss);
    return std::move(half->tensor);
  }

  // In the place of the value where nothing else reads that, else beside it.
  void place_constant(int index, onnx::TensorProto tensor, const std::vector<Use>& readers) {
    const TypedValue& value = graph_.value(index);
    if (uses(index).empty() && !narrow_[value.scope].contains(value.name)) {
      replace_constant(value, std::move(tensor));
      narrow_[value.scope].insert(value.name);
      return;
    }
    const std::string name = unique_name(fmt::format("{}_{}", value.name, suffix(true)));
    add_constant(value, std::move(tensor), name);
    for (const Use& use : readers) set_name(use, name);
  }

  static void set_constant(onnx::NodeProto& node, onnx::TensorProto tensor) {
    node.clear_attribute();
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name("value");
    attribute.set_type(onnx::AttributeProto::TENSOR);
    *attribute.mutable_t() = std::move(tensor);
  }

  void replace_constant(const TypedValue& value, onnx::TensorProto tensor) {
    if (value.initializer != nullptr) {
      *value.initializer = std::move(tensor);
    } else {
      set_constant(*graph_.node(value.producer).node, std::move(tensor));
    }
  }

  void add_constant(const TypedValue& value, onnx::TensorProto tensor, const std::string& name) {
    if (value.initializer != nullptr) {
      tensor.set_name(name);
      *graph_.scope(value.scope).graph->add_initializer() = std::move(tensor);
      return;
    }
    onnx::NodeProto node;
    node.set_op_type("Constant");
    node.set_name(unique_name(name + "_constant"));
    node.add_output(name);
    set_constant(node, std::move(tensor));
    insert_behind(value, std::move(node));
  }

  void insert_behind(const TypedValue& value, onnx::NodeProto node) {
    insertions_[static_cast<std::size_t>(value.scope)].push_back({value.producer, std::move(node)});
  }

  void add_cast(const TypedValue& value, const std::string& from, const std::string& to, bool narrow) {
    onnx::NodeProto cast;
    cast.set_op_type("Cast");
    cast.set_name(unique_name(fmt::format("{}_cast_{}", value.name, suffix(narrow))));
    cast.add_input(from);
    cast.add_output(to);
    onnx::AttributeProto& type = *cast.add_attribute();
    type.set_name("to");
    type.set_type(onnx::AttributeProto::INT);
    type.set_i(narrow ? onnx_type(report_.type) : onnx::TensorProto::FLOAT);
    insert_behind(value, std::move(cast));
    ++report_.casts_added;
  }

  void rewrite_value(int index) {
    const TypedValue& value = graph_.value(index);
    const bool is_float = value.is_float();
    const bool made_narrow = is_float ? plan_.made_narrow(graph_, value) : true;
    if (is_float && made_narrow) narrow_[value.scope].insert(value.name);
    if (!is_float) {  // readers of a Cast that is gone
      for (const Use& use : uses(index)) {
        if (use.narrow) set_name(use, value.name);
      }
      return;
    }
    const bool renamed = is_main_output(index) && made_narrow == plan_.keep_io_types && value.producer != kNone;
    const bool crossed =
        std::ranges::any_of(uses(index), [made_narrow](const Use& use) { return use.narrow != made_narrow; });
    const std::string other =
        renamed || crossed ? unique_name(fmt::format("{}_{}", value.name, suffix(renamed ? made_narrow : !made_narrow)))
                           : value.name;
    const std::string& made = renamed ? other : value.name;
    const std::string& cast = renamed ? value.name : other;
    if (renamed) {
      auto& outputs = *graph_.node(value.producer).node->mutable_output();
      std::ranges::replace(outputs, value.name, made);
      narrow_[value.scope].erase(value.name);
      if (!made_narrow) narrow_[value.scope].insert(value.name);
    }
    if (renamed || crossed) add_cast(value, made, cast, !made_narrow);
    for (const Use& use : uses(index)) set_name(use, use.narrow == made_narrow ? made : cast);
  }

  Status set_type_attribute(int index) {
    const TypedNode& node = graph_.node(index);
    const auto& narrow = plan_.node(index).narrow_outputs;
    if (narrow.empty()) return {};
    const bool has_float = node.outputs.front() != kNone && graph_.value(node.outputs.front()).is_float();
    const auto typed = type_attribute(node);
    if (!typed || !has_float) return {};
    auto& attributes = *node.node->mutable_attribute();
    auto found = std::ranges::find_if(attributes, [&](const auto& each) { return each.name() == typed->name; });
    if (found == attributes.end()) {
      // Where the type follows from an input, that of the input must be what the output is to have.
      const auto input = static_cast<std::size_t>(typed->follows);
      const bool follows = typed->follows != kNone && input < node.inputs.size() && node.inputs[input] != kNone &&
                           plan_.node(index).narrow_inputs[input] == narrow.front();
      if (!narrow.front() || follows) return {};
      return add_type_attribute(node, typed->name);
    }
    if (!narrow.front()) return {};
    if (found->type() == onnx::AttributeProto::TENSOR) {
      auto half = to_half(found->t(), report_.type, model_.path());
      if (!half) return forward_error(half);
      *found->mutable_t() = std::move(half->tensor);
    } else if (found->type() == onnx::AttributeProto::STRING) {
      found->set_s(onnx::TensorProto::DataType_Name(static_cast<onnx::TensorProto::DataType>(onnx_type(report_.type))));
    } else {
      found->set_i(onnx_type(report_.type));
    }
    return {};
  }

  [[nodiscard]] Status add_type_attribute(const TypedNode& node, const std::string& name) const {
    onnx::AttributeProto& added = *node.node->add_attribute();
    added.set_name(name);
    if (!node.is("ConstantOfShape")) {
      added.set_type(onnx::AttributeProto::INT);
      added.set_i(onnx_type(report_.type));
      return {};
    }
    added.set_type(onnx::AttributeProto::TENSOR);
    added.mutable_t()->set_data_type(onnx_type(report_.type));
    added.mutable_t()->add_dims(1);
    added.mutable_t()->set_raw_data(std::string(2, '\0'));
    return {};
  }

  void declare_types() {
    for (std::size_t i = 0; i < graph_.scopes().size(); ++i) {
      const auto& narrow = narrow_[static_cast<int>(i)];
      onnx::GraphProto& graph = *graph_.scopes()[i].graph;
      const auto declare = [&](onnx::ValueInfoProto& value, bool is_narrow) {
        if (!is_narrow || !value.type().has_tensor_type()) return;
        value.mutable_type()->mutable_tensor_type()->set_elem_type(onnx_type(report_.type));
      };
      for (auto* values : {graph.mutable_input(), graph.mutable_value_info()}) {
        for (auto& value : *values) declare(value, narrow.contains(value.name()));
      }
      for (int output = 0; output < graph.output_size(); ++output) {
        const int value = graph_.scopes()[i].outputs[static_cast<std::size_t>(output)];
        const ValueUse use{kNone, static_cast<int>(i), output};
        declare(*graph.mutable_output(output), graph_.value(value).is_float() && plan_.wanted_narrow(graph_, use));
      }
    }
  }

  // Nodes keep their addresses, so that bodies stay where they are.
  void rebuild_scopes() {
    std::vector<std::vector<int>> nodes(graph_.scopes().size());
    for (int i = 0; std::cmp_less(i, graph_.nodes().size()); ++i) {
      nodes[static_cast<std::size_t>(graph_.node(i).scope)].push_back(i);
    }
    for (std::size_t scope = 0; scope < nodes.size(); ++scope) {
      auto& field = *graph_.scopes()[scope].graph->mutable_node();
      std::vector<onnx::NodeProto*> old(static_cast<std::size_t>(field.size()));
      if (!old.empty()) field.ExtractSubrange(0, field.size(), old.data());
      const auto insert = [&](int producer) {
        for (auto& insertion : insertions_[scope]) {
          if (insertion.behind == producer) *field.Add() = std::move(insertion.node);
        }
      };
      insert(kNone);
      for (std::size_t i = 0; i < old.size(); ++i) {
        const int index = nodes[scope][i];
        if (removed_.contains(index)) {
          delete old[i];
        } else {
          field.AddAllocated(old[i]);
        }
        insert(index);
      }
    }
  }

  struct Insertion {
    int behind;  // kNone: before all nodes
    onnx::NodeProto node;
  };

  OnnxModel& model_;
  const TypedGraph& graph_;
  const Plan& plan_;
  PrecisionReport& report_;
  std::vector<std::vector<Use>> uses_;              // by value
  std::vector<std::vector<Insertion>> insertions_;  // by scope
  std::unordered_set<int> removed_;
  std::unordered_map<int, int> aliases_;
  std::unordered_map<int, std::unordered_set<std::string>> narrow_;  // by scope: names that have the new type now
  std::unordered_set<std::string> names_;
};

}  // namespace

Status rewrite(OnnxModel& model, const TypedGraph& graph, const Plan& plan, PrecisionReport& report) {
  return Rewriter(model, graph, plan, report).run();
}

}  // namespace trtprof::precision
