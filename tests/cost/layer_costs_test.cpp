#include "trtprof/cost/layer_costs.h"

#include <gmock/gmock.h>

#include "support/profile_fixture.h"
#include "support/sample_operators.h"
#include "support/stored_profile.h"
#include "trtprof/profile/layer_kernels.h"

namespace trtprof::test {
namespace {

const LayerCost& cost_named(const Profile& profile, const std::vector<LayerCost>& costs, const std::string& name) {
  return costs.at(find_layer(*profile.layer_run, name).value());
}

constexpr const char* kDepthwise = "block3/depthwise/conv + block3/depthwise/bn + block3/depthwise/relu6";

TEST(LayerCosts, OfTensorRtWithTheModelAreThoseOfItsNodesInThePrecisionThatRan) {
  const Profile profile = stored_profile("mobilenetv2_b64_graph");
  const SampleOperators model("mobilenetv2", 64);
  const auto costs = layer_costs(profile, model.get());
  ASSERT_EQ(costs.size(), profile.layer_run->layers.size());
  const LayerCost& depthwise = cost_named(profile, costs, kDepthwise);
  EXPECT_EQ(depthwise.basis, CostBasis::model);
  const double elements = 64.0 * 144 * 56 * 56;
  EXPECT_DOUBLE_EQ(*depthwise.cost.macs, 9 * elements);
  // 144 kernels of 3 x 3, and the two bounds of ReLU6, in FP16; the normalisation is in the weights.
  const double weights = 2.0 * (144 * 9 + 2);
  EXPECT_DOUBLE_EQ(*depthwise.cost.weight_bytes, weights);
  EXPECT_DOUBLE_EQ(*depthwise.cost.bytes_read, 2.0 * elements + weights);
  EXPECT_DOUBLE_EQ(*depthwise.cost.bytes_written, 2.0 * elements);
  double macs = 0.0;
  for (const LayerCost& cost : costs) macs += cost.cost.macs.value_or(0.0);
  EXPECT_DOUBLE_EQ(macs, 64 * 300'774'272.0);
}

TEST(LayerCosts, WithoutTheModelKnowBytesAndNoArithmetic) {
  const Profile profile = stored_profile("mobilenetv2_b64_graph");
  const auto costs = layer_costs(profile, nullptr);
  const LayerCost& depthwise = cost_named(profile, costs, kDepthwise);
  EXPECT_EQ(depthwise.basis, CostBasis::tensors);
  EXPECT_FALSE(depthwise.cost.flops);
  EXPECT_DOUBLE_EQ(*depthwise.cost.bytes_read + *depthwise.cost.bytes_written, 4.0 * 64 * 144 * 56 * 56);
  // A reformat does no arithmetic, and what only renames no work at all.
  EXPECT_EQ(costs[0].cost.flops, 0.0);
  EXPECT_EQ(*costs[0].cost.bytes_read, 2.0 * 64 * 3 * 224 * 224);
  const LayerCost& rename = cost_named(
      profile, costs,
      "Reformatting CopyNode for Input Tensor 0 to {ForeignNode[flatten...(Unnamed Layer* 155) [ElementWise]]}");
  EXPECT_EQ(*rename.cost.bytes_read + *rename.cost.bytes_written, 0.0);
}

TEST(LayerCosts, WithoutTheModelALayerThatPicksHasNone) {
  const Profile profile = stored_profile("transformer");
  const auto costs = layer_costs(profile, nullptr);
  const auto& layers = profile.layer_run->layers;
  const auto embedding = std::ranges::find_if(layers, [](const Layer& layer) {
    return !layer.origin_nodes.empty() && layer.origin_nodes.front().name == "embeddings/words";
  });
  ASSERT_NE(embedding, layers.end());
  EXPECT_EQ(costs[static_cast<std::size_t>(embedding - layers.begin())].basis, CostBasis::none);
}

TEST(LayerCosts, OfMyelinsKernelsCountWeightsOnce) {
  const Profile profile = stored_profile("mobilenetv2_b64_graph");
  const SampleOperators model("mobilenetv2", 64);
  const LayerCost& classifier = cost_named(profile, layer_costs(profile, model.get()), "classifier_myl55_1");
  EXPECT_DOUBLE_EQ(*classifier.cost.macs, 64.0 * 1280 * 1000);
  // Activations, weights and bias in f16, and the two scalars that the layer lists.
  EXPECT_NEAR(*classifier.cost.bytes_read, 2.0 * (64 * 1280 + 1280 * 1000 + 1000), 16.0);
}

TEST(LayerCosts, OfOpenVinoAreThoseOfItsOwnTable) {
  const Profile profile = stored_profile("mobilenetv2_cpu");
  const SampleOperators model("mobilenetv2", 1);
  double macs = 0.0;
  for (const LayerCost& cost : layer_costs(profile, model.get())) macs += cost.cost.macs.value_or(0.0);
  EXPECT_DOUBLE_EQ(macs, 300'774'272.0);
}

TEST(LayerCosts, OfAProfileWithoutLayersAreNone) {
  EXPECT_TRUE(layer_costs(bare_profile(), nullptr).empty());
}

TEST(LayerCosts, StoredWorkIsThatOfTheModelAndIsUsedWithoutIt) {
  Profile profile = stored_profile("mobilenetv2_b64_graph");
  const SampleOperators model("mobilenetv2", 64);
  const auto with_model = layer_costs(profile, model.get());
  store_work(profile, *model.get());
  const auto stored = layer_costs(profile, nullptr);
  ASSERT_EQ(stored.size(), with_model.size());
  std::size_t of_model = 0;
  for (std::size_t i = 0; i < stored.size(); ++i) {
    EXPECT_EQ(stored[i].basis, with_model[i].basis) << i;
    if (with_model[i].basis != CostBasis::model) continue;
    ++of_model;
    EXPECT_EQ(stored[i].cost.macs, with_model[i].cost.macs) << i;
    EXPECT_EQ(stored[i].cost.flops, with_model[i].cost.flops) << i;
    EXPECT_EQ(stored[i].cost.bytes_read, with_model[i].cost.bytes_read) << i;
    EXPECT_EQ(stored[i].cost.bytes_written, with_model[i].cost.bytes_written) << i;
  }
  EXPECT_GT(of_model, 50U);
}

}  // namespace
}  // namespace trtprof::test
