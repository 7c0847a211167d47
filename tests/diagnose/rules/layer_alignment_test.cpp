#include "trtprof/diagnose/rules/layer_alignment.h"

#include <gmock/gmock.h>

#include "support/profile_fixture.h"
#include "support/stored_profile.h"

namespace trtprof::test {
namespace {

using rules::align_layers;
using rules::AlignedLayers;
using testing::ElementsAre;
using testing::IsEmpty;

Layer of_nodes(const std::string& name, const std::vector<std::string>& nodes) {
  Layer layer = layer_taking(name, LayerClass::other, 1e-6);
  for (const std::string& node : nodes) layer.origin_nodes.push_back({node, "Conv"});
  return layer;
}

LayerRun run_of(std::vector<Layer> layers) {
  LayerRun run;
  run.layers = std::move(layers);
  return run;
}

TEST(AlignLayers, LayersThatRunTheSameNodeAreOneGroup) {
  const auto groups = align_layers(run_of({of_nodes("a + b", {"a", "b"}), of_nodes("c", {"c"})}),
                                   run_of({of_nodes("x", {"a"}), of_nodes("y", {"b", "c"})}));
  ASSERT_EQ(groups.size(), 1u);  // a with b on one side, b with c on the other
  EXPECT_THAT(groups[0].left, ElementsAre(0, 1));
  EXPECT_THAT(groups[0].right, ElementsAre(0, 1));
}

TEST(AlignLayers, LayersWithoutNodesAreMatchedByName) {
  const auto groups = align_layers(run_of({of_nodes("reformat", {}), of_nodes("only here", {})}),
                                   run_of({of_nodes("only there", {}), of_nodes("reformat", {})}));
  ASSERT_EQ(groups.size(), 3u);
  EXPECT_THAT(groups[0].left, ElementsAre(0));
  EXPECT_THAT(groups[0].right, ElementsAre(1));
  EXPECT_THAT(groups[1].right, IsEmpty());
  EXPECT_THAT(groups[2].left, IsEmpty());
}

// A node and a layer without nodes may have one name.
TEST(AlignLayers, ALayersNameIsNoNodesName) {
  const auto groups = align_layers(run_of({of_nodes("conv", {})}), run_of({of_nodes("other", {"conv"})}));
  EXPECT_EQ(groups.size(), 2u);
}

TEST(AlignLayers, TwoPrecisionsOfMobileNetV2MatchLayerByLayer) {
  const Profile int8 = stored_profile("mobilenetv2_b1_int8");
  const Profile fp16 = stored_profile("mobilenetv2_b1_fp16_beside_int8");
  std::size_t pairs = 0;
  std::size_t layers = 0;
  for (const AlignedLayers& group : align_layers(*int8.layer_run, *fp16.layer_run)) {
    if (group.left.size() == 1 && group.right.size() == 1) ++pairs;
    layers += group.left.size() + group.right.size();
  }
  EXPECT_GE(pairs, 53u);  // 52 convolutions and the pooling
  EXPECT_EQ(layers, int8.layer_run->layers.size() + fp16.layer_run->layers.size());
}

}  // namespace
}  // namespace trtprof::test
