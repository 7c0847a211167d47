#include "trtprof/samples/convnet_builder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "trtprof/samples/convolution.h"
#include "trtprof/samples/nonlinearities.h"

namespace trtprof::samples {
namespace {

// What PyTorch adds to a variance before it divides by it, as it exports it.
constexpr float kEpsilon = 1e-5F;

// Trained batch norms differ from channel to channel; these ranges are near what trained MobileNets have, and keep
// every channel alive through a ReLU.
constexpr float kSmallestScale = 0.75F;
constexpr float kLargestScale = 1.25F;
constexpr float kLargestBias = 0.5F;

constexpr std::int64_t kCalibrationSize = 224;

// From a network's input to its smallest maps.
constexpr std::int64_t kDownsampling = 32;

// Variance over inputs needs more than one.
constexpr std::int64_t kFewestImages = 2;

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

// Summed over channels.
double mean_square_of_features(const Activations& x) {
  double sum = 0.0;
  for (const Moments& feature : moments_of(x)) {
    sum += product(feature.mean, feature.mean) + static_cast<double>(feature.variance);
  }
  return sum;
}

// [outputs, inputs] times the one position of each image, and the bias.
Activations dense_outputs(const Activations& x, std::span<const float> weights, std::span<const float> bias) {
  Activations y = convolve(x, weights, {});
  scale_channels(y, std::vector<float>(bias.size(), 1.0F), bias);
  return y;
}

}  // namespace

std::int64_t round_channels(double channels) {
  constexpr std::int64_t multiple = 8;
  auto rounded = std::max(multiple, static_cast<std::int64_t>(channels + multiple / 2.0) / multiple * multiple);
  if (static_cast<double>(rounded) < 0.9 * channels) rounded += multiple;
  return rounded;
}

ConvnetBuilder::ConvnetBuilder(std::string graph_name, std::string description, const Request& request,
                               std::int64_t calibration_positions)
    : request_(request),
      calibration_positions_(calibration_positions),
      graph_(std::move(graph_name), std::move(description)),
      weights_(request.seed),
      pixels_(~request.seed) {}

FeatureMap ConvnetBuilder::image(const std::string& name, std::int64_t channels) {
  const std::array<std::int64_t, 3> dims = {channels, request_.resolution, request_.resolution};
  graph_.input(name, request_.batch, dims);
  const std::int64_t size = std::min(request_.resolution, kCalibrationSize);
  const std::int64_t smallest = (size + kDownsampling - 1) / kDownsampling;
  const std::int64_t images = (calibration_positions_ + smallest * smallest - 1) / (smallest * smallest);
  return {name, random_images(std::max(images, kFewestImages), channels, size, pixels_)};
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
      request_.fold_batch_norm ? write_folded(path, x, spec, std::move(conv)) : write(path, x, spec, conv);
  return activate(path, {normalized, std::move(trial)}, activation);
}

FeatureMap ConvnetBuilder::activate(const std::string& path, FeatureMap x, Activation activation) {
  switch (activation) {
    case Activation::none:
      break;
    case Activation::relu:
      relu(x.trial);
      x.name = graph_.node("Relu", path + "/relu", {x.name});
      break;
    case Activation::relu6:
      clip(x.trial, 0.0F, 6.0F);
      x.name = graph_.node("Clip", path + "/relu6",
                           {x.name, graph_.scalar("relu6/min", 0.0F), graph_.scalar("relu6/max", 6.0F)});
      break;
    case Activation::hard_swish:
      hard_swish(x.trial);
      x.name = graph_.node("HardSwish", path + "/hard_swish", {x.name});
      break;
    case Activation::swish:
      swish(x.trial);
      x.name = graph_.node("Mul", path + "/swish", {x.name, graph_.node("Sigmoid", path + "/sigmoid", {x.name})});
      break;
    case Activation::sigmoid:
      sigmoid(x.trial);
      x.name = graph_.node("Sigmoid", path + "/sigmoid", {x.name});
      break;
    case Activation::hard_sigmoid:
      hard_sigmoid(x.trial);
      x.name = graph_.node("HardSigmoid", path + "/hard_sigmoid", {x.name}, {{"alpha", 1.0F / 6.0F}});
      break;
  }
  return x;
}

FeatureMap ConvnetBuilder::max_pool(const std::string& name, const FeatureMap& x, std::int64_t kernel,
                                    std::int64_t stride) {
  const std::int64_t padding = kernel / 2;
  return {graph_.node("MaxPool", name, {x.name},
                      {{"kernel_shape", std::vector<std::int64_t>{kernel, kernel}},
                       {"pads", std::vector<std::int64_t>{padding, padding, padding, padding}},
                       {"strides", std::vector<std::int64_t>{stride, stride}}}),
          samples::max_pool(x.trial, kernel, stride, padding)};
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

ConvnetBuilder::Dense ConvnetBuilder::dense(std::int64_t inputs, std::int64_t outputs, float deviation) {
  Dense layer;
  layer.weights.resize(static_cast<std::size_t>(outputs * inputs));
  for (float& weight : layer.weights) weight = static_cast<float>(product(weights_.normal(), deviation));
  layer.bias.resize(static_cast<std::size_t>(outputs));
  for (float& bias : layer.bias) bias = weights_.uniform(-kLargestBias, kLargestBias);
  return layer;
}

// Outputs with a variance of about 1 over inputs; the bias takes away what the features' means alone would give every
// output. Not for a layer inside the network: it would make small differences of the calibration images large ones.
ConvnetBuilder::Dense ConvnetBuilder::discerning_dense(const Activations& x, std::int64_t outputs) {
  const std::vector<Moments> features = moments_of(x);
  double variance = 0.0;
  for (const Moments& feature : features) variance += static_cast<double>(feature.variance);
  const auto deviation = static_cast<float>(1.0 / std::sqrt(variance));
  Dense layer;
  layer.weights.reserve(static_cast<std::size_t>(outputs * x.channels));
  for (std::int64_t output = 0; output < outputs; ++output) {
    double mean = 0.0;
    for (const Moments& feature : features) {
      layer.weights.push_back(static_cast<float>(product(weights_.normal(), deviation)));
      mean += product(layer.weights.back(), feature.mean);
    }
    layer.bias.push_back(static_cast<float>(-mean));
  }
  return layer;
}

FeatureMap ConvnetBuilder::dense_conv(const std::string& path, const FeatureMap& x, std::int64_t outputs,
                                      float deviation) {
  const ConvSpec spec = {.channels = outputs};
  const Dense layer = dense(x.channels(), outputs, deviation);
  const std::array<std::int64_t, 1> per_output = {outputs};
  return {graph_.node("Conv", path,
                      {x.name, graph_.initializer(path + "/weight", weight_dims(x, spec), layer.weights),
                       graph_.initializer(path + "/bias", per_output, layer.bias)},
                      conv_attributes(spec)),
          dense_outputs(x.trial, layer.weights, layer.bias)};
}

FeatureMap ConvnetBuilder::dense_gemm(const std::string& name, const FeatureMap& x, std::int64_t outputs,
                                      const std::string& output) {
  const Dense layer = discerning_dense(x.trial, outputs);
  const std::array<std::int64_t, 2> dims = {outputs, x.channels()};
  const std::array<std::int64_t, 1> per_output = {outputs};
  return {graph_.node("Gemm", name,
                      {x.name, graph_.initializer(name + "/weight", dims, layer.weights),
                       graph_.initializer(name + "/bias", per_output, layer.bias)},
                      {{"transB", std::int64_t{1}}}, output),
          dense_outputs(x.trial, layer.weights, layer.bias)};
}

// The first layer's outputs have a mean square of about 1, most of it the same for every input, because averaging over
// positions leaves little of the features' variance. The second's weights follow from the number of inputs alone: few
// channels may be nearly 0 for all the calibration images, and must not be blown up.
FeatureMap ConvnetBuilder::squeeze_excite(const std::string& path, const FeatureMap& x, const SqueezeExcite& spec) {
  FeatureMap gate = {graph_.node("GlobalAveragePool", path + "/pool", {x.name}), average_planes(x.trial)};
  const auto reduce = static_cast<float>(1.0 / std::sqrt(mean_square_of_features(gate.trial)));
  const auto expand = static_cast<float>(0.5 / std::sqrt(static_cast<double>(spec.squeezed)));
  gate = activate(path + "/reduce", dense_conv(path + "/reduce", gate, spec.squeezed, reduce), spec.inner);
  gate = activate(path + "/expand", dense_conv(path + "/expand", gate, x.channels(), expand), spec.gate);
  Activations trial = x.trial;
  scale_planes(trial, gate.trial);
  return {graph_.node("Mul", path + "/scale", {x.name, gate.name}), std::move(trial)};
}

void ConvnetBuilder::classify(const FeatureMap& x, const std::string& output_name,
                              const std::optional<HiddenLayer>& hidden) {
  const std::string pooled = graph_.node("GlobalAveragePool", "pool", {x.name});
  FeatureMap features = {graph_.node("Flatten", "flatten", {pooled}, {{"axis", std::int64_t{1}}}),
                         average_planes(x.trial)};
  if (hidden) features = activate("hidden", dense_gemm("hidden", features, hidden->features, ""), hidden->activation);
  static_cast<void>(dense_gemm("classifier", features, request_.classes, output_name));
  const std::array<std::int64_t, 1> per_class = {request_.classes};
  graph_.output(output_name, request_.batch, per_class);
}

onnx::ModelProto ConvnetBuilder::finish() && {
  return std::move(graph_).finish();
}

}  // namespace trtprof::samples
