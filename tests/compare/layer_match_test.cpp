#include "trtprof/compare/layer_match.h"

#include <array>
#include <set>

#include <gtest/gtest.h>

#include "compare/layers.h"
#include "support/stored_profile.h"

namespace trtprof::test {
namespace {

std::vector<LayerGroup> match(const LayerRun& a, const LayerRun& b) {
  const std::array<const LayerRun*, 1> side_a = {&a};
  const std::array<const LayerRun*, 1> side_b = {&b};
  return match_layers(side_a, side_b);
}

TEST(LayerMatch, OneLayerOnEachSideWhereBothFuseAlike) {
  const auto groups = match(run_of({layer_of("x", {"conv1", "relu1"}, 1), layer_of("y", {"conv2"}, 1)}),
                            run_of({layer_of("p", {"conv2"}, 1), layer_of("q", {"conv1", "relu1"}, 1)}));
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].a, Indices{{0}});
  EXPECT_EQ(groups[0].b, Indices{{1}});
  EXPECT_EQ(groups[0].basis, MatchBasis::origins);
  EXPECT_EQ(groups[1].a, Indices{{1}});
  EXPECT_EQ(groups[1].b, Indices{{0}});
}

TEST(LayerMatch, OneAgainstSeveralWhereBFusesLess) {
  const auto groups = match(run_of({layer_of("fused", {"conv", "bn", "relu"}, 3)}),
                            run_of({layer_of("c", {"conv"}, 1), layer_of("b", {"bn"}, 1), layer_of("r", {"relu"}, 1)}));
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0].a, Indices{{0}});
  EXPECT_EQ(groups[0].b, (Indices{{0, 1, 2}}));
}

TEST(LayerMatch, SeveralAgainstSeveralWhereTheCutsLieElsewhere) {
  // A cuts behind n2, B behind n1 and n3: all hangs together.
  const auto groups = match(run_of({layer_of("a1", {"n1", "n2"}, 1), layer_of("a2", {"n3", "n4"}, 1)}),
                            run_of({layer_of("b1", {"n1"}, 1), layer_of("b2", {"n2", "n3"}, 1),
                                    layer_of("b3", {"n4"}, 1), layer_of("b4", {"n5"}, 1)}));
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].a, (Indices{{0, 1}}));
  EXPECT_EQ(groups[0].b, (Indices{{0, 1, 2}}));
  EXPECT_EQ(groups[1].a, Indices{{}});
  EXPECT_EQ(groups[1].b, Indices{{3}});
  EXPECT_EQ(groups[1].basis, MatchBasis::none);
}

TEST(LayerMatch, LayersOfTheEnginesOwnMakingGoByName) {
  const auto groups =
      match(run_of({layer_of("conv", {"c"}, 1), layer_of("Reorder_1", {}, 1), layer_of("Reorder_2", {}, 1)}),
            run_of({layer_of("conv", {"c"}, 1), layer_of("Reorder_2", {}, 1)}));
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[1].basis, MatchBasis::none);  // Reorder_1 is lost
  EXPECT_EQ(groups[1].b, Indices{{}});
  EXPECT_EQ(groups[2].basis, MatchBasis::name);
  EXPECT_EQ(groups[2].b, Indices{{1}});
}

TEST(LayerMatch, EnginesThatAreAlikeGoByPlace) {
  // As OpenVINO names them: another number at every load.
  const auto groups = match(run_of({layer_of("conv", {"c"}, 1), layer_of("Multiply_21864", {}, 1)}),
                            run_of({layer_of("conv", {"c"}, 1), layer_of("Multiply_30001", {}, 1)}));
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[1].basis, MatchBasis::place);
}

TEST(LayerMatch, ASideMayHaveBuildsThatFuseDifferently) {
  const LayerRun fused = run_of({layer_of("f", {"conv", "relu"}, 2)});
  const LayerRun split = run_of({layer_of("c", {"conv"}, 1), layer_of("r", {"relu"}, 1)});
  const std::array<const LayerRun*, 2> a = {&fused, &split};
  const std::array<const LayerRun*, 1> b = {&split};
  const auto groups = match_layers(a, b);
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0].a, (Indices{{0}, {0, 1}}));
  EXPECT_EQ(groups[0].b, (Indices{{0, 1}}));
}

TEST(LayerMatch, EveryLayerOfRealEnginesIsInExactlyOneGroup) {
  for (const auto& [one, other] :
       {std::pair("mobilenetv2_b1_fp32", "mobilenetv2_b1_weak_fp16"),
        std::pair("mobilenetv2_b1_graph", "mobilenetv2_b1_int8"), std::pair("mobilenetv2_cpu", "resnet50")}) {
    const Profile a = stored_profile(one);
    const Profile b = stored_profile(other);
    std::set<std::size_t> seen_a;
    std::set<std::size_t> seen_b;
    std::size_t count = 0;
    for (const LayerGroup& group : match(*a.layer_run, *b.layer_run)) {
      seen_a.insert(group.a[0].begin(), group.a[0].end());
      seen_b.insert(group.b[0].begin(), group.b[0].end());
      count += group.a[0].size() + group.b[0].size();
    }
    EXPECT_EQ(seen_a.size(), a.layer_run->layers.size());
    EXPECT_EQ(seen_b.size(), b.layer_run->layers.size());
    EXPECT_EQ(count, seen_a.size() + seen_b.size());
  }
}

}  // namespace
}  // namespace trtprof::test
