#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "trtprof/cost/fusion_patterns.h"
#include "trtprof/cost/inspection.h"

namespace trtprof {

namespace {

constexpr std::array<std::pair<FusionKind, std::string_view>, 7> kNames = {{
    {FusionKind::conv_affine, "conv_affine"},
    {FusionKind::conv_bn, "conv_bn"},
    {FusionKind::conv_activation, "conv_activation"},
    {FusionKind::conv_bn_activation, "conv_bn_activation"},
    {FusionKind::conv_add, "conv_add"},
    {FusionKind::depthwise_pointwise, "depthwise_pointwise"},
    {FusionKind::inverted_residual, "inverted_residual"},
}};

// A convolution and what it can take along.
struct Unit {
  std::vector<int> nodes;
  int input = GraphIndex::kNone;
  int result = GraphIndex::kNone;
  bool depthwise = false;
  bool pointwise = false;
  std::int64_t in_channels = 0;
  std::int64_t out_channels = 0;
  bool has_affine = false;
  bool has_bn = false;
  bool has_addition = false;
  bool activated = false;
  bool in_block = false;
};

class CandidateFinder {
 public:
  CandidateFinder(const Graph& graph, const TensorTable& tensors)
      : graph_(graph), index_(graph, tensors), find_(graph, index_), unit_of_node_(graph.nodes.size(), nullptr) {}

  std::vector<FusionCandidate> run() {
    std::vector<FusionCandidate> candidates;
    units_.reserve(graph_.nodes.size());
    const int count = static_cast<int>(graph_.nodes.size());
    for (int i = 0; i < count; ++i) {
      if (!find_.is_op(i, "Conv") && !find_.is_op(i, "ConvTranspose")) {
        continue;
      }
      units_.push_back(grow(i));
      for (const int node : units_.back().nodes) {
        unit_of_node_[static_cast<std::size_t>(node)] = &units_.back();
      }
      if (const auto kind = kind_of(units_.back())) {
        candidates.push_back(candidate(*kind, units_.back().nodes));
      }
    }
    for (Unit& unit : units_) {
      if (auto block = block_around(unit)) {
        candidates.push_back(*std::move(block));
      }
    }
    return candidates;
  }

 private:
  static bool extend(Unit& unit, const std::optional<Piece>& piece) {
    if (!piece) {
      return false;
    }
    unit.nodes.insert(unit.nodes.end(), piece->nodes.begin(), piece->nodes.end());
    unit.result = piece->result;
    return true;
  }

  [[nodiscard]] Unit grow(int node) const {
    Unit unit;
    unit.nodes = {node};
    unit.input = index_.input(node, 0);
    unit.result = index_.output(node, 0);
    if (find_.is_op(node, "Conv")) {
      classify(unit, node);
    }
    if (unit.result < 0) {
      return unit;
    }
    unit.has_affine = extend(unit, find_.affine(unit.result));
    unit.has_bn = extend(unit, find_.batch_normalization(unit.result));
    if (unit.has_bn) {
      extend(unit, find_.affine(unit.result));
    }
    unit.activated = extend(unit, find_.activation(unit.result));
    if (unit.activated) {
      extend(unit, find_.affine(unit.result));
    }
    unit.has_addition = extend(unit, find_.residual_addition(unit.result));
    if (unit.has_addition && !unit.activated) {
      unit.activated = extend(unit, find_.activation(unit.result));
    }
    return unit;
  }

  void classify(Unit& unit, int node) const {
    const int weight = index_.input(node, 1);
    const TensorFacts* facts = weight < 0 ? nullptr : index_.tensor(weight).facts;
    if (facts == nullptr || !facts->shape || facts->shape->size() < 3) {
      return;
    }
    const auto& shape = *facts->shape;  // out channels, channels of a group, kernel
    const auto& attributes = graph_.nodes[static_cast<std::size_t>(node)].attributes;
    const auto group = attributes.find("group");
    const auto* groups = group == attributes.end() ? nullptr : std::get_if<std::int64_t>(&group->second);
    const std::int64_t group_count = groups == nullptr ? 1 : *groups;
    unit.out_channels = shape[0];
    unit.in_channels = shape[1] * group_count;
    unit.depthwise = group_count > 1 && shape[1] == 1;
    unit.pointwise =
        group_count == 1 && std::all_of(shape.begin() + 2, shape.end(), [](std::int64_t dim) { return dim == 1; });
  }

  static std::optional<FusionKind> kind_of(const Unit& unit) {
    if (unit.has_addition) {
      return FusionKind::conv_add;
    }
    if (unit.activated) {
      return unit.has_bn ? FusionKind::conv_bn_activation : FusionKind::conv_activation;
    }
    if (unit.has_bn) {
      return FusionKind::conv_bn;
    }
    return unit.has_affine ? std::optional(FusionKind::conv_affine) : std::nullopt;
  }

  // The unit whose convolution alone reads the tensor.
  [[nodiscard]] Unit* unit_after(int tensor) const {
    const int reader = tensor < 0 ? GraphIndex::kNone : find_.sole_reader(tensor);
    Unit* unit = reader < 0 ? nullptr : unit_of_node_[static_cast<std::size_t>(reader)];
    return unit != nullptr && unit->nodes.front() == reader && unit->input == tensor ? unit : nullptr;
  }

  // The 1x1 convolution that widens what the depthwise one reads.
  [[nodiscard]] Unit* expansion_before(const Unit& depthwise) const {
    if (depthwise.input < 0 || find_.sole_reader(depthwise.input) != depthwise.nodes.front()) {
      return nullptr;
    }
    const int producer = index_.tensor(depthwise.input).producer;
    Unit* unit = unit_of_node_[static_cast<std::size_t>(producer)];
    const bool widens = unit != nullptr && unit->result == depthwise.input && unit->pointwise && unit->activated &&
                        !unit->has_addition && !unit->in_block && unit->out_channels > unit->in_channels;
    return widens ? unit : nullptr;
  }

  [[nodiscard]] std::optional<FusionCandidate> block_around(Unit& depthwise) {
    if (!depthwise.depthwise || depthwise.has_addition || depthwise.result < 0) {
      return std::nullopt;
    }
    std::vector<int> nodes = depthwise.nodes;
    int tensor = depthwise.result;
    bool activated = depthwise.activated;
    const auto attend = [&](const std::optional<Piece>& piece) {
      if (piece) {
        nodes.insert(nodes.end(), piece->nodes.begin(), piece->nodes.end());
        tensor = piece->result;
      }
      return piece.has_value();
    };
    if (attend(find_.squeeze_excitation(tensor)) && !activated) {
      activated = attend(find_.activation(tensor));
    }
    Unit* projection = unit_after(tensor);
    if (projection == nullptr || !projection->pointwise) {
      return std::nullopt;
    }
    nodes.insert(nodes.end(), projection->nodes.begin(), projection->nodes.end());
    depthwise.in_block = projection->in_block = true;
    if (!activated || projection->activated) {
      return candidate(FusionKind::depthwise_pointwise, nodes);
    }
    if (Unit* expansion = expansion_before(depthwise)) {
      expansion->in_block = true;
      nodes.insert(nodes.end(), expansion->nodes.begin(), expansion->nodes.end());
    }
    return candidate(FusionKind::inverted_residual, nodes);
  }

  [[nodiscard]] FusionCandidate candidate(FusionKind kind, std::vector<int> nodes) const {
    std::ranges::sort(nodes);
    FusionCandidate result{kind, {}};
    for (const int node : nodes) {
      result.nodes.push_back(graph_.nodes[static_cast<std::size_t>(node)].display_name());
    }
    return result;
  }

  const Graph& graph_;
  GraphIndex index_;
  PatternFinder find_;
  std::vector<Unit> units_;          // room for all from the start: pointers to them stay good
  std::vector<Unit*> unit_of_node_;  // nullptr: in none
};

}  // namespace

std::string_view to_string(FusionKind kind) {
  const auto* found = std::ranges::find_if(kNames, [&](const auto& name) { return name.first == kind; });
  return found->second;
}

bool is_block(FusionKind kind) {
  return kind == FusionKind::depthwise_pointwise || kind == FusionKind::inverted_residual;
}

std::vector<FusionCandidate> find_fusion_candidates(const Graph& graph, const TensorTable& tensors) {
  return CandidateFinder(graph, tensors).run();
}

}  // namespace trtprof
