// EfficientNet-B0: Tan, Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks",
// arXiv:1905.11946, table 1, with the squeeze-and-excitation of its MBConv blocks as the authors' code has it: a
// quarter of the block's input channels, swish inside.
#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "trtprof/samples/convnet_builder.h"
#include "trtprof/samples/generators.h"

namespace trtprof::samples {
namespace {

// A line "MBConv" of table 1.
struct Stage {
  std::int64_t expansion;  // MBConv1, MBConv6
  std::int64_t kernel;
  std::int64_t channels;
  std::int64_t layers;
  std::int64_t stride;  // of the first layer
};

constexpr std::array kStages = {
    Stage{1, 3, 16, 1, 1},  Stage{6, 3, 24, 2, 2},  Stage{6, 5, 40, 2, 2},  Stage{6, 3, 80, 3, 2},
    Stage{6, 5, 112, 3, 1}, Stage{6, 5, 192, 4, 2}, Stage{6, 3, 320, 1, 1},
};

// Gates depend on whole images, so their statistics need several: 4 of 224 pixels.
constexpr std::int64_t kImagePositions = std::int64_t{8} * 49;

FeatureMap mbconv(ConvnetBuilder& net, const std::string& path, const FeatureMap& x, const Stage& stage,
                  std::int64_t stride) {
  const std::int64_t hidden = x.channels() * stage.expansion;
  FeatureMap y = x;
  if (stage.expansion != 1) y = net.conv_bn(path + "/expand", y, {.channels = hidden}, Activation::swish);
  y = net.conv_bn(path + "/depthwise", y,
                  {.channels = hidden, .kernel = stage.kernel, .stride = stride, .groups = hidden}, Activation::swish);
  const std::int64_t squeezed = std::max<std::int64_t>(1, x.channels() / 4);
  y = net.squeeze_excite(path + "/se", y,
                         {.squeezed = squeezed, .inner = Activation::swish, .gate = Activation::sigmoid});
  y = net.conv_bn(path + "/project", y, {.channels = stage.channels}, Activation::none);
  return stride == 1 && stage.channels == x.channels() ? net.add(path + "/add", x, y) : y;
}

onnx::ModelProto make(const Request& request) {
  const auto scaled = [&request](std::int64_t channels) {
    return round_channels(static_cast<double>(channels) * request.width);
  };
  ConvnetBuilder net("efficientnet-b0",
                     fmt::format("EfficientNet-B0 {:g}-{} (arXiv:1905.11946) with random weights of seed {}",
                                 request.width, request.resolution, request.seed),
                     request, kImagePositions);
  FeatureMap x = net.image("input", 3);
  x = net.conv_bn("stem", x, {.channels = scaled(32), .kernel = 3, .stride = 2}, Activation::swish);
  int block = 0;
  for (Stage stage : kStages) {
    stage.channels = scaled(stage.channels);
    for (std::int64_t layer = 0; layer < stage.layers; ++layer) {
      x = mbconv(net, fmt::format("block{}", ++block), x, stage, layer == 0 ? stage.stride : 1);
    }
  }
  x = net.conv_bn("head", x, {.channels = scaled(1280)}, Activation::swish);
  net.classify(x, "logits");
  return std::move(net).finish();
}

}  // namespace

const Generator& efficientnet_b0() {
  // Five strides of 2 leave one position of 32 pixels.
  static const Generator generator = {
      .kind = {"efficientnet-b0", "EfficientNet-B0 image classifier (Tan and Le 2019, arXiv:1905.11946)"},
      .takes = kConvnetOptions,
      .smallest_resolution = 32,
      .make = make};
  return generator;
}

}  // namespace trtprof::samples
