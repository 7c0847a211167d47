#include "cost/networks.h"

#include <array>

#include "cost/facts.h"

namespace trtprof::test {

namespace {

class Builder {
 public:
  Builder(std::int64_t batch, NetworkTypes types) : batch_(batch), types_(types) {}

  // Square data and kernel, "same" padding. `follow_up`: "Clip", "Relu", "Add" or nothing.
  void convolution(const std::string& kind, std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride,
                   std::int64_t groups, const std::string& follow_up) {
    const std::int64_t out_size = (size_ + stride - 1) / stride;
    const TensorFacts x = tensor({batch_, in, size_, size_}, types_.activation);
    const TensorFacts y = tensor({batch_, out, out_size, out_size}, types_.activation);
    FusedLayer layer;
    layer.kind = kind;
    layer.main =
        op("Conv", {x, weight({out, in / groups, kernel, kernel}, types_.weight), weight({out}, types_.bias)}, {y});
    layer.main.kernel = {kernel, kernel};
    layer.main.strides = {stride, stride};
    layer.main.groups = groups;
    layer.facts.operators = {layer.main};
    layer.facts.inputs = {x};
    layer.facts.outputs = {y};
    if (follow_up == "Add") {
      layer.facts.operators.push_back(op("Add", {y, y}, {y}));
      layer.facts.inputs.push_back(y);
    } else if (!follow_up.empty()) {
      layer.facts.operators.push_back(op(follow_up, {y}, {y}));
    }
    size_ = out_size;
    layers_.push_back(std::move(layer));
  }

  void single(const std::string& kind, OperatorFacts facts) {
    FusedLayer layer{kind, facts, {}};
    layer.facts.operators = {facts};
    layer.facts.inputs = {*facts.inputs[0]};
    layer.facts.outputs = {*facts.outputs[0]};
    layers_.push_back(std::move(layer));
  }

  void head(std::int64_t channels, std::int64_t classes) {
    const TensorFacts x = tensor({batch_, channels, size_, size_}, types_.activation);
    single("pool", op("GlobalAveragePool", {x}, {tensor({batch_, channels, 1, 1}, types_.activation)}));
    single("fc", op("Gemm",
                    {tensor({batch_, channels}, types_.activation), weight({channels, classes}, types_.weight),
                     weight({classes}, types_.bias)},
                    {tensor({batch_, classes}, types_.activation)}));
  }

  void max_pool(std::int64_t channels) {
    OperatorFacts facts = op("MaxPool", {tensor({batch_, channels, size_, size_}, types_.activation)},
                             {tensor({batch_, channels, size_ / 2, size_ / 2}, types_.activation)});
    facts.kernel = {3, 3};
    size_ /= 2;
    single("pool", std::move(facts));
  }

  // A convolution on the same data as the next one sees: the shortcut of a ResNet stage.
  void restore_size(std::int64_t size) { size_ = size; }
  [[nodiscard]] std::int64_t size() const { return size_; }
  [[nodiscard]] std::vector<FusedLayer> take() { return std::move(layers_); }

 private:
  std::int64_t batch_;
  NetworkTypes types_;
  std::int64_t size_ = 224;
  std::vector<FusedLayer> layers_;
};

struct Stage {
  std::int64_t expansion;
  std::int64_t channels;
  std::int64_t blocks;
  std::int64_t stride;
};

}  // namespace

std::vector<FusedLayer> mobilenet_v2(std::int64_t batch, NetworkTypes types) {
  constexpr std::array<Stage, 7> kStages{
      {{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}}};
  Builder builder(batch, types);
  builder.convolution("conv", 3, 32, 3, 2, 1, "Clip");
  std::int64_t in = 32;
  for (const Stage& stage : kStages) {
    for (std::int64_t block = 0; block < stage.blocks; ++block) {
      const std::int64_t stride = block == 0 ? stage.stride : 1;
      const std::int64_t hidden = in * stage.expansion;
      if (stage.expansion != 1) {
        builder.convolution("pointwise", in, hidden, 1, 1, 1, "Clip");
      }
      builder.convolution("depthwise", hidden, hidden, 3, stride, hidden, "Clip");
      builder.convolution("pointwise", hidden, stage.channels, 1, 1, 1,
                          stride == 1 && in == stage.channels ? "Add" : "");
      in = stage.channels;
    }
  }
  builder.convolution("pointwise", in, 1280, 1, 1, 1, "Clip");
  builder.head(1280, 1000);
  return builder.take();
}

std::vector<FusedLayer> resnet_50(std::int64_t batch, NetworkTypes types) {
  constexpr std::array<Stage, 4> kStages{{{4, 64, 3, 1}, {4, 128, 4, 2}, {4, 256, 6, 2}, {4, 512, 3, 2}}};
  Builder builder(batch, types);
  builder.convolution("conv", 3, 64, 7, 2, 1, "Relu");
  builder.max_pool(64);
  std::int64_t in = 64;
  for (const Stage& stage : kStages) {
    for (std::int64_t block = 0; block < stage.blocks; ++block) {
      const std::int64_t stride = block == 0 ? stage.stride : 1;
      const std::int64_t size = builder.size();
      builder.convolution("pointwise", in, stage.channels, 1, 1, 1, "Relu");
      builder.convolution("conv", stage.channels, stage.channels, 3, stride, 1, "Relu");
      builder.convolution("pointwise", stage.channels, stage.channels * stage.expansion, 1, 1, 1, "Add");
      if (block == 0) {
        builder.restore_size(size);
        builder.convolution("pointwise", in, stage.channels * stage.expansion, 1, stride, 1, "");
      }
      in = stage.channels * stage.expansion;
    }
  }
  builder.head(2048, 1000);
  return builder.take();
}

}  // namespace trtprof::test
