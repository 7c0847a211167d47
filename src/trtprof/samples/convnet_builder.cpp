#include "trtprof/samples/convnet_builder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace trtprof::samples {
namespace {

// What PyTorch adds to a variance before it divides by it, as it exports it.
constexpr float kEpsilon = 1e-5F;

// Trained batch norms differ from channel to channel; these ranges are near what trained MobileNets have, and keep
// every channel alive through a ReLU.
constexpr float kSmallestScale = 0.75F;
constexpr float kLargestScale = 1.25F;
constexpr float kLargestBias = 0.5F;

// The network is run once, on enough random images that the smallest maps (a 32nd of the image) still have this many
// positions to take statistics of. Larger images than 224 pixels a side would add time and hardly change them.
constexpr std::int64_t kCalibrationSize = 224;
constexpr std::int64_t kCalibrationPositions = 98;
constexpr std::int64_t kDownsampling = 32;

double product(float a, float b) {
  return static_cast<double>(a) * static_cast<double>(b);
}

std::vector<Attribute> conv_attributes(const ConvSpec& spec) {
  const std::int64_t padding = spec.kernel / 2;
  return {
      {"dilations", std::vector<std::int64_t>{1, 1}},
      {"group", spec.groups},
      {"kernel_shape", std::vector<std::int64_t>{spec.kernel, spec.kernel}},
      {"pads", std::vector<std::int64_t>{padding, padding, padding, padding}},
      {"strides", std::vector<std::int64_t>{spec.stride, spec.stride}},
  };
}

std::array<std::int64_t, 4> weight_dims(const FeatureMap& x, const ConvSpec& spec) {
  return {spec.channels, x.channels() / spec.groups, spec.kernel, spec.kernel};
}

// Mean and variance of the images' averages over positions, a channel each.
std::vector<Moments> pooled_moments(const Activations& x) {
  Activations pooled(x.images, x.channels, 1, 1);
  for (std::int64_t image = 0; image < x.images; ++image) {
    for (std::int64_t channel = 0; channel < x.channels; ++channel) {
      double sum = 0.0;
      for (const float value : x.plane(image, channel)) sum += static_cast<double>(value);
      pooled.plane(image, channel)[0] = static_cast<float>(sum / static_cast<double>(x.positions()));
    }
  }
  return moments_of(pooled);
}

}  // namespace

std::int64_t round_channels(double channels) {
  constexpr std::int64_t kMultiple = 8;
  auto rounded = std::max(kMultiple, static_cast<std::int64_t>(channels + kMultiple / 2.0) / kMultiple * kMultiple);
  if (static_cast<double>(rounded) < 0.9 * channels) rounded += kMultiple;
  return rounded;
}

ConvnetBuilder::ConvnetBuilder(std::string graph_name, std::string description, const SampleOptions& options)
    : options_(options),
      graph_(std::move(graph_name), std::move(description)),
      weights_(options.seed),
      pixels_(~options.seed) {}

FeatureMap ConvnetBuilder::image(const std::string& name, std::int64_t channels) {
  const std::array<std::int64_t, 3> dims = {channels, options_.resolution, options_.resolution};
  graph_.input(name, options_.batch, dims);
  const std::int64_t size = std::min(options_.resolution, kCalibrationSize);
  const std::int64_t smallest = (size + kDownsampling - 1) / kDownsampling;
  const std::int64_t images = (kCalibrationPositions + smallest * smallest - 1) / (smallest * smallest);
  return {name, random_images(images, channels, size, pixels_)};
}

// He et al., "Delving Deep into Rectifiers", arXiv:1502.01852.
std::vector<float> ConvnetBuilder::filters(std::int64_t count, std::int64_t fan_in) {
  const auto deviation = static_cast<float>(std::sqrt(2.0 / static_cast<double>(fan_in)));
  std::vector<float> weights(static_cast<std::size_t>(count * fan_in));
  for (float& weight : weights) weight = static_cast<float>(product(weights_.normal(), deviation));
  return weights;
}

void ConvnetBuilder::match_batch_norm(NormalizedConv& conv, const std::vector<Moments>& moments) {
  for (const Moments& channel : moments) {
    const float scale = weights_.uniform(kSmallestScale, kLargestScale);
    const float bias = weights_.uniform(-kLargestBias, kLargestBias);
    const double deviation = std::sqrt(static_cast<double>(channel.variance) + static_cast<double>(kEpsilon));
    const auto factor = static_cast<float>(static_cast<double>(scale) / deviation);
    conv.scale.push_back(scale);
    conv.bias.push_back(bias);
    conv.mean.push_back(channel.mean);
    conv.variance.push_back(channel.variance);
    conv.factor.push_back(factor);
    conv.offset.push_back(static_cast<float>(static_cast<double>(bias) - product(channel.mean, factor)));
  }
}

FeatureMap ConvnetBuilder::conv_bn(const std::string& path, const FeatureMap& x, const ConvSpec& spec,
                                   Activation activation) {
  NormalizedConv conv;
  conv.weights = filters(spec.channels, x.channels() / spec.groups * spec.kernel * spec.kernel);
  Activations trial = convolve(x.trial, conv.weights, {spec.kernel, spec.stride, spec.kernel / 2, spec.groups});
  match_batch_norm(conv, moments_of(trial));
  scale_channels(trial, conv.factor, conv.offset);
  const std::string normalized =
      options_.fold_batch_norm ? write_folded(path, x, spec, std::move(conv)) : write(path, x, spec, conv);
  if (activation == Activation::none) return {normalized, std::move(trial)};
  clip(trial, 0.0F, 6.0F);
  return {graph_.node("Clip", path + "/relu6",
                      {normalized, graph_.scalar("relu6/min", 0.0F), graph_.scalar("relu6/max", 6.0F)}),
          std::move(trial)};
}

std::string ConvnetBuilder::write(const std::string& path, const FeatureMap& x, const ConvSpec& spec,
                                  const NormalizedConv& conv) {
  const std::string name = path + "/conv";
  const std::string bn = path + "/bn";
  const std::array<std::int64_t, 1> per_channel = {spec.channels};
  const std::string y =
      graph_.node("Conv", name, {x.name, graph_.initializer(name + "/weight", weight_dims(x, spec), conv.weights)},
                  conv_attributes(spec));
  return graph_.node("BatchNormalization", bn,
                     {y, graph_.initializer(bn + "/scale", per_channel, conv.scale),
                      graph_.initializer(bn + "/bias", per_channel, conv.bias),
                      graph_.initializer(bn + "/mean", per_channel, conv.mean),
                      graph_.initializer(bn + "/variance", per_channel, conv.variance)},
                     {{"epsilon", kEpsilon}});
}

std::string ConvnetBuilder::write_folded(const std::string& path, const FeatureMap& x, const ConvSpec& spec,
                                         NormalizedConv conv) {
  const std::string name = path + "/conv";
  const std::size_t fan_in = conv.weights.size() / conv.factor.size();
  for (std::size_t i = 0; i < conv.weights.size(); ++i) {
    conv.weights[i] = static_cast<float>(product(conv.weights[i], conv.factor[i / fan_in]));
  }
  const std::array<std::int64_t, 1> per_channel = {spec.channels};
  return graph_.node("Conv", name,
                     {x.name, graph_.initializer(name + "/weight", weight_dims(x, spec), conv.weights),
                      graph_.initializer(name + "/bias", per_channel, conv.offset)},
                     conv_attributes(spec));
}

FeatureMap ConvnetBuilder::add(const std::string& name, const FeatureMap& a, const FeatureMap& b) {
  Activations trial = a.trial;
  samples::add(trial, b.trial);
  return {graph_.node("Add", name, {a.name, b.name}), std::move(trial)};
}

// Averaging over positions leaves little of the features' variance, so the weights are scaled to give logits a variance
// of about 1 over inputs; the bias takes away what the features' means alone would give every class.
void ConvnetBuilder::classify(const FeatureMap& x, const std::string& output_name) {
  const std::string pooled = graph_.node("GlobalAveragePool", "pool", {x.name});
  const std::string flat = graph_.node("Flatten", "flatten", {pooled}, {{"axis", std::int64_t{1}}});
  const std::vector<Moments> features = pooled_moments(x.trial);
  double variance = 0.0;
  for (const Moments& feature : features) variance += static_cast<double>(feature.variance);
  const auto deviation = static_cast<float>(1.0 / std::sqrt(variance));
  std::vector<float> weights;
  std::vector<float> bias;
  weights.reserve(static_cast<std::size_t>(options_.classes * x.channels()));
  for (std::int64_t label = 0; label < options_.classes; ++label) {
    double mean = 0.0;
    for (const Moments& feature : features) {
      weights.push_back(static_cast<float>(product(weights_.normal(), deviation)));
      mean += product(weights.back(), feature.mean);
    }
    bias.push_back(static_cast<float>(-mean));
  }
  const std::array<std::int64_t, 2> dims = {options_.classes, x.channels()};
  const std::array<std::int64_t, 1> per_class = {options_.classes};
  graph_.node("Gemm", "classifier",
              {flat, graph_.initializer("classifier/weight", dims, weights),
               graph_.initializer("classifier/bias", per_class, bias)},
              {{"transB", std::int64_t{1}}}, output_name);
  graph_.output(output_name, options_.batch, per_class);
}

onnx::ModelProto ConvnetBuilder::finish() && {
  return std::move(graph_).finish();
}

}  // namespace trtprof::samples
