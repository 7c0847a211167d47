// MobileNetV3-Large: Howard, Sandler, Chu, Chen, Chen, Tan, Wang, Zhu, Pang, Vasudevan, Le, Adam, "Searching for
// MobileNetV3", arXiv:1905.02244, table 1. Channel counts are rounded as torchvision rounds them.
#include <array>
#include <string>

#include <fmt/format.h>

#include "trtprof/samples/convnet_builder.h"
#include "trtprof/samples/generators.h"

namespace trtprof::samples {
namespace {

// A line "bneck" of table 1.
struct Block {
  std::int64_t kernel;
  std::int64_t hidden;    // "exp size"
  std::int64_t channels;  // "#out"
  bool squeeze;           // "SE"
  Activation activation;  // "NL"
  std::int64_t stride;    // "s"
};

constexpr Activation kRelu = Activation::relu;
constexpr Activation kSwish = Activation::hard_swish;
constexpr std::array kBlocks = {
    Block{3, 16, 16, false, kRelu, 1},   Block{3, 64, 24, false, kRelu, 2},   Block{3, 72, 24, false, kRelu, 1},
    Block{5, 72, 40, true, kRelu, 2},    Block{5, 120, 40, true, kRelu, 1},   Block{5, 120, 40, true, kRelu, 1},
    Block{3, 240, 80, false, kSwish, 2}, Block{3, 200, 80, false, kSwish, 1}, Block{3, 184, 80, false, kSwish, 1},
    Block{3, 184, 80, false, kSwish, 1}, Block{3, 480, 112, true, kSwish, 1}, Block{3, 672, 112, true, kSwish, 1},
    Block{5, 672, 160, true, kSwish, 2}, Block{5, 960, 160, true, kSwish, 1}, Block{5, 960, 160, true, kSwish, 1},
};
constexpr std::int64_t kHeadExpansion = 6;
constexpr std::int64_t kFeatures = 1280;

// Gates depend on whole images, so their statistics need several: 4 of 224 pixels.
constexpr std::int64_t kImagePositions = std::int64_t{8} * 49;

FeatureMap inverted_residual(ConvnetBuilder& net, const std::string& path, const FeatureMap& x, const Block& block) {
  FeatureMap y = x;
  if (block.hidden != x.channels()) {
    y = net.conv_bn(path + "/expand", y, {.channels = block.hidden}, block.activation);
  }
  y = net.conv_bn(path + "/depthwise", y,
                  {.channels = block.hidden, .kernel = block.kernel, .stride = block.stride, .groups = block.hidden},
                  block.activation);
  if (block.squeeze) {
    const std::int64_t quarter = block.hidden / 4;
    const std::int64_t squeezed = round_channels(static_cast<double>(quarter));
    y = net.squeeze_excite(path + "/se", y,
                           {.squeezed = squeezed, .inner = Activation::relu, .gate = Activation::hard_sigmoid});
  }
  y = net.conv_bn(path + "/project", y, {.channels = block.channels}, Activation::none);
  return block.stride == 1 && block.channels == x.channels() ? net.add(path + "/add", x, y) : y;
}

onnx::ModelProto make(const Request& request) {
  const auto scaled = [&request](std::int64_t channels) {
    return round_channels(static_cast<double>(channels) * request.width);
  };
  ConvnetBuilder net("mobilenetv3",
                     fmt::format("MobileNetV3-Large {:g}-{} (arXiv:1905.02244) with random weights of seed {}",
                                 request.width, request.resolution, request.seed),
                     request, kImagePositions);
  FeatureMap x = net.image("input", 3);
  x = net.conv_bn("stem", x, {.channels = scaled(16), .kernel = 3, .stride = 2}, kSwish);
  int number = 0;
  for (Block block : kBlocks) {
    block.hidden = scaled(block.hidden);
    block.channels = scaled(block.channels);
    x = inverted_residual(net, fmt::format("block{}", ++number), x, block);
  }
  x = net.conv_bn("head", x, {.channels = x.channels() * kHeadExpansion}, kSwish);
  net.classify(x, "logits", HiddenLayer{scaled(kFeatures), kSwish});
  return std::move(net).finish();
}

}  // namespace

const Generator& mobilenetv3() {
  // Five strides of 2 leave one position of 32 pixels.
  static const Generator generator = {
      .kind = {"mobilenetv3", "MobileNetV3-Large image classifier (Howard et al. 2019, arXiv:1905.02244)"},
      .takes = kConvnetOptions,
      .smallest_resolution = 32,
      .make = make};
  return generator;
}

}  // namespace trtprof::samples
