#include "trtprof/optimize/calibrate/quantization_plan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <ranges>
#include <set>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>
#include <tl/expected.hpp>

#include "trtprof/base/text.h"
#include "trtprof/optimize/calibrate/quantized_weights.h"
#include "trtprof/optimize/passes/node_edit.h"
#include "trtprof/optimize/passes/tensor_edit.h"
#include "trtprof/optimize/precision/name_pattern.h"

namespace trtprof::quantization {
namespace {

using passes::input_of;
using passes::is_op;
using passes::name_of;

// Their output has no number that their input does not have.
constexpr std::array kMoves = {"MaxPool", "Reshape", "Flatten", "Squeeze",      "Unsqueeze",    "Transpose", "Identity",
                               "Slice",   "Split",   "Concat",  "DepthToSpace", "SpaceToDepth", "Expand",    "Tile"};

bool moves(const onnx::NodeProto& node) {
  return passes::of_onnx(node) && std::ranges::find(kMoves, node.op_type()) != kMoves.end();
}

constexpr double kSteps = 127.0;

// How one node would quantise.
struct Choice {
  std::vector<int> activations;
  std::optional<PlannedWeights> weights;
};
using Chosen = tl::expected<Choice, std::string>;  // or why not, a clause

class Planner {
 public:
  Planner(PassContext& context, const QuantizeOptions& options, const Calibration* calibration)
      : context_(context), graph_(context.graph()), options_(options), calibration_(calibration) {
    for (onnx::NodeProto* node : graph_.nodes()) place_.emplace(node, place_.size());
  }

  QuantizationPlan plan() {
    const std::vector<onnx::NodeProto*> nodes = graph_.nodes();
    for (onnx::NodeProto* node : nodes) decide(*node, &Planner::weighted);
    for (onnx::NodeProto* node : nodes) decide(*node, &Planner::residual);
    for (onnx::NodeProto* node : nodes) decide(*node, &Planner::pooling);
    for (onnx::NodeProto* node : std::ranges::reverse_view(nodes)) move_before(*node);
    collect(nodes);
    return std::move(plan_);
  }

 private:
  using Use = std::pair<const onnx::NodeProto*, int>;

  void decide(onnx::NodeProto& node, std::optional<Chosen> (Planner::*rule)(onnx::NodeProto&)) {
    if (!passes::of_onnx(node)) return;
    std::optional<Chosen> chosen = (this->*rule)(node);
    if (!chosen) return;  // not of this rule
    if (*chosen) *chosen = unless_kept(node, *std::move(*chosen));
    if (!*chosen) {
      plan_.left.push_back({name_of(node), node.op_type(), chosen->error()});
      return;
    }
    quantized_.insert(&node);
    for (const int input : (*chosen)->activations) uses_.emplace(&node, input);
    if ((*chosen)->weights) plan_.weights.push_back(*(*chosen)->weights);
  }

  // Why the user keeps it, a clause; empty: nobody does.
  [[nodiscard]] std::string kept(const onnx::NodeProto& node) const {
    if (std::ranges::find(options_.keep_ops, node.op_type()) != options_.keep_ops.end()) {
      return fmt::format("{} is kept by type", node.op_type());
    }
    for (const std::string& pattern : options_.keep_nodes) {
      if (precision::matches_pattern(name_of(node), pattern)) {
        return fmt::format("kept by name ('{}')", printable(pattern));
      }
    }
    return "";
  }

  [[nodiscard]] Chosen unless_kept(const onnx::NodeProto& node, Choice choice) {
    if (std::string reason = kept(node); !reason.empty()) return tl::unexpected(std::move(reason));
    for (const int input : choice.activations) {
      if (std::string reason = unusable(input_of(node, input)); !reason.empty()) {
        return tl::unexpected(std::move(reason));
      }
    }
    return choice;
  }

  // Why a value cannot be quantised, a clause; empty: it can.
  [[nodiscard]] std::string unusable(const std::string& value) {
    const onnx::NodeProto* producer = graph_.producer(value);
    if (producer != nullptr && (is_op(*producer, "DequantizeLinear"))) return "it is quantised already";
    if (const ElementType type = context_.type(value); type != ElementType::f32) {
      return fmt::format("its input '{}' is {}", printable(value), to_string(type));
    }
    if (seen_.insert(value).second) plan_.considered.push_back(value);
    if (calibration_ == nullptr) return "";
    const auto found = calibration_->values.find(value);
    if (found == calibration_->values.end()) {
      return fmt::format("the calibration has nothing of its input '{}'", printable(value));
    }
    const double threshold = found->second.threshold;
    if (threshold <= 0.0) {
      return fmt::format("its input '{}' was zero throughout the calibration data", printable(value));
    }
    if (threshold / kSteps < double{least_scale(options_.scale_type)}) {
      return fmt::format("its input '{}' is so small that {} has no scale for it", printable(value), scale_type());
    }
    return "";
  }

  [[nodiscard]] const char* scale_type() const { return options_.scale_type ? to_string(*options_.scale_type) : "f32"; }

  // Why weights cannot be stored as integers, a clause; empty: they can.
  [[nodiscard]] std::string unstorable(const std::string& weights) const {
    const auto numbers = passes::constant_numbers(graph_, weights);
    if (!numbers) return "its weights cannot be read";
    double largest = 0.0;
    for (const double number : numbers->values) {
      if (!std::isfinite(number)) return "its weights have values that are no finite numbers";
      largest = std::max(largest, std::abs(number));
    }
    if (largest > 0.0 && largest / kSteps < double{least_scale(options_.scale_type)}) {
      return fmt::format("its weights are so small that {} has no scale for them", scale_type());
    }
    return "";
  }

  [[nodiscard]] std::string why_not_constant(const onnx::NodeProto& node) const {
    if (is_op(node, "MatMul")) {
      if (graph_.is_constant(input_of(node, 0))) return "its first factor is the constant, not its second";
      if (!computed_from_constants(input_of(node, 1))) return "both of its factors are computed";
    }
    return computed_from_constants(input_of(node, 1))
               ? "its weights are computed from constants, which folding would make one of"
               : "its weights are not a constant";
  }

  [[nodiscard]] bool computed_from_constants(const std::string& value) const {
    const onnx::NodeProto* producer = graph_.producer(value);
    return producer != nullptr && producer->input_size() > 0 &&
           std::ranges::all_of(producer->input(), [&](const std::string& input) { return graph_.is_constant(input); });
  }

  // Convolutions and matrix products with constant weights.
  std::optional<Chosen> weighted(onnx::NodeProto& node) {
    const bool is_conv = is_op(node, "Conv");
    const bool is_transposed = is_op(node, "ConvTranspose");
    const bool is_gemm = is_op(node, "Gemm");
    if (!is_conv && !is_transposed && !is_gemm && !is_op(node, "MatMul")) return std::nullopt;
    const std::string& weights = input_of(node, 1);
    if (const auto* producer = graph_.producer(weights); producer != nullptr && is_op(*producer, "DequantizeLinear")) {
      return tl::unexpected(std::string("it is quantised already"));
    }
    if (!graph_.is_constant(weights)) return tl::unexpected(why_not_constant(node));
    if (graph_.is_constant(input_of(node, 0))) return tl::unexpected(std::string("its input is a constant"));
    const auto shape = context_.shape(weights);
    if (!shape) return tl::unexpected(std::string("the shape of its weights is not known"));
    if (const ElementType type = context_.type(weights); type != ElementType::f32) {
      return tl::unexpected(fmt::format("its weights are {}", to_string(type)));
    }
    if (std::string reason = unstorable(weights); !reason.empty()) return tl::unexpected(std::move(reason));
    const std::int64_t groups = passes::integer_of(node, "group", 1);
    if (is_conv && !options_.depthwise && groups > 1 && shape->size() > 1 && (*shape)[1] == 1) {
      return tl::unexpected(std::string("depthwise convolutions are kept"));
    }
    PlannedWeights planned{&node, 1, {}};
    if (is_conv) {
      planned.axis = 0;
    } else if (is_transposed) {
      if (groups == 1) planned.axis = 1;
    } else if (is_gemm) {
      if (shape->size() != 2) return tl::unexpected(std::string("its weights are no matrix"));
      if (passes::integer_of(node, "transA", 0) != 0) return tl::unexpected(std::string("its input is transposed"));
      planned.axis = passes::integer_of(node, "transB", 0) != 0 ? 0 : 1;
    } else {
      if (shape->size() < 2) return tl::unexpected(std::string("its weights are no matrix"));
      // OpenVINO computes wrong numbers from a scale for each column where several matrices share it.
      const auto batches = std::span(*shape).first(shape->size() - 2);
      if (std::ranges::all_of(batches, [](std::int64_t count) { return count == 1; })) planned.axis = shape->size() - 1;
    }
    return Choice{{0}, planned};
  }

  // The convolution that makes `value` for one reader alone, and would add to it in its own kernel.
  [[nodiscard]] const onnx::NodeProto* convolution_of(const std::string& value) const {
    const onnx::NodeProto* producer = graph_.producer(value);
    if (producer == nullptr || !quantized_.contains(producer) || !is_op(*producer, "Conv")) return nullptr;
    return passes::only_reader(graph_, value) == nullptr ? nullptr : producer;
  }

  std::optional<Chosen> residual(onnx::NodeProto& node) {
    if (!is_op(node, "Add")) return std::nullopt;
    const std::string& a = input_of(node, 0);
    const std::string& b = input_of(node, 1);
    if (graph_.is_constant(a) || graph_.is_constant(b) || a == b) return std::nullopt;
    if (context_.type(a) != ElementType::f32) return std::nullopt;  // positions and shapes
    static_cast<void>(unusable(a));                                 // which of both it is depends on what else is kept
    static_cast<void>(unusable(b));
    if (!looks_alike(a, b)) return tl::unexpected(std::string("its inputs may have different shapes"));
    const onnx::NodeProto* of_a = convolution_of(a);
    const onnx::NodeProto* of_b = convolution_of(b);
    if (of_a == nullptr && of_b == nullptr) {
      return tl::unexpected(std::string("neither of its inputs comes from a quantised convolution alone"));
    }
    // Of two convolutions the later one adds: what it adds to is there by then.
    const bool a_adds = of_b == nullptr || (of_a != nullptr && place_.at(of_a) > place_.at(of_b));
    return Choice{{a_adds ? 1 : 0}, {}};
  }

  // Nothing says that one of both is spread over the other. Where it is after all, the answers are right all the same,
  // and only no kernel adds it to its convolution.
  [[nodiscard]] bool looks_alike(const std::string& a, const std::string& b) {
    const ValueInfo* one = context_.value(a);
    const ValueInfo* other = context_.value(b);
    if (one == nullptr || other == nullptr || !one->shape || !other->shape) return false;
    if (one->shape->size() != other->shape->size()) return false;
    for (std::size_t i = 0; i < one->shape->size(); ++i) {
      const auto& x = (*one->shape)[i].value;
      const auto& y = (*other->shape)[i].value;
      if (x && y ? *x != *y : (x == 1 || y == 1)) return false;
    }
    return true;
  }

  [[nodiscard]] bool is_read_quantized(const std::string& value) const {
    return std::ranges::any_of(graph_.uses(value),
                               [&](const GraphView::Use& use) { return uses_.contains({use.node, use.input}); });
  }

  std::optional<Chosen> pooling(onnx::NodeProto& node) {
    if (!is_op(node, "AveragePool") && !is_op(node, "GlobalAveragePool")) return std::nullopt;
    const std::string& value = input_of(node, 0);
    if (is_read_quantized(value)) return Choice{{0}, {}};
    const onnx::NodeProto* producer = graph_.producer(value);
    const bool activated = producer != nullptr && passes::is_one_of(*producer, {"Relu", "Clip"});
    if (passes::only_reader(graph_, value) == nullptr) {
      return tl::unexpected(std::string("what it reads is in floating point for others, too"));
    }
    if (activated && passes::only_reader(graph_, input_of(*producer, 0)) == producer) {
      producer = graph_.producer(input_of(*producer, 0));
    }
    if (producer != nullptr && quantized_.contains(producer)) return Choice{{0}, {}};
    return tl::unexpected(std::string("what it reads does not come from a quantised layer"));
  }

  // A node that only moves values and is read by integers alone moves integers.
  void move_before(onnx::NodeProto& node) {
    if (!moves(node) || passes::has_subgraphs(node) || !kept(node).empty()) return;
    const bool joins = is_op(node, "Concat");
    const int inputs = joins ? node.input_size() : 1;
    for (int i = 0; i < inputs; ++i) {
      if (graph_.is_constant(input_of(node, i)) || !unusable(input_of(node, i)).empty()) return;
    }
    std::vector<Use> reads;
    for (const std::string& output : node.output()) {
      if (output.empty()) continue;
      if (graph_.is_graph_output(output)) return;
      for (const GraphView::Use& use : graph_.uses(output)) reads.emplace_back(use.node, use.input);
    }
    if (reads.empty() || !std::ranges::all_of(reads, [&](const Use& use) { return uses_.contains(use); })) return;
    for (const Use& use : reads) uses_.erase(use);
    for (int i = 0; i < inputs; ++i) {
      uses_.emplace(&node, i);
      join(input_of(node, 0), input_of(node, i));
    }
    // What a Concat further on joins with an output is joined with what that is made of.
    for (const std::string& output : node.output()) join(input_of(node, 0), output);
  }

  // Union-find over values that are to have one scale.
  [[nodiscard]] std::string root(std::string value) {
    for (auto it = parent_.find(value); it != parent_.end() && it->second != value; it = parent_.find(value)) {
      value = it->second;
    }
    return value;
  }
  void join(const std::string& a, const std::string& b) {
    const std::string of_a = root(a);
    const std::string of_b = root(b);
    if (of_a != of_b) parent_[of_b] = of_a;
  }

  void collect(const std::vector<onnx::NodeProto*>& nodes) {
    for (onnx::NodeProto* node : nodes) {
      if (quantized_.contains(node)) plan_.nodes.push_back(node);
    }
    std::unordered_map<std::string, std::size_t> at;
    std::map<std::string, std::size_t> groups;
    for (onnx::NodeProto* node : nodes) {
      for (int i = 0; i < node->input_size(); ++i) {
        if (!uses_.contains({node, i})) continue;
        const std::string& value = node->input(i);
        const auto [found, added] = at.emplace(value, plan_.values.size());
        if (added) {
          const std::size_t group = groups.emplace(root(value), groups.size()).first->second;
          plan_.values.push_back({value, group, {}});
        }
        plan_.values[found->second].reads.push_back({node, i});
      }
    }
    plan_.groups = groups.size();
  }

  PassContext& context_;
  GraphView& graph_;
  const QuantizeOptions& options_;
  const Calibration* calibration_;
  std::unordered_map<const onnx::NodeProto*, std::size_t> place_;
  std::unordered_set<const onnx::NodeProto*> quantized_;
  std::unordered_set<std::string> seen_;
  std::set<Use> uses_;  // inputs that read integers
  std::map<std::string, std::string> parent_;
  QuantizationPlan plan_;
};

}  // namespace

QuantizationPlan plan_quantization(PassContext& context, const QuantizeOptions& options,
                                   const Calibration* calibration) {
  return Planner(context, options, calibration).plan();
}

}  // namespace trtprof::quantization
