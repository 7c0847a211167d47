#include "trtprof/optimize/pruning/prune_2_4.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/text.h"
#include "trtprof/model/graph_view.h"
#include "trtprof/model/sparsity.h"
#include "trtprof/optimize/passes/node_edit.h"
#include "trtprof/optimize/passes/tensor_edit.h"

namespace trtprof {
namespace {

constexpr std::size_t kGroup = 4;
constexpr std::size_t kKept = 2;

bool transposes_b(const onnx::NodeProto& node) {
  return std::ranges::any_of(node.attribute(),
                             [](const auto& each) { return each.name() == "transB" && each.i() != 0; });
}

// The axis that the operator sums over; nullopt: it has none of four or more.
std::optional<std::size_t> summed_axis(const onnx::NodeProto& node, const std::vector<std::int64_t>& shape) {
  std::optional<std::size_t> axis;
  if (node.op_type() == "Conv" && shape.size() >= 3) axis = 1;
  if (node.op_type() == "Gemm" && shape.size() == 2) axis = transposes_b(node) ? 1 : 0;
  if (node.op_type() == "MatMul" && shape.size() >= 2) axis = shape.size() - 2;
  if (!axis || std::cmp_less(shape[*axis], kGroup)) return std::nullopt;
  return axis;
}

// Of one group, in place; true when one that was not zero became zero. Of equal magnitudes the first stays.
std::size_t prune_group(std::span<double*> group) {
  std::ranges::stable_sort(group, [](const double* a, const double* b) { return std::abs(*a) > std::abs(*b); });
  std::size_t zeroed = 0;
  for (std::size_t i = kKept; i < group.size(); ++i) {
    if (*group[i] != 0.0) ++zeroed;
    *group[i] = 0.0;
  }
  return zeroed;
}

double squares(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double value : values) sum += value * value;
  return sum;
}

// As [outer][length][inner], groups along `length`.
std::size_t prune_along(std::vector<double>& values, const std::vector<std::int64_t>& shape, std::size_t axis) {
  std::size_t outer = 1;
  std::size_t inner = 1;
  const auto length = static_cast<std::size_t>(shape[axis]);
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i != axis) (i < axis ? outer : inner) *= static_cast<std::size_t>(shape[i]);
  }
  std::size_t zeroed = 0;
  for (std::size_t o = 0; o < outer; ++o) {
    for (std::size_t in = 0; in < inner; ++in) {
      for (std::size_t first = 0; first < length; first += kGroup) {
        std::array<double*, kGroup> group = {};
        const std::size_t count = std::min(kGroup, length - first);
        for (std::size_t i = 0; i < count; ++i) group.at(i) = &values[(o * length + first + i) * inner + in];
        zeroed += prune_group(std::span(group).first(count));
      }
    }
  }
  return zeroed;
}

class Pruner {
 public:
  explicit Pruner(OnnxModel model) : model_(std::move(model)) {}

  Result<PrunedModel> run() {
    const std::filesystem::path path = model_.path();
    GraphView graph(model_.mutable_proto(), path);
    for (onnx::NodeProto* node : graph.nodes()) {
      const std::string& type = node->op_type();
      if (!node->domain().empty() || (type != "Conv" && type != "Gemm" && type != "MatMul")) continue;
      const std::string why = prune(graph, *node);
      if (!why.empty()) report_.left.push_back({passes::name_of(*node), type, why});
    }
    if (const Status sparse = check(); !sparse) return forward_error(sparse);
    return PrunedModel{std::move(model_), std::move(report_)};
  }

 private:
  // Empty: it is done; else why not.
  std::string prune(GraphView& graph, onnx::NodeProto& node) {
    if (node.input_size() < 2) return "its weights are not a constant";
    if (!graph.is_constant(node.input(1))) {
      return graph.is_constant(node.input(0)) && node.op_type() != "Conv"
                 ? "its constant is the left operand, and weights are the right one"
                 : "its weights are not a constant";
    }
    const std::string weight = node.input(1);
    auto numbers = passes::constant_numbers(graph, weight);
    if (!numbers) return "its weights cannot be read";
    const auto axis = summed_axis(node, numbers->shape);
    if (!axis) return "it sums over fewer than four inputs";
    if (const auto same = done_.find({weight, *axis}); same != done_.end()) {
      graph.set_input(node, 1, same->second.name);
      graph.remove_if_unused(weight);
      report_.pruned.push_back({passes::name_of(node), node.op_type(), same->second.weights, 0, same->second.lost});
      return {};
    }
    const double before = squares(numbers->values);
    const std::size_t zeroed = prune_along(numbers->values, numbers->shape, *axis);
    if (zeroed == 0) return "its weights are 2:4 sparse already";
    const auto tensor = passes::tensor_of_numbers(numbers->type, numbers->shape, numbers->values);
    if (!tensor) return "its weights are not in f32";
    const std::string name = graph.add_initializer(passes::to_proto(*tensor, graph.unique_name(weight + "_2_4")));
    graph.set_input(node, 1, name);
    graph.remove_if_unused(weight);
    const double after = squares(numbers->values);
    const double lost = before > 0.0 ? 1.0 - after / before : 0.0;
    report_.pruned.push_back({passes::name_of(node), node.op_type(), numbers->values.size(), zeroed, lost});
    done_.emplace(std::pair(weight, *axis), Pruned{name, numbers->values.size(), lost});
    return {};
  }

  // By the eyes of `build --sparsity`.
  Status check() const {
    const auto weights = find_structured_sparsity(model_);
    if (!weights) return forward_error(weights);
    if (count_structured(*weights) >= report_.pruned.size()) return {};
    return fail(fmt::format("{} weights were pruned, and {} are 2:4 sparse", report_.pruned.size(),
                            count_structured(*weights)));
  }

  struct Pruned {
    std::string name;
    std::uint64_t weights = 0;
    double lost = 0.0;
  };

  OnnxModel model_;
  PruningReport report_;
  std::map<std::pair<std::string, std::size_t>, Pruned> done_;  // by the given weight and its axis: nodes may share it
};

}  // namespace

Result<PrunedModel> prune_2_4(const OnnxModel& model) {
  return Pruner(model.clone()).run();
}

}  // namespace trtprof
