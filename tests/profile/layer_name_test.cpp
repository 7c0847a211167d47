#include "trtprof/profile/layer_name.h"

#include <gtest/gtest.h>

namespace trtprof {
namespace {

Layer layer_of(std::string name, LayerClass layer_class, std::vector<OriginNode> origins) {
  Layer layer;
  layer.name = std::move(name);
  layer.layer_class = layer_class;
  layer.origin_nodes = std::move(origins);
  return layer;
}

const std::vector<OriginNode> kFused = {
    {"stem/bn", "BatchNormalization"}, {"stem/conv", "Conv"}, {"stem/relu6", "Clip"}};

TEST(ReadableName, NamesTheNodeThatGivesTheClass) {
  EXPECT_EQ(readable_name(layer_of("Multiply_21864", LayerClass::convolution, kFused)), "stem/conv (+2)");
  EXPECT_EQ(readable_name(layer_of("Multiply_21871", LayerClass::depthwise_convolution, kFused)), "stem/conv (+2)");
  EXPECT_EQ(readable_name(layer_of("logits", LayerClass::fully_connected, {{"classifier", "Gemm"}})), "classifier");
}

TEST(ReadableName, KeepsAnEnginesNameThatHoldsTheModels) {
  EXPECT_EQ(readable_name(layer_of("stem/conv + stem/relu6", LayerClass::convolution, kFused)),
            "stem/conv + stem/relu6");
  EXPECT_EQ(readable_name(layer_of("pool", LayerClass::pooling, {{"pool", "GlobalAveragePool"}})), "pool");
}

TEST(ReadableName, ShortensAListOfNodesThatIsTooLongForTheTable) {
  EXPECT_EQ(readable_name(layer_of("block1/stem/conv + block1/stem/bn + block1/stem/relu6", LayerClass::convolution,
                                   {{"block1/stem/conv", "Conv"}, {"block1/stem/bn", "BatchNormalization"}})),
            "block1/stem/conv (+1)");
  const std::string one = "a_name_of_one_node_that_is_longer_than_the_table_has_room_for";
  EXPECT_EQ(readable_name(layer_of(one, LayerClass::convolution, {{one, "Conv"}})), one);
}

TEST(ReadableName, DoesNotTakePartOfAWordForTheModelsName) {
  EXPECT_EQ(readable_name(layer_of("stem/conv", LayerClass::convolution, {{"conv", "Conv"}})), "conv");
  EXPECT_EQ(readable_name(layer_of("Convolution_12", LayerClass::convolution, {{"1", "Conv"}})), "1");
  EXPECT_EQ(readable_name(layer_of("PWN(1, 2)", LayerClass::convolution, {{"1", "Conv"}})), "PWN(1, 2)");
}

TEST(ReadableName, TakesTheFirstNodeWhereNoneHasTheClass) {
  EXPECT_EQ(readable_name(layer_of("VariadicSplit_7", LayerClass::fused, {{"a", "Slice"}, {"b", "Slice"}})), "a (+1)");
}

TEST(ReadableName, KeepsTheNameOfWhatTheEngineInserted) {
  EXPECT_EQ(readable_name(layer_of("x_f32_abcd_bf16_acdb_conv", LayerClass::reformat, {})),
            "x_f32_abcd_bf16_acdb_conv");
}

}  // namespace
}  // namespace trtprof
