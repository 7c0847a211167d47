#include "trtprof/diagnose/rules/convolution_shape.h"

#include <gmock/gmock.h>

#include "support/profile_fixture.h"
#include "support/subject.h"

namespace trtprof::test {
namespace {

using rules::convolution_shape;
using rules::ConvolutionKind;
using rules::ConvolutionShape;
using rules::kind_of;
using testing::ElementsAre;
using testing::IsEmpty;

TensorDesc tensor(std::vector<std::int64_t> shape) {
  TensorDesc result;
  result.shape = std::move(shape);
  return result;
}

Layer convolution(std::vector<std::vector<std::int64_t>> inputs, std::vector<std::int64_t> output) {
  Layer layer = layer_taking("conv", LayerClass::convolution, 1e-6);
  for (auto& shape : inputs) layer.inputs.push_back(tensor(std::move(shape)));
  layer.outputs.push_back(tensor(std::move(output)));
  return layer;
}

TEST(ConvolutionShape, TheModelsNodeTellsKernelStrideAndGroups) {
  const DiagnosedSubject subject(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  for (const Layer& layer : subject.get().profile.layer_run->layers) {
    if (!layer.name.starts_with("block2/depthwise/conv")) continue;
    const ConvolutionShape shape = convolution_shape(layer, subject.get().model);
    EXPECT_EQ(shape.in_channels, 96);
    EXPECT_EQ(shape.groups, 96);
    EXPECT_THAT(shape.kernel, ElementsAre(3, 3));
    EXPECT_THAT(shape.strides, ElementsAre(2, 2));
    EXPECT_EQ(to_text(shape), "96 channels, 112x112 to 56x56, kernel 3x3, stride 2");
  }
}

TEST(ConvolutionShape, WithoutAModelTheWeightsThatTheLayerListsDo) {
  const Layer plain = convolution({{1, 96, 56, 56}, {24, 96, 1, 1}}, {1, 24, 56, 56});
  EXPECT_THAT(convolution_shape(plain, nullptr).kernel, ElementsAre(1, 1));
  EXPECT_EQ(kind_of(plain, convolution_shape(plain, nullptr)), ConvolutionKind::pointwise);
  const Layer grouped = convolution({{1, 64, 28, 28}, {4, 32, 16, 3, 3}}, {1, 128, 14, 14});
  EXPECT_EQ(convolution_shape(grouped, nullptr).groups, 4);
  EXPECT_EQ(kind_of(grouped, convolution_shape(grouped, nullptr)), ConvolutionKind::grouped);
  EXPECT_EQ(to_text(convolution_shape(grouped, nullptr)),
            "64 to 128 channels, 28x28 to 14x14, kernel 3x3, stride 2, 4 groups");
}

// The second input of a fused addition has the rank of weights.
TEST(ConvolutionShape, AnotherActivationIsNotTakenForWeights) {
  const Layer added = convolution({{1, 144, 56, 56}, {1, 24, 56, 56}}, {1, 24, 56, 56});
  EXPECT_THAT(convolution_shape(added, nullptr).kernel, IsEmpty());
  EXPECT_EQ(kind_of(added, convolution_shape(added, nullptr)), ConvolutionKind::unknown);
}

TEST(ConvolutionShape, StridesAreWhatTheSizesTell) {
  const auto stride = [](std::int64_t in, std::int64_t out) {
    return convolution_shape(convolution({{1, 8, in, in}}, {1, 8, out, out}), nullptr).strides;
  };
  EXPECT_THAT(stride(13, 7), ElementsAre(2, 2));
  EXPECT_THAT(stride(56, 54), ElementsAre(1, 1));
  EXPECT_THAT(stride(224, 56), ElementsAre(4, 4));
  EXPECT_THAT(stride(20, 40), IsEmpty());  // transposed
  EXPECT_THAT(stride(-1, 7), IsEmpty());
}

TEST(ConvolutionShape, OfALayerThatTellsNothingNothingIsKnown) {
  const Layer bare = layer_taking("conv", LayerClass::convolution, 1e-6);
  EXPECT_EQ(to_text(convolution_shape(bare, nullptr)), "");
  EXPECT_EQ(kind_of(bare, convolution_shape(bare, nullptr)), ConvolutionKind::unknown);
}

}  // namespace
}  // namespace trtprof::test
