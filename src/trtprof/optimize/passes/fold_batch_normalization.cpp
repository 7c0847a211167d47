// BatchNormalization in inference is a factor and a term for each channel, and the layer before it, or the convolution
// behind it, can take them into its weights (Jacob et al., "Quantization and Training of Neural Networks for Efficient
// Integer-Arithmetic-Only Inference", 2018, section 3.2).
#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/text.h"
#include "trtprof/optimize/passes/linear_layer.h"
#include "trtprof/optimize/passes/node_edit.h"
#include "trtprof/optimize/passes/passes.h"
#include "trtprof/optimize/passes/tensor_edit.h"

namespace trtprof::passes {
namespace {

// y = factor * x + term
struct Affine {
  std::vector<double> factors;
  std::vector<double> terms;
};

// Why the statistics are not those that inference uses; empty: they are.
std::string trains(const onnx::NodeProto& node, const PassContext& context) {
  constexpr std::int64_t always_inference = 9;  // is_test went with opset 7, spatial with 9
  if (integer_of(node, "training_mode", 0) != 0) return "it is in training mode";
  if (context.opset() < 7 && integer_of(node, "is_test", 0) == 0) return "it is in training mode: is_test is 0";
  if (context.opset() < always_inference && integer_of(node, "spatial", 1) == 0) {
    return "it normalises each activation, not each channel: spatial is 0";
  }
  if (uses_outputs_from(context.graph(), node, 1)) return "its running mean and variance are read";
  return {};
}

tl::expected<Affine, std::string> affine_of(const onnx::NodeProto& node, const GraphView& graph) {
  constexpr std::array<std::string_view, 5> roles = {"input", "scale", "bias", "mean", "variance"};
  std::array<std::vector<double>, 5> values;
  for (int i = 1; i < 5; ++i) {
    auto numbers = constant_numbers(graph, input_of(node, i));
    const std::string_view role = roles.at(static_cast<std::size_t>(i));
    if (!numbers) return tl::unexpected(fmt::format("its {} is not a constant", role));
    values.at(static_cast<std::size_t>(i)) = std::move(numbers->values);
  }
  const auto& [unused, scale, bias, mean, variance] = values;
  const std::size_t count = scale.size();
  if (bias.size() != count || mean.size() != count || variance.size() != count) {
    return tl::unexpected(std::string("its scale, bias, mean and variance have different lengths"));
  }
  const double epsilon = number_of(node, "epsilon", 1e-5F);
  Affine affine{std::vector<double>(count), std::vector<double>(count)};
  for (std::size_t i = 0; i < count; ++i) {
    affine.factors[i] = scale[i] / std::sqrt(variance[i] + epsilon);
    affine.terms[i] = bias[i] - mean[i] * affine.factors[i];
    if (!std::isfinite(affine.factors[i]) || !std::isfinite(affine.terms[i])) {
      return tl::unexpected(fmt::format("channel {} has a variance of {}", i, variance[i]));
    }
  }
  return affine;
}

bool pads(const onnx::NodeProto& conv) {
  const std::string automatic = text_of(conv, "auto_pad", "NOTSET");
  if (automatic == "VALID") return false;
  if (automatic != "NOTSET") return true;
  const auto pads = integers_of(conv, "pads");
  return pads && std::ranges::any_of(*pads, [](std::int64_t pad) { return pad != 0; });
}

class FoldBatchNormalization final : public NodePass {
 public:
  std::string_view name() const override { return "fold-batch-normalization"; }
  std::string_view description() const override {
    return "BatchNormalization into the weights of Conv, ConvTranspose or Gemm before it, or of Conv behind it";
  }
  PassLevel level() const override { return PassLevel::rounding; }
  std::vector<std::string_view> op_types() const override { return {"BatchNormalization"}; }

 protected:
  Result<Attempt> attempt(onnx::NodeProto& node, PassContext& context) const override {
    if (std::string why = trains(node, context); !why.empty()) return near_miss(std::move(why));
    const auto affine = affine_of(node, context.graph());
    if (!affine) return near_miss(affine.error());
    GraphView& graph = context.graph();
    onnx::NodeProto* before = graph.producer(input_of(node, 0));
    const bool fits = before != nullptr && is_one_of(*before, {"Conv", "ConvTranspose", "Gemm"});
    Result<Attempt> first =
        fits ? into_layer_before(node, *before, *affine, graph) : Result<Attempt>(near_miss(no_weights_before(before)));
    if (!first || first->outcome == Attempt::Outcome::applied) return first;
    onnx::NodeProto* behind = only_reader(graph, output_of(node, 0));
    if (behind == nullptr || !is_op(*behind, "Conv") || input_of(*behind, 0) != node.output(0)) return first;
    return into_convolution_behind(node, *behind, *affine, graph);
  }

 private:
  static std::string no_weights_before(const onnx::NodeProto* before) {
    if (before == nullptr) return "nothing that has weights makes its input";
    return fmt::format("{} makes its input, which has no weights to take it", call(*before));
  }

  static Result<Attempt> into_layer_before(onnx::NodeProto& node, onnx::NodeProto& layer, const Affine& affine,
                                           GraphView& graph) {
    if (only_reader(graph, node.input(0)) == nullptr) {
      return near_miss(fmt::format("others read what {} makes, too", call(layer)));
    }
    auto linear = LinearLayer::read(graph, layer);
    if (!linear) return near_miss(linear.error());
    if (linear->output_channels() != affine.factors.size()) {
      return near_miss(fmt::format("it has {} channels and {} makes {}", affine.factors.size(), call(layer),
                                   linear->output_channels()));
    }
    linear->scale_outputs(affine.factors);
    linear->shift_outputs(affine.terms);
    return store(node, layer, *linear, graph);
  }

  static Result<Attempt> into_convolution_behind(onnx::NodeProto& node, onnx::NodeProto& conv, const Affine& affine,
                                                 GraphView& graph) {
    const bool adds = std::ranges::any_of(affine.terms, [](double term) { return term != 0.0; });
    if (adds && pads(conv)) {
      return near_miss(fmt::format("{} behind it pads with zeros, which it would not have changed", call(conv)));
    }
    auto linear = LinearLayer::read(graph, conv);
    if (!linear) return near_miss(linear.error());
    if (linear->input_channels() != affine.factors.size()) {
      return near_miss(fmt::format("it has {} channels and {} reads {}", affine.factors.size(), call(conv),
                                   linear->input_channels()));
    }
    linear->take_input(affine.factors, affine.terms);
    return store(node, conv, *linear, graph);
  }

  static Result<Attempt> store(onnx::NodeProto& node, onnx::NodeProto& layer, const LinearLayer& linear,
                               GraphView& graph) {
    if (auto why = linear.store(graph)) return near_miss(*std::move(why));
    Attempt done = applied(fmt::format("{} is part of {}", call(node), call(layer)), {name_of(node), name_of(layer)});
    if (const Status gone = graph.bypass(node, 0); !gone) return forward_error(gone);
    return done;
  }
};

}  // namespace

const Pass& fold_batch_normalization() {
  static const FoldBatchNormalization pass;
  return pass;
}

}  // namespace trtprof::passes
