#include "trtprof/diagnose/graph_findings.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace trtprof {
namespace {

using Dims = std::vector<std::int64_t>;
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

bool one_of(std::string_view op_type, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, op_type) != names.end();
}

// The same inputs may give something else, or what it does is not in its inputs.
bool depends_on_more(const GraphNode& node) {
  return !node.domain.empty() ||
         one_of(node.op_type, {"RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial",
                               "Bernoulli", "If", "Loop", "Scan", "SequenceMap"}) ||
         (node.op_type == "Dropout" && node.inputs.size() > 2 && !node.inputs[2].empty());
}

std::string text_of(const AttributeValue& value) {
  return std::visit(
      [](const auto& content) -> std::string {
        using T = std::decay_t<decltype(content)>;
        if constexpr (std::is_same_v<T, OpaqueAttribute>) {
          return "?";
        } else if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string>) {
          return fmt::format("{}", content);
        } else {
          return fmt::format("{}", fmt::join(content, ","));
        }
      },
      value);
}

// Who makes and who reads what, by name.
class Reading {
 public:
  Reading(const Graph& graph, const TensorTable& tensors) : graph_(graph), tensors_(tensors) {
    for (const ValueInfo& output : graph.outputs) outputs_.insert(output.name);
    for (const ValueInfo& input : graph.inputs) inputs_.insert(input.name);
    for (const ValueInfo& weight : graph.initializers) constants_.insert(weight.name);
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      const GraphNode& node = graph.nodes[i];
      has_bodies_ = has_bodies_ || !node.subgraph.empty();
      for (const std::string& input : node.inputs) {
        if (!input.empty()) readers_[input].push_back(i);
      }
      for (const std::string& output : node.outputs) {
        if (!output.empty()) makers_[output] = i;
      }
      if (!computes_from_constants(node)) continue;
      for (const std::string& output : node.outputs) constants_.insert(output);
    }
  }

  [[nodiscard]] bool constant(const std::string& name) const { return constants_.contains(name); }
  [[nodiscard]] bool graph_output(const std::string& name) const { return outputs_.contains(name); }
  [[nodiscard]] bool graph_input(const std::string& name) const { return inputs_.contains(name); }
  [[nodiscard]] bool has_bodies() const { return has_bodies_; }
  [[nodiscard]] std::size_t maker(const std::string& name) const {
    const auto found = makers_.find(name);
    return found == makers_.end() ? kNone : found->second;
  }
  [[nodiscard]] const std::vector<std::size_t>& readers(const std::string& name) const {
    static const std::vector<std::size_t> nobody;
    const auto found = readers_.find(name);
    return found == readers_.end() ? nobody : found->second;
  }
  [[nodiscard]] bool read_once(const std::string& name) const {
    return !graph_output(name) && readers(name).size() == 1;
  }
  // nullptr: not known in every dimension.
  [[nodiscard]] const Dims* shape(const std::string& name) const {
    const auto found = tensors_.find(name);
    if (found == tensors_.end() || !found->second.shape) return nullptr;
    const Dims& dims = *found->second.shape;
    return std::ranges::any_of(dims, [](std::int64_t dim) { return dim < 0; }) ? nullptr : &dims;
  }
  [[nodiscard]] ElementType type(const std::string& name) const {
    const auto found = tensors_.find(name);
    return found == tensors_.end() ? ElementType::unknown : found->second.type;
  }
  [[nodiscard]] bool same_shape(const std::string& a, const std::string& b) const {
    const Dims* first = shape(a);
    const Dims* second = shape(b);
    return first != nullptr && second != nullptr && *first == *second;
  }
  // What the node makes of constants alone is a constant too.
  [[nodiscard]] bool computes_from_constants(const GraphNode& node) const {
    if (!node.subgraph.empty()) return false;
    if (node.op_type == "Constant" && node.domain.empty()) return true;
    if (node.inputs.empty() || depends_on_more(node)) return false;
    if (one_of(node.op_type, {"QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear"})) return false;
    return std::ranges::all_of(node.inputs, [&](const std::string& in) { return in.empty() || constant(in); });
  }

 private:
  const Graph& graph_;
  const TensorTable& tensors_;
  std::unordered_set<std::string> outputs_;
  std::unordered_set<std::string> inputs_;
  std::unordered_set<std::string> constants_;
  std::unordered_map<std::string, std::vector<std::size_t>> readers_;
  std::unordered_map<std::string, std::size_t> makers_;
  bool has_bodies_ = false;
};

class RedundancyFinder {
 public:
  RedundancyFinder(const Graph& graph, const TensorTable& tensors)
      : graph_(graph), reading_(graph, tensors), taken_(graph.nodes.size(), false) {}

  std::vector<RedundantNodes> run() {
    find_dead();
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (!candidate(i)) continue;
      if (std::string reason = why_identity(i); !reason.empty()) {
        take(Redundancy::identity, {i}, std::move(reason));
      } else if (reason = why_no_effect(i); !reason.empty()) {
        take(Redundancy::no_effect, {i}, std::move(reason));
      }
    }
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (candidate(i)) find_cancelling(i);
    }
    find_duplicates();
    std::ranges::stable_sort(found_, {}, [](const RedundantNodes& each) { return each.nodes.front(); });
    return std::move(found_);
  }

 private:
  // Constants are folded, not removed; a node between the model's input and its output only gives it another name.
  [[nodiscard]] bool candidate(std::size_t i) const {
    const GraphNode& node = graph_.nodes[i];
    if (taken_[i] || !node.subgraph.empty() || !node.domain.empty() || node.inputs.empty() || node.outputs.empty()) {
      return false;
    }
    const bool renames = reading_.graph_input(node.inputs[0]) && reading_.graph_output(node.outputs[0]);
    return !renames && !reading_.computes_from_constants(node);
  }

  void take(Redundancy what, std::vector<std::size_t> nodes, std::string reason) {
    for (const std::size_t node : nodes) taken_[node] = true;
    found_.push_back({what, std::move(nodes), std::move(reason)});
  }

  // Bodies may give a tensor on without a node that reads it, so that with them nothing is called dead.
  void find_dead() {
    if (reading_.has_bodies()) return;
    std::vector<bool> live(graph_.nodes.size(), false);
    for (std::size_t i = graph_.nodes.size(); i-- > 0;) {
      const auto wanted = [&](const std::string& output) {
        return reading_.graph_output(output) ||
               std::ranges::any_of(reading_.readers(output), [&](std::size_t reader) { return live[reader]; });
      };
      live[i] = std::ranges::any_of(graph_.nodes[i].outputs, wanted);
    }
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (live[i] || graph_.nodes[i].op_type == "Constant") continue;
      const bool read = std::ranges::any_of(graph_.nodes[i].outputs,
                                            [&](const std::string& name) { return !reading_.readers(name).empty(); });
      take(Redundancy::dead, {i}, read ? "only nodes that nobody reads read it" : "nobody reads what it makes");
    }
  }

  [[nodiscard]] std::string why_identity(std::size_t i) const {
    const GraphNode& node = graph_.nodes[i];
    if (node.op_type == "Identity") return "Identity";
    if (node.op_type != "Dropout" || depends_on_more(node)) return {};
    const bool mask = node.outputs.size() > 1 && !node.outputs[1].empty() &&
                      (reading_.graph_output(node.outputs[1]) || !reading_.readers(node.outputs[1]).empty());
    return mask ? std::string() : "Dropout does nothing in inference";
  }

  [[nodiscard]] std::string why_no_effect(std::size_t i) const {
    const GraphNode& node = graph_.nodes[i];
    const std::string& in = node.inputs[0];
    const std::string& out = node.outputs[0];
    if (node.op_type == "Cast") {
      const ElementType type = reading_.type(in);
      const bool same = type != ElementType::unknown && type == reading_.type(out);
      return same ? fmt::format("it is {} already", to_string(type)) : std::string();
    }
    if (node.op_type == "Transpose") {
      const auto moves = permutation(node);
      const bool stays = moves && std::ranges::is_sorted(*moves);
      return stays ? "every dimension stays where it is" : std::string();
    }
    if (node.outputs.size() > 1) return {};
    if (one_of(node.op_type, {"Concat", "Sum", "Max", "Min", "Mean"})) {
      return node.inputs.size() == 1 ? "it has one input" : std::string();
    }
    if (node.op_type == "Pad") {
      const auto pads = node.attributes.find("pads");
      const auto* values = pads == node.attributes.end() ? nullptr : std::get_if<Dims>(&pads->second);
      const bool none = values != nullptr && std::ranges::all_of(*values, [](std::int64_t pad) { return pad == 0; });
      return none ? "it pads nothing" : std::string();
    }
    const bool keeps = only_renames(node) || one_of(node.op_type, {"Expand", "Tile", "Split"}) || forward_slice(node);
    return keeps && reading_.same_shape(in, out) ? "the shape is that already" : std::string();
  }

  static bool only_renames(const GraphNode& node) {
    return one_of(node.op_type, {"Reshape", "Flatten", "Squeeze", "Unsqueeze"});
  }

  // Backwards it keeps the shape and turns the order round.
  static bool forward_slice(const GraphNode& node) {
    return node.op_type == "Slice" && (node.inputs.size() < 5 || node.inputs[4].empty());
  }

  [[nodiscard]] std::optional<Dims> permutation(const GraphNode& node) const {
    const auto found = node.attributes.find("perm");
    if (found != node.attributes.end()) {
      const auto* perm = std::get_if<Dims>(&found->second);
      return perm != nullptr ? std::optional(*perm) : std::nullopt;
    }
    const auto* dims = reading_.shape(node.inputs[0]);
    if (dims == nullptr) return std::nullopt;
    Dims reversed(dims->size());
    std::iota(reversed.rbegin(), reversed.rend(), 0);
    return reversed;
  }

  void find_cancelling(std::size_t second) {
    const GraphNode& node = graph_.nodes[second];
    const std::size_t first = reading_.maker(node.inputs[0]);
    if (first == kNone || !candidate(first) || !undoes(graph_.nodes[first], node)) return;
    const std::string reason = fmt::format("{} undoes {}", node.op_type, graph_.nodes[first].display_name());
    // With other readers of what is between, the first stays.
    if (reading_.read_once(node.inputs[0])) {
      take(Redundancy::cancels, {first, second}, reason);
    } else {
      take(Redundancy::cancels, {second}, reason);
    }
  }

  [[nodiscard]] bool undoes(const GraphNode& first, const GraphNode& second) const {
    const std::string& before = first.inputs[0];
    const std::string& after = second.outputs[0];
    if (only_renames(first) && only_renames(second)) return reading_.same_shape(before, after);
    if (first.op_type == "Cast" && second.op_type == "Cast") {
      return reading_.type(before) == reading_.type(after) &&
             holds(reading_.type(before), reading_.type(first.outputs[0]));
    }
    if (first.op_type != "Transpose" || second.op_type != "Transpose") return false;
    const auto one = permutation(first);
    const auto two = permutation(second);
    if (!one || !two || one->size() != two->size()) return false;
    for (std::size_t i = 0; i < two->size(); ++i) {
      const auto from = static_cast<std::size_t>((*two)[i]);
      if (from >= one->size() || std::cmp_not_equal((*one)[from], i)) return false;
    }
    return true;
  }

  // Does a value come back the same from the wider type?
  static bool holds(ElementType narrow, ElementType wide) {
    using enum ElementType;
    constexpr std::array<std::pair<ElementType, ElementType>, 10> pairs{{{f16, f32},
                                                                         {bf16, f32},
                                                                         {f16, f64},
                                                                         {bf16, f64},
                                                                         {f32, f64},
                                                                         {i8, i32},
                                                                         {u8, i32},
                                                                         {i8, i64},
                                                                         {u8, i64},
                                                                         {i32, i64}}};
    return std::ranges::find(pairs, std::pair(narrow, wide)) != pairs.end();
  }

  void find_duplicates() {
    std::unordered_map<std::string, std::size_t> seen;         // by what a node computes
    std::unordered_map<std::string, std::string> same_tensor;  // as the one that is there already
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const GraphNode& node = graph_.nodes[i];
      if (!candidate(i) || depends_on_more(node)) continue;
      const auto key = key_of(node, same_tensor);
      if (!key) continue;
      const auto [place, first] = seen.try_emplace(*key, i);
      if (first || std::ranges::any_of(node.outputs, [&](const auto& out) { return reading_.graph_output(out); })) {
        continue;
      }
      const GraphNode& earlier = graph_.nodes[place->second];
      for (std::size_t k = 0; k < node.outputs.size(); ++k) same_tensor[node.outputs[k]] = earlier.outputs[k];
      take(Redundancy::duplicate, {i}, fmt::format("the same as {}", earlier.display_name()));
    }
  }

  // nullopt: an attribute's content is not seen.
  static std::optional<std::string> key_of(const GraphNode& node,
                                           const std::unordered_map<std::string, std::string>& same_tensor) {
    std::string key = fmt::format("{}\n{}", node.op_type, node.outputs.size());
    for (const auto& [name, value] : node.attributes) {
      if (std::holds_alternative<OpaqueAttribute>(value)) return std::nullopt;
      key += fmt::format("\n{}={}", name, text_of(value));
    }
    for (const std::string& input : node.inputs) {
      const auto found = same_tensor.find(input);
      key += fmt::format("\n<{}", found == same_tensor.end() ? input : found->second);
    }
    return key;
  }

  const Graph& graph_;
  Reading reading_;
  std::vector<bool> taken_;
  std::vector<RedundantNodes> found_;
};

// Sets of nodes that grow together.
class Groups {
 public:
  explicit Groups(std::size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }
  std::size_t find(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(std::size_t a, std::size_t b) { parent_[std::max(find(a), find(b))] = std::min(find(a), find(b)); }

 private:
  std::vector<std::size_t> parent_;
};

std::optional<std::uint64_t> bytes_of(const Reading& reading, const std::string& name) {
  const Dims* shape = reading.shape(name);
  const std::size_t bits = bits_of(reading.type(name));
  if (shape == nullptr || bits == 0) return std::nullopt;
  double elements = 1.0;
  for (const std::int64_t dim : *shape) elements *= static_cast<double>(dim);
  const double bytes = elements * static_cast<double>(bits) / 8.0;
  return bytes < 1e18 ? std::optional(static_cast<std::uint64_t>(bytes)) : std::nullopt;
}

void take_results(const Graph& graph, const Reading& reading, const std::vector<bool>& folds, ConstantSubgraph& part) {
  part.result_bytes = 0;
  for (const std::size_t i : part.nodes) {
    for (const std::string& output : graph.nodes[i].outputs) {
      const auto& readers = reading.readers(output);
      const bool leaves = std::ranges::any_of(readers, [&](std::size_t reader) { return !folds[reader]; });
      if (output.empty() || (!leaves && !reading.graph_output(output))) continue;
      part.results.push_back(output);
      const auto bytes = bytes_of(reading, output);
      if (!bytes) part.result_bytes.reset();
      if (part.result_bytes) *part.result_bytes += *bytes;
    }
  }
}

}  // namespace

std::string_view to_string(Redundancy what) {
  constexpr std::array<std::string_view, 5> names{"identity", "no_effect", "cancels", "duplicate", "dead"};
  return names[static_cast<std::size_t>(what)];
}

std::vector<RedundantNodes> find_redundant_nodes(const Graph& graph, const TensorTable& tensors) {
  return RedundancyFinder(graph, tensors).run();
}

ConstantSubgraphs find_constant_subgraphs(const Graph& graph, const TensorTable& tensors) {
  const Reading reading(graph, tensors);
  std::vector<bool> folds(graph.nodes.size(), false);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    folds[i] = graph.nodes[i].op_type != "Constant" && reading.computes_from_constants(graph.nodes[i]);
  }
  Groups groups(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!folds[i]) continue;
    for (const std::string& input : graph.nodes[i].inputs) {
      const std::size_t maker = input.empty() ? kNone : reading.maker(input);
      if (maker != kNone && folds[maker]) groups.join(maker, i);
    }
  }
  std::map<std::size_t, ConstantSubgraph> parts;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (folds[i]) parts[groups.find(i)].nodes.push_back(i);
  }
  ConstantSubgraphs result;
  for (auto& [first, part] : parts) {
    const bool names_only =
        std::ranges::all_of(part.nodes, [&](std::size_t i) { return graph.nodes[i].op_type == "Identity"; });
    take_results(graph, reading, folds, part);
    if (names_only || part.results.empty()) continue;
    const bool fits = part.result_bytes && *part.result_bytes <= kMostStored;
    (fits ? result.foldable : result.too_large).push_back(std::move(part));
  }
  return result;
}

}  // namespace trtprof
