// ResNet-50: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", arXiv:1512.03385, table 1; with the
// stride in the 3x3 convolution, as torchvision and NVIDIA have it ("v1.5").
#include <array>
#include <string>

#include <fmt/format.h>

#include "trtprof/samples/convnet_builder.h"
#include "trtprof/samples/generators.h"

namespace trtprof::samples {
namespace {

// A column of table 1.
struct Stage {
  std::int64_t channels;  // of the 3x3 convolutions; the blocks' outputs have four times as many
  std::int64_t blocks;
  std::int64_t stride;  // of the first block
};

constexpr std::array kStages = {Stage{64, 3, 1}, Stage{128, 4, 2}, Stage{256, 6, 2}, Stage{512, 3, 2}};
constexpr std::int64_t kExpansion = 4;

FeatureMap bottleneck(ConvnetBuilder& net, const std::string& path, const FeatureMap& x, std::int64_t channels,
                      std::int64_t stride, bool first) {
  const std::int64_t outputs = channels * kExpansion;
  FeatureMap y = net.conv_bn(path + "/reduce", x, {.channels = channels}, Activation::relu);
  y = net.conv_bn(path + "/spatial", y, {.channels = channels, .kernel = 3, .stride = stride}, Activation::relu);
  y = net.conv_bn(path + "/expand", y, {.channels = outputs}, Activation::none);
  const FeatureMap shortcut =
      first ? net.conv_bn(path + "/shortcut", x, {.channels = outputs, .stride = stride}, Activation::none) : x;
  return net.activate(path, net.add(path + "/add", y, shortcut), Activation::relu);
}

onnx::ModelProto make(const Request& request) {
  const auto scaled = [&request](std::int64_t channels) {
    return round_channels(static_cast<double>(channels) * request.width);
  };
  ConvnetBuilder net("resnet50",
                     fmt::format("ResNet-50 v1.5 {:g}-{} (arXiv:1512.03385) with random weights of seed {}",
                                 request.width, request.resolution, request.seed),
                     request);
  FeatureMap x = net.image("input", 3);
  x = net.conv_bn("stem", x, {.channels = scaled(64), .kernel = 7, .stride = 2}, Activation::relu);
  x = net.max_pool("stem/pool", x, 3, 2);
  int number = 0;
  for (const Stage& stage : kStages) {
    ++number;
    for (std::int64_t block = 0; block < stage.blocks; ++block) {
      const bool first = block == 0;
      x = bottleneck(net, fmt::format("stage{}/block{}", number, block + 1), x, scaled(stage.channels),
                     first ? stage.stride : 1, first);
    }
  }
  net.classify(x, "logits");
  return std::move(net).finish();
}

}  // namespace

const Generator& resnet50() {
  // Five strides of 2 leave one position of 32 pixels.
  static const Generator generator = {
      .kind = {"resnet50", "ResNet-50 v1.5 image classifier (He et al. 2015, arXiv:1512.03385)"},
      .takes = kConvnetOptions,
      .smallest_resolution = 32,
      .make = make,
      .largest_width = 2.0};
  return generator;
}

}  // namespace trtprof::samples
