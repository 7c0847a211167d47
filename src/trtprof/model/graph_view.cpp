#include "trtprof/model/graph_view.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/text.h"
#include "trtprof/model/captures.h"
#include "trtprof/model/tensor_values.h"

namespace trtprof {
namespace {

void collect_names(const onnx::GraphProto& graph, std::unordered_set<std::string>& names) {
  for (const auto* values : {&graph.input(), &graph.output(), &graph.value_info()}) {
    for (const auto& value : *values) names.insert(value.name());
  }
  for (const auto& tensor : graph.initializer()) names.insert(tensor.name());
  for (const auto& sparse : graph.sparse_initializer()) names.insert(sparse.values().name());
  for (const auto& node : graph.node()) {
    names.insert(node.name());
    names.insert(node.output().begin(), node.output().end());
    for (const auto& attribute : node.attribute()) {
      if (attribute.has_g()) collect_names(attribute.g(), names);
      for (const auto& below : attribute.graphs()) collect_names(below, names);
    }
  }
}

bool is_constant_node(const onnx::NodeProto* node) {
  return node != nullptr && node->op_type() == "Constant" && (node->domain().empty() || node->domain() == "ai.onnx");
}

template <class Value>
Tensor tensor_of(ElementType type, std::vector<std::int64_t> shape, const Value* values, std::size_t count) {
  Tensor tensor{type, std::move(shape), std::vector<std::byte>(count * sizeof(Value))};
  if (count > 0) std::memcpy(tensor.data.data(), values, tensor.data.size());
  return tensor;
}

Result<Tensor> value_of_constant(const onnx::NodeProto& node, const std::filesystem::path& model_path) {
  for (const auto& attribute : node.attribute()) {
    if (attribute.name() == "value") return read_tensor(attribute.t(), model_path);
    const std::int64_t integer = attribute.i();
    const float number = attribute.f();
    if (attribute.name() == "value_int") return tensor_of(ElementType::i64, {}, &integer, 1);
    if (attribute.name() == "value_float") return tensor_of(ElementType::f32, {}, &number, 1);
    const auto& ints = attribute.ints();
    const auto& floats = attribute.floats();
    if (attribute.name() == "value_ints") {
      return tensor_of(ElementType::i64, {ints.size()}, ints.data(), static_cast<std::size_t>(ints.size()));
    }
    if (attribute.name() == "value_floats") {
      return tensor_of(ElementType::f32, {floats.size()}, floats.data(), static_cast<std::size_t>(floats.size()));
    }
  }
  return fail(fmt::format("constant '{}' holds neither numbers nor a dense tensor", printable(node.output(0))));
}

// The others keep their order and their addresses.
template <class Field, class Predicate>
void erase_if(Field& field, const Predicate& predicate) {
  for (int i = field.size() - 1; i >= 0; --i) {
    if (predicate(field.Get(i))) field.DeleteSubrange(i, 1);
  }
}

}  // namespace

GraphView::GraphView(onnx::ModelProto& model, std::filesystem::path model_path)
    : graph_(*model.mutable_graph()), model_path_(std::move(model_path)) {
  for (const auto& tensor : graph_.initializer()) initializers_.emplace(tensor.name(), &tensor);
  for (const auto& input : graph_.input()) inputs_.insert(input.name());
  for (const auto& output : graph_.output()) outputs_.insert(output.name());
  for (auto& node : *graph_.mutable_node()) index_node(node);
  collect_names(graph_, names_);
}

std::vector<onnx::NodeProto*> GraphView::nodes() const {
  std::vector<onnx::NodeProto*> nodes;
  for (auto& node : *graph_.mutable_node()) nodes.push_back(&node);
  return nodes;
}

std::vector<std::string> GraphView::initializers() const {
  std::vector<std::string> names;
  for (const auto& tensor : graph_.initializer()) names.push_back(tensor.name());
  return names;
}

onnx::NodeProto* GraphView::producer(const std::string& value) const {
  const auto found = producers_.find(value);
  return found == producers_.end() ? nullptr : found->second;
}

std::vector<GraphView::Use> GraphView::uses(const std::string& value) const {
  const auto found = uses_.find(value);
  return found == uses_.end() ? std::vector<Use>{} : found->second;
}

bool GraphView::is_graph_input(const std::string& value) const {
  return inputs_.contains(value) && !initializers_.contains(value);
}

bool GraphView::is_graph_output(const std::string& value) const {
  return outputs_.contains(value);
}

bool GraphView::is_used(const std::string& value) const {
  const auto found = uses_.find(value);
  return is_graph_output(value) || (found != uses_.end() && !found->second.empty());
}

bool GraphView::is_constant(const std::string& value) const {
  return initializers_.contains(value) || is_constant_node(producer(value));
}

Result<Tensor> GraphView::constant(const std::string& value) const {
  if (const auto found = initializers_.find(value); found != initializers_.end()) {
    return read_tensor(*found->second, model_path_);
  }
  const onnx::NodeProto* node = producer(value);
  if (!is_constant_node(node)) return fail(fmt::format("'{}' is not a constant", printable(value)));
  return value_of_constant(*node, model_path_);
}

std::string GraphView::unique_name(const std::string& stem) const {
  if (!stem.empty() && !names_.contains(stem)) return stem;
  for (int i = 2;; ++i) {
    std::string name = fmt::format("{}_{}", stem, i);
    if (!names_.contains(name)) return name;
  }
}

void GraphView::index_node(onnx::NodeProto& node) {
  for (const auto& output : node.output()) {
    if (!output.empty()) producers_[output] = &node;
  }
  for (int i = 0; i < node.input_size(); ++i) {
    if (!node.input(i).empty()) uses_[node.input(i)].push_back({&node, i});
  }
  for (const std::string& value : captures_of(node)) uses_[value].push_back({&node, kInSubgraph});
}

void GraphView::forget_uses(const onnx::NodeProto& node) {
  const auto forget = [&](const std::string& value) {
    const auto found = uses_.find(value);
    if (found != uses_.end()) std::erase_if(found->second, [&node](const Use& use) { return use.node == &node; });
  };
  for (const auto& input : node.input()) forget(input);
  for (const std::string& value : captures_of(node)) forget(value);
}

void GraphView::truncate_inputs(onnx::NodeProto& node, int count) {
  while (node.input_size() > count) {
    std::erase(uses_[node.input(node.input_size() - 1)], Use{&node, node.input_size() - 1});
    node.mutable_input()->RemoveLast();
  }
}

void GraphView::set_input(onnx::NodeProto& node, int input, const std::string& value) {
  while (node.input_size() <= input) node.add_input("");
  auto& before = uses_[node.input(input)];
  std::erase(before, Use{&node, input});
  node.set_input(input, value);
  if (!value.empty()) uses_[value].push_back({&node, input});
}

void GraphView::replace_uses(const std::string& from_value, const std::string& to_value) {
  if (from_value == to_value) return;
  // Copies: a caller may well give the name of an input that changes now.
  const std::string from = from_value;  // NOLINT(performance-unnecessary-copy-initialization)
  const std::string to = to_value;      // NOLINT(performance-unnecessary-copy-initialization)
  const std::vector<Use> replaced = std::exchange(uses_[from], {});
  std::vector<Use>& uses = uses_[to];
  for (const Use& use : replaced) {
    if (use.input != kInSubgraph) {
      use.node->set_input(use.input, to);
    } else {
      replace_captures(*use.node, from, to);
      if (std::ranges::find(uses, use) != uses.end()) continue;  // it captured `to` before
    }
    uses.push_back(use);
  }
}

Status GraphView::rename(const std::string& from, const std::string& to) {
  if (inputs_.contains(from) || outputs_.contains(from)) {
    return fail(fmt::format("'{}' cannot be renamed: it is an input or output of the graph", printable(from)));
  }
  if (to.empty() || names_.contains(to)) {
    return fail(fmt::format("'{}' cannot be renamed to '{}', which is taken", printable(from), printable(to)));
  }
  onnx::NodeProto* node = producer(from);
  const auto initializer = initializers_.find(from);
  if (node == nullptr && initializer == initializers_.end()) {
    return fail(fmt::format("'{}' cannot be renamed: nothing makes it", printable(from)));
  }
  // A copy: `from` may be a reference into what changes now.
  const std::string old = from;  // NOLINT(performance-unnecessary-copy-initialization)
  replace_uses(old, to);
  if (node != nullptr) {
    std::replace(node->mutable_output()->begin(), node->mutable_output()->end(), old, to);
    producers_.erase(old);
    producers_[to] = node;
  } else {
    for (auto& tensor : *graph_.mutable_initializer()) {
      if (tensor.name() == old) tensor.set_name(to);
    }
    const onnx::TensorProto* tensor = initializer->second;
    initializers_.erase(initializer);
    initializers_.emplace(to, tensor);
  }
  for (auto& value : *graph_.mutable_value_info()) {
    if (value.name() == old) value.set_name(to);
  }
  names_.insert(to);
  return {};
}

void GraphView::forget_type(const std::string& value) {
  erase_if(*graph_.mutable_value_info(), [&value](const auto& each) { return each.name() == value; });
}

int GraphView::position_of(const onnx::NodeProto& node) const {
  const auto& nodes = graph_.node();
  const auto found = std::ranges::find_if(nodes, [&node](const auto& each) { return &each == &node; });
  return static_cast<int>(found - nodes.begin());
}

Result<onnx::NodeProto*> GraphView::insert_before(const onnx::NodeProto& place, const onnx::NodeProto& node) {
  return insert_at(position_of(place), node);
}

Result<onnx::NodeProto*> GraphView::insert_after(const onnx::NodeProto& place, const onnx::NodeProto& node) {
  return insert_at(position_of(place) + 1, node);
}

Result<onnx::NodeProto*> GraphView::insert_at(int position, const onnx::NodeProto& node) {
  const std::string who = fmt::format("node '{}' ({})", printable(node.name()), printable(node.op_type()));
  for (const auto& output : node.output()) {
    if (!output.empty() && names_.contains(output)) {
      return fail(fmt::format("{} cannot be inserted: its output '{}' exists", who, printable(output)));
    }
  }
  auto read = captures_of(node);
  read.insert(node.input().begin(), node.input().end());
  for (const std::string& value : read) {
    if (value.empty() || inputs_.contains(value) || initializers_.contains(value)) continue;
    const onnx::NodeProto* made_by = producer(value);
    if (made_by != nullptr && position_of(*made_by) < position) continue;
    const char* why = made_by == nullptr ? "which nothing makes" : "which is made later";
    return fail(fmt::format("{} cannot be inserted: it reads '{}', {}", who, printable(value), why));
  }
  auto& nodes = *graph_.mutable_node();
  onnx::NodeProto& added = *nodes.Add();
  added = node;
  for (int i = nodes.size() - 1; i > position; --i) nodes.SwapElements(i, i - 1);  // swaps addresses, not nodes
  index_node(added);
  names_.insert(added.name());
  names_.insert(added.output().begin(), added.output().end());
  for (const auto& attribute : added.attribute()) {
    if (attribute.has_g()) collect_names(attribute.g(), names_);
    for (const auto& below : attribute.graphs()) collect_names(below, names_);
  }
  return &added;
}

void GraphView::erase_node(onnx::NodeProto& node) {
  forget_uses(node);
  const std::unordered_set<std::string> outputs(node.output().begin(), node.output().end());
  for (const std::string& output : outputs) producers_.erase(output);
  erase_if(*graph_.mutable_value_info(), [&](const auto& value) { return outputs.contains(value.name()); });
  graph_.mutable_node()->DeleteSubrange(position_of(node), 1);
}

Status GraphView::remove(onnx::NodeProto& node) {
  for (const auto& output : node.output()) {
    if (!output.empty() && is_used(output)) {
      return fail(fmt::format("node '{}' ({}) cannot be removed: its output '{}' is used", printable(node.name()),
                              printable(node.op_type()), printable(output)));
    }
  }
  std::vector<std::string> pending;
  erase_into(node, pending);
  erase_unused(std::move(pending));
  return {};
}

void GraphView::erase_into(onnx::NodeProto& node, std::vector<std::string>& pending) {
  pending.insert(pending.end(), node.input().begin(), node.input().end());
  for (const std::string& value : captures_of(node)) pending.push_back(value);
  erase_node(node);
}

void GraphView::erase_unused(std::vector<std::string> pending) {
  while (!pending.empty()) {
    const std::string value = std::move(pending.back());
    pending.pop_back();
    if (value.empty() || is_used(value)) continue;
    if (initializers_.contains(value) && !inputs_.contains(value)) {  // one that is an input is part of the interface
      initializers_.erase(value);
      erase_if(*graph_.mutable_initializer(), [&value](const auto& tensor) { return tensor.name() == value; });
    }
    onnx::NodeProto* made_by = producer(value);
    const auto unused = [this](const std::string& output) { return output.empty() || !is_used(output); };
    if (made_by != nullptr && std::ranges::all_of(made_by->output(), unused)) erase_into(*made_by, pending);
  }
}

void GraphView::remove_if_unused(const std::string& value) {
  erase_unused({value});
}

Status GraphView::bypass(onnx::NodeProto& node, int input) {
  for (int i = 1; i < node.output_size(); ++i) {
    if (node.output(i).empty() || !is_used(node.output(i))) continue;
    return fail(fmt::format("node '{}' ({}) cannot be bypassed: its output '{}' is used", printable(node.name()),
                            printable(node.op_type()), printable(node.output(i))));
  }
  if (is_graph_output(node.output(0))) return move_to_output(node.input(input), node);
  replace_uses(node.output(0), node.input(input));
  return remove(node);
}

Status GraphView::move_to_output(const std::string& value, onnx::NodeProto& node) {
  onnx::NodeProto* maker = producer(value);
  if (maker == nullptr || is_graph_output(value)) {
    return fail(fmt::format("'{}' cannot be called '{}', an output of the graph: it is {}", printable(value),
                            printable(node.output(0)),
                            is_graph_output(value) ? "an output itself" : "an input or a constant"));
  }
  // A copy: `value` may be a reference into what changes now.
  const std::string old = value;  // NOLINT(performance-unnecessary-copy-initialization)
  const std::string name = node.output(0);
  const std::string unread = unique_name(name + "_unread");
  node.set_output(0, unread);
  producers_.erase(name);
  producers_[unread] = &node;
  replace_uses(old, name);
  std::replace(maker->mutable_output()->begin(), maker->mutable_output()->end(), old, name);
  producers_.erase(old);
  producers_[name] = maker;
  erase_if(*graph_.mutable_value_info(), [&old](const auto& each) { return each.name() == old; });
  return remove(node);
}

std::string GraphView::add_initializer(const onnx::TensorProto& tensor) {
  onnx::TensorProto& added = *graph_.add_initializer();
  added = tensor;
  added.set_name(unique_name(tensor.name().empty() ? "constant" : tensor.name()));
  initializers_.emplace(added.name(), &added);
  names_.insert(added.name());
  return added.name();
}

}  // namespace trtprof
