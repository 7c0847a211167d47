#include "trtprof/cost/fusion_pairs.h"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

#include "trtprof/cost/fusion_patterns.h"
#include "trtprof/cost/graph_index.h"
#include "trtprof/profile/layer_class.h"

namespace trtprof {
namespace {

enum class Family { convolution, product, pointwise };

FusionPairKind affine_of(Family family) {
  return family == Family::convolution ? FusionPairKind::conv_affine
         : family == Family::product   ? FusionPairKind::matmul_affine
                                       : FusionPairKind::pointwise;
}

FusionPairKind activation_of(Family family) {
  return family == Family::convolution ? FusionPairKind::conv_activation
         : family == Family::product   ? FusionPairKind::matmul_activation
                                       : FusionPairKind::pointwise;
}

bool is_floating(ElementType type) {
  return type == ElementType::f32 || type == ElementType::f16 || type == ElementType::bf16 || type == ElementType::f64;
}

class PairFinder {
 public:
  PairFinder(const Graph& graph, const TensorTable& tensors)
      : graph_(graph), index_(graph, tensors), find_(graph, index_), used_(graph.nodes.size(), false) {}

  std::vector<FusionPair> run() {
    const int count = static_cast<int>(graph_.nodes.size());
    for (int i = 0; i < count; ++i) {
      if (const auto family = main_family(i)) grow(i, *family);
    }
    for (int i = 0; i < count; ++i) {
      if (!used_[static_cast<std::size_t>(i)] && is_pointwise(i)) grow_pointwise(i);
    }
    std::ranges::stable_sort(found_, {}, [](const Found& found) { return found.first; });
    std::vector<FusionPair> pairs;
    pairs.reserve(found_.size());
    for (Found& found : found_) pairs.push_back(std::move(found.pair));
    return pairs;
  }

 private:
  struct Found {
    int first;  // node
    FusionPair pair;
  };

  [[nodiscard]] const GraphNode& node(int number) const { return graph_.nodes[static_cast<std::size_t>(number)]; }

  [[nodiscard]] std::optional<Family> main_family(int number) const {
    const GraphNode& it = node(number);
    if (!it.domain.empty() || !it.subgraph.empty()) return std::nullopt;
    if (it.op_type == "Conv" || it.op_type == "ConvTranspose") return Family::convolution;
    if (it.op_type == "MatMul" || it.op_type == "Gemm") return Family::product;
    return std::nullopt;
  }

  // Arithmetic on data, not on shapes.
  [[nodiscard]] bool is_pointwise(int number) const {
    const GraphNode& it = node(number);
    const int result = index_.output(number, 0);
    if (!it.domain.empty() || !it.subgraph.empty() || result < 0) return false;
    const GraphIndex::Tensor& tensor = index_.tensor(result);
    const LayerClass layer_class = class_of_onnx_op(it.op_type);
    return (layer_class == LayerClass::elementwise || layer_class == LayerClass::activation) && !tensor.folds &&
           (tensor.facts == nullptr || is_floating(tensor.facts->type));
  }

  struct Unit {
    std::vector<int> nodes;
    int result = GraphIndex::kNone;
  };

  // The piece joins the unit, across a boundary of this kind.
  bool extend(Unit& unit, FusionPairKind kind, const std::optional<Piece>& piece) {
    if (!piece) return false;
    FusionPair pair{kind, std::string(index_.tensor(unit.result).name), names(unit.nodes), names(piece->nodes)};
    // Two convolutions that are added have what follows in common.
    if (tensors_seen_.insert(unit.result).second) found_.push_back({unit.nodes.front(), std::move(pair)});
    for (const int number : piece->nodes) used_[static_cast<std::size_t>(number)] = true;
    unit.nodes.insert(unit.nodes.end(), piece->nodes.begin(), piece->nodes.end());
    unit.result = piece->result;
    return unit.result >= 0;
  }

  [[nodiscard]] std::vector<std::string> names(std::vector<int> nodes) const {
    std::ranges::sort(nodes);
    std::vector<std::string> result;
    result.reserve(nodes.size());
    for (const int number : nodes) result.push_back(node(number).display_name());
    return result;
  }

  // Step by step as engines do: normalisation and constants, activation, addition, the activation behind it.
  void grow(int number, Family family) {
    Unit unit{{number}, index_.output(number, 0)};
    used_[static_cast<std::size_t>(number)] = true;
    if (unit.result < 0) return;
    const bool convolution = family == Family::convolution;
    bool going = true;
    const auto attend = [&](FusionPairKind kind, const std::optional<Piece>& piece) {
      const bool joined = going && extend(unit, kind, piece);
      going = going && (joined || !piece);
      return joined;
    };
    attend(affine_of(family), find_.affine(unit.result));
    if (going && convolution) attend(FusionPairKind::conv_bn, find_.batch_normalization(unit.result));
    if (going) attend(affine_of(family), find_.affine(unit.result));
    if (going) attend(activation_of(family), find_.activation(unit.result));
    const FusionPairKind addition = convolution ? FusionPairKind::conv_add : FusionPairKind::matmul_add;
    if (going && attend(addition, find_addition(unit.result))) {
      attend(FusionPairKind::add_activation, find_.activation(unit.result));
    } else if (going && is_depthwise(number)) {
      attend(FusionPairKind::depthwise_pointwise, pointwise_convolution(unit.result));
    }
  }

  void grow_pointwise(int number) {
    Unit unit{{number}, index_.output(number, 0)};
    used_[static_cast<std::size_t>(number)] = true;
    while (extend(unit, FusionPairKind::pointwise, next_pointwise(unit.result))) {
    }
  }

  [[nodiscard]] std::optional<Piece> next_pointwise(int tensor) const {
    if (auto activation = find_.activation(tensor)) return activation;
    const int reader = find_.sole_reader(tensor);
    if (reader < 0 || used_[static_cast<std::size_t>(reader)] || !is_pointwise(reader)) return std::nullopt;
    return Piece{{reader}, index_.output(reader, 0)};
  }

  // Of another tensor, whichever of the two was there first.
  [[nodiscard]] std::optional<Piece> find_addition(int tensor) const {
    const int reader = find_.sole_reader(tensor);
    if (!find_.is_op(reader, "Add")) return std::nullopt;
    const int first = index_.input(reader, 0);
    const int second = index_.input(reader, 1);
    const int other = first == tensor ? second : first;
    if (first == second || other < 0 || find_.is_constant(other)) return std::nullopt;
    return Piece{{reader}, index_.output(reader, 0)};
  }

  [[nodiscard]] const std::vector<std::int64_t>* weight_shape(int number) const {
    const int weight = index_.input(number, 1);
    const TensorFacts* facts = weight < 0 ? nullptr : index_.tensor(weight).facts;
    return facts != nullptr && facts->shape && facts->shape->size() > 2 ? &*facts->shape : nullptr;
  }

  [[nodiscard]] std::int64_t groups(int number) const {
    const auto& attributes = node(number).attributes;
    const auto found = attributes.find("group");
    const auto* value = found == attributes.end() ? nullptr : std::get_if<std::int64_t>(&found->second);
    return value == nullptr ? 1 : *value;
  }

  [[nodiscard]] bool is_depthwise(int number) const {
    const auto* shape = weight_shape(number);
    return find_.is_op(number, "Conv") && shape != nullptr && groups(number) > 1 && (*shape)[1] == 1;
  }

  [[nodiscard]] std::optional<Piece> pointwise_convolution(int tensor) const {
    const int reader = find_.sole_reader(tensor);
    if (!find_.is_op(reader, "Conv") || index_.input(reader, 0) != tensor || groups(reader) != 1) return std::nullopt;
    const auto* shape = weight_shape(reader);
    const bool one = shape != nullptr && std::all_of(shape->begin() + 2, shape->end(), [](auto d) { return d == 1; });
    return one ? std::optional(Piece{{reader}, GraphIndex::kNone}) : std::nullopt;
  }

  const Graph& graph_;
  GraphIndex index_;
  PatternFinder find_;
  std::vector<bool> used_;  // by node
  std::unordered_set<int> tensors_seen_;
  std::vector<Found> found_;
};

}  // namespace

std::string_view to_string(FusionPairKind kind) {
  constexpr std::array<std::string_view, kAllFusionPairKinds.size()> names = {
      "conv_bn",       "conv_affine",       "conv_activation", "conv_add",       "depthwise_pointwise",
      "matmul_affine", "matmul_activation", "matmul_add",      "add_activation", "pointwise"};
  return names.at(static_cast<std::size_t>(kind));
}

std::vector<FusionPair> find_fusion_pairs(const Graph& graph, const TensorTable& tensors) {
  return PairFinder(graph, tensors).run();
}

}  // namespace trtprof
