// MobileNetV2: Sandler, Howard, Zhu, Zhmoginov, Chen, "MobileNetV2: Inverted Residuals and Linear Bottlenecks",
// arXiv:1801.04381, table 2. Channel counts are rounded as torchvision rounds them.
#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "trtprof/samples/convnet_builder.h"
#include "trtprof/samples/generators.h"

namespace trtprof::samples {
namespace {

// A line of table 2.
struct Stage {
  std::int64_t expansion;  // t
  std::int64_t channels;   // c
  std::int64_t repeats;    // n
  std::int64_t stride;     // s, of the first block
};

constexpr std::array kStages = {
    Stage{1, 16, 1, 1}, Stage{6, 24, 2, 2},  Stage{6, 32, 3, 2},  Stage{6, 64, 4, 2},
    Stage{6, 96, 3, 1}, Stage{6, 160, 3, 2}, Stage{6, 320, 1, 1},
};

FeatureMap inverted_residual(ConvnetBuilder& net, const std::string& path, const FeatureMap& x, std::int64_t expansion,
                             std::int64_t channels, std::int64_t stride) {
  const std::int64_t hidden = x.channels() * expansion;
  FeatureMap y = x;
  if (expansion != 1) y = net.conv_bn(path + "/expand", y, {.channels = hidden}, Activation::relu6);
  y = net.conv_bn(path + "/depthwise", y, {.channels = hidden, .kernel = 3, .stride = stride, .groups = hidden},
                  Activation::relu6);
  y = net.conv_bn(path + "/project", y, {.channels = channels}, Activation::none);
  return stride == 1 && channels == x.channels() ? net.add(path + "/add", x, y) : y;
}

onnx::ModelProto make(const Request& request) {
  const auto scaled = [&request](std::int64_t channels) {
    return round_channels(static_cast<double>(channels) * request.width);
  };
  ConvnetBuilder net("mobilenetv2",
                     fmt::format("MobileNetV2 {:g}-{} (arXiv:1801.04381) with random weights of seed {}", request.width,
                                 request.resolution, request.seed),
                     request);
  FeatureMap x = net.image("input", 3);
  x = net.conv_bn("stem", x, {.channels = scaled(32), .kernel = 3, .stride = 2}, Activation::relu6);
  int block = 0;
  for (const Stage& stage : kStages) {
    for (std::int64_t repeat = 0; repeat < stage.repeats; ++repeat) {
      x = inverted_residual(net, fmt::format("block{}", ++block), x, stage.expansion, scaled(stage.channels),
                            repeat == 0 ? stage.stride : 1);
    }
  }
  const std::int64_t features = round_channels(1280.0 * std::max(1.0, request.width));
  x = net.conv_bn("head", x, {.channels = features}, Activation::relu6);
  net.classify(x, "logits");
  return std::move(net).finish();
}

}  // namespace

const Generator& mobilenetv2() {
  // Five strides of 2 leave one position of 32 pixels.
  static const Generator generator = {
      {"mobilenetv2", "MobileNetV2 image classifier (Sandler et al. 2018, arXiv:1801.04381)"},
      kConvnetOptions,
      32,
      make};
  return generator;
}

}  // namespace trtprof::samples
