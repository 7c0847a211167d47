#include "trtprof/samples/convnet_builder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace trtprof::samples {
namespace {

// What PyTorch and TensorFlow add to a variance before they divide by it, as exporters write it.
constexpr float kEpsilon = 1e-5F;

// Trained batch norms differ from channel to channel; these ranges are near what trained MobileNets have, and keep
// every channel alive through a ReLU.
constexpr float kSmallestScale = 0.75F;
constexpr float kLargestScale = 1.25F;
constexpr float kLargestBias = 0.5F;

double product(float a, float b) {
  return static_cast<double>(a) * static_cast<double>(b);
}

float relu6(float x) {
  return std::clamp(x, 0.0F, 6.0F);
}

ConvGeometry geometry_of(const FeatureMap& x, const ConvSpec& spec) {
  return {x.height, x.width, spec.kernel, spec.stride, spec.kernel / 2, spec.groups};
}

}  // namespace

std::int64_t round_channels(double channels) {
  constexpr std::int64_t kMultiple = 8;
  auto rounded = std::max(kMultiple, static_cast<std::int64_t>(channels + kMultiple / 2.0) / kMultiple * kMultiple);
  if (static_cast<double>(rounded) < 0.9 * channels) rounded += kMultiple;
  return rounded;
}

ConvnetBuilder::ConvnetBuilder(std::string graph_name, std::string description, const SampleOptions& options)
    : options_(options), graph_(std::move(graph_name), std::move(description)), random_(options.seed) {}

FeatureMap ConvnetBuilder::image(const std::string& name, std::int64_t channels) {
  const std::array<std::int64_t, 3> dims = {channels, options_.resolution, options_.resolution};
  graph_.input(name, options_.batch, dims);
  return {name, options_.resolution, options_.resolution, std::vector<Moments>(static_cast<std::size_t>(channels))};
}

// He et al., "Delving Deep into Rectifiers", arXiv:1502.01852.
std::vector<float> ConvnetBuilder::he_weights(std::int64_t count, std::int64_t fan_in) {
  const auto deviation = static_cast<float>(std::sqrt(2.0 / static_cast<double>(fan_in)));
  std::vector<float> weights(static_cast<std::size_t>(count));
  for (float& weight : weights) weight = static_cast<float>(product(random_.normal(), deviation));
  return weights;
}

ConvnetBuilder::BatchNorm ConvnetBuilder::matching_batch_norm(const std::vector<Moments>& moments) {
  BatchNorm norm;
  for (const Moments& channel : moments) {
    norm.scale.push_back(random_.uniform(kSmallestScale, kLargestScale));
    norm.bias.push_back(random_.uniform(-kLargestBias, kLargestBias));
    norm.mean.push_back(channel.mean);
    norm.variance.push_back(channel.variance);
  }
  return norm;
}

FeatureMap ConvnetBuilder::conv_bn(const std::string& path, const FeatureMap& x, const ConvSpec& spec,
                                   Activation activation) {
  const std::int64_t fan_in = x.channels() / spec.groups * spec.kernel * spec.kernel;
  std::vector<float> weights = he_weights(spec.channels * fan_in, fan_in);
  const ConvGeometry geometry = geometry_of(x, spec);
  const BatchNorm norm = matching_batch_norm(moments_of_convolution(x.moments, weights, geometry));
  FeatureMap y;
  y.name = write_conv(path, x, spec, std::move(weights), norm);
  y.height = geometry.out_height();
  y.width = geometry.out_width();
  for (std::size_t channel = 0; channel < norm.scale.size(); ++channel) {
    const float scale = norm.scale[channel];
    y.moments.push_back({norm.bias[channel], static_cast<float>(product(scale, scale))});
  }
  return activate(path, std::move(y), activation);
}

std::string ConvnetBuilder::write_conv(const std::string& path, const FeatureMap& x, const ConvSpec& spec,
                                       std::vector<float> weights, const BatchNorm& norm) {
  const std::string conv = path + "/conv";
  const std::array<std::int64_t, 4> dims = {spec.channels, x.channels() / spec.groups, spec.kernel, spec.kernel};
  const std::array<std::int64_t, 1> per_channel = {spec.channels};
  const std::int64_t padding = spec.kernel / 2;
  const std::vector<Attribute> attributes = {
      {"dilations", std::vector<std::int64_t>{1, 1}},
      {"group", spec.groups},
      {"kernel_shape", std::vector<std::int64_t>{spec.kernel, spec.kernel}},
      {"pads", std::vector<std::int64_t>{padding, padding, padding, padding}},
      {"strides", std::vector<std::int64_t>{spec.stride, spec.stride}},
  };
  if (!options_.fold_batch_norm) {
    const std::string y =
        graph_.node("Conv", conv, {x.name, graph_.initializer(conv + "/weight", dims, weights)}, attributes);
    const std::string bn = path + "/bn";
    return graph_.node("BatchNormalization", bn,
                       {y, graph_.initializer(bn + "/scale", per_channel, norm.scale),
                        graph_.initializer(bn + "/bias", per_channel, norm.bias),
                        graph_.initializer(bn + "/mean", per_channel, norm.mean),
                        graph_.initializer(bn + "/variance", per_channel, norm.variance)},
                       {{"epsilon", kEpsilon}});
  }
  std::vector<float> bias;
  const std::size_t fan_in = weights.size() / norm.scale.size();
  for (std::size_t channel = 0; channel < norm.scale.size(); ++channel) {
    const double deviation = std::sqrt(static_cast<double>(norm.variance[channel]) + static_cast<double>(kEpsilon));
    const auto factor = static_cast<float>(static_cast<double>(norm.scale[channel]) / deviation);
    for (std::size_t i = channel * fan_in; i < (channel + 1) * fan_in; ++i) {
      weights[i] = static_cast<float>(product(weights[i], factor));
    }
    bias.push_back(static_cast<float>(static_cast<double>(norm.bias[channel]) - product(norm.mean[channel], factor)));
  }
  return graph_.node("Conv", conv,
                     {x.name, graph_.initializer(conv + "/weight", dims, weights),
                      graph_.initializer(conv + "/bias", per_channel, bias)},
                     attributes);
}

FeatureMap ConvnetBuilder::activate(const std::string& path, FeatureMap x, Activation activation) {
  if (activation == Activation::none) return x;
  x.name = graph_.node("Clip", path + "/relu6",
                       {x.name, graph_.scalar("relu6/min", 0.0F), graph_.scalar("relu6/max", 6.0F)});
  for (Moments& channel : x.moments) channel = moments_of_activation(channel, relu6);
  return x;
}

FeatureMap ConvnetBuilder::add(const std::string& name, const FeatureMap& a, const FeatureMap& b) {
  FeatureMap sum = a;
  sum.name = graph_.node("Add", name, {a.name, b.name});
  for (std::size_t i = 0; i < sum.moments.size(); ++i) sum.moments[i] = moments_of_sum(a.moments[i], b.moments[i]);
  return sum;
}

void ConvnetBuilder::classify(const FeatureMap& x, const std::string& output_name) {
  const std::string pooled = graph_.node("GlobalAveragePool", "pool", {x.name});
  const std::string flat = graph_.node("Flatten", "flatten", {pooled}, {{"axis", std::int64_t{1}}});
  write_classifier(x, flat, output_name);
}

// Weights are scaled so that logits have a variance of about 1 over inputs, as averaging over positions leaves little
// of the features' own; the bias takes away what the features' means alone would give every class.
void ConvnetBuilder::write_classifier(const FeatureMap& x, const std::string& flat, const std::string& output_name) {
  double variance = 0.0;
  for (const Moments& channel : x.moments) variance += static_cast<double>(channel.variance);
  const double positions = static_cast<double>(x.height * x.width);
  const auto deviation = static_cast<float>(std::sqrt(positions / variance));
  std::vector<float> weights;
  std::vector<float> bias;
  weights.reserve(static_cast<std::size_t>(options_.classes * x.channels()));
  for (std::int64_t label = 0; label < options_.classes; ++label) {
    double mean = 0.0;
    for (const Moments& channel : x.moments) {
      weights.push_back(static_cast<float>(product(random_.normal(), deviation)));
      mean += product(weights.back(), channel.mean);
    }
    bias.push_back(static_cast<float>(-mean));
  }
  const std::array<std::int64_t, 2> weight_dims = {options_.classes, x.channels()};
  const std::array<std::int64_t, 1> output_dims = {options_.classes};
  graph_.node("Gemm", "classifier",
              {flat, graph_.initializer("classifier/weight", weight_dims, weights),
               graph_.initializer("classifier/bias", output_dims, bias)},
              {{"transB", std::int64_t{1}}}, output_name);
  graph_.output(output_name, options_.batch, output_dims);
}

onnx::ModelProto ConvnetBuilder::finish() && {
  return std::move(graph_).finish();
}

}  // namespace trtprof::samples
