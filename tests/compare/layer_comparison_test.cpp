#include "trtprof/compare/layer_comparison.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare/layers.h"
#include "support/stored_profile.h"
#include "trtprof/profile/layer_times.h"

namespace trtprof::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;

LayersCompared compare(const LayerRun& a, const LayerRun& b) {
  const std::array<const LayerRun*, 1> side_a = {&a};
  const std::array<const LayerRun*, 1> side_b = {&b};
  return compare_layers(side_a, side_b, false);
}

double sum_of_differences(const LayersCompared& compared) {
  double sum = 0.0;
  for (const LayerComparison& group : compared.groups) sum += group.difference;
  return sum;
}

TEST(LayerComparison, DifferencesAddUpToThatOfTheLayerSums) {
  for (const auto& [one, other] :
       {std::pair("mobilenetv2_b1_fp32", "mobilenetv2_b1_weak_fp16"),
        std::pair("mobilenetv2_b1_graph", "mobilenetv2_b1_int8"),
        std::pair("mobilenetv2_b64_graph", "mobilenetv2_b64_fp32"), std::pair("transformer", "transformer_stream"),
        std::pair("mobilenetv2_cpu", "resnet50")}) {
    const Profile a = stored_profile(one);
    const Profile b = stored_profile(other);
    const LayersCompared compared = compare(*a.layer_run, *b.layer_run);
    const double difference = layer_sum(*b.layer_run) - layer_sum(*a.layer_run);
    // To the rounding of a hundred additions.
    EXPECT_NEAR(sum_of_differences(compared), difference, 1e-13 * compared.sum_a) << one << ' ' << other;
    EXPECT_DOUBLE_EQ(compared.sum_b - compared.sum_a, difference);
  }
}

TEST(LayerComparison, DifferencesOfSeveralLaunchesAddUpToo) {
  const LayerRun first = run_of({layer_of("f", {"conv", "relu"}, 2e-3), layer_of("x", {}, 1e-4)});
  const LayerRun second = run_of({layer_of("c", {"conv"}, 1e-3), layer_of("r", {"relu"}, 7e-4)});
  const LayerRun third = run_of({layer_of("c", {"conv"}, 3e-3), layer_of("n", {"new"}, 5e-4)});
  const std::array<const LayerRun*, 2> a = {&first, &second};
  const std::array<const LayerRun*, 2> b = {&third, &third};
  const LayersCompared compared = compare_layers(a, b, true);
  EXPECT_NEAR(compared.sum_a, (2.1e-3 + 1.7e-3) / 2, 1e-15);
  EXPECT_NEAR(sum_of_differences(compared), compared.sum_b - compared.sum_a, 1e-15);
}

TEST(LayerComparison, LargestDifferenceFirst) {
  const LayersCompared compared =
      compare(run_of({layer_of("a", {"a"}, 1e-3), layer_of("b", {"b"}, 1e-3), layer_of("c", {"c"}, 1e-3)}),
              run_of({layer_of("a", {"a"}, 1.1e-3), layer_of("b", {"b"}, 0.5e-3), layer_of("c", {"c"}, 1.2e-3)}));
  std::vector<std::string> names;
  for (const LayerComparison& group : compared.groups) names.push_back(group.name);
  EXPECT_THAT(names, ElementsAre("b", "c", "a"));
  EXPECT_NEAR(compared.groups[0].difference, -0.5e-3, 1e-12);
  EXPECT_FALSE(compared.groups[0].interval);  // how launches differ is not known
}

TEST(LayerComparison, AnIntervalIsFromHowLaunchesDiffer) {
  std::vector<LayerRun> runs;
  for (const double seconds : {1.00e-3, 1.01e-3, 0.99e-3, 1.50e-3, 1.51e-3, 1.50e-3}) {
    runs.push_back(run_of({layer_of("a", {"a"}, seconds), layer_of("b", {"b"}, 1e-3 + seconds / 100)}));
  }
  const std::array<const LayerRun*, 3> a = {&runs[0], &runs[1], &runs[2]};
  const std::array<const LayerRun*, 3> b = {&runs[3], &runs[4], &runs[5]};
  const LayersCompared compared = compare_layers(a, b, true);
  ASSERT_TRUE(compared.groups[0].interval);
  EXPECT_TRUE(compared.groups[0].clear);
  EXPECT_LT(compared.groups[0].interval->low, 0.5033e-3);
  EXPECT_GT(compared.groups[0].interval->high, 0.5033e-3);
}

std::vector<LayerChange> changes_between(const Layer& a, const Layer& b) {
  return compare(run_of({a}), run_of({b})).groups.front().changes;
}

TEST(LayerComparison, SaysWhatIsDoneDifferently) {
  Layer a = layer_of("a", {"conv"}, 1);
  a.precision = "f32";
  a.implementation = "jit_avx512";
  a.outputs = {{"y", "f32", {1, 8}, "nchw", 32}};
  Layer b = a;
  EXPECT_TRUE(changes_between(a, b).empty());
  b.precision = "bf16";
  b.outputs[0].layout = "acdb";
  b.implementation = "brgemm";
  EXPECT_THAT(changes_between(a, b), ElementsAre(LayerChange{LayerChangeKind::retyped, "f32", "bf16"},
                                                 LayerChange{LayerChangeKind::reformatted, "nchw", "acdb"},
                                                 LayerChange{LayerChangeKind::reimplemented, "jit_avx512", "brgemm"}));
  b.implementation.clear();  // not told is no change
  EXPECT_EQ(changes_between(a, b).size(), 2U);
}

TEST(LayerComparison, SaysWhatIsGainedLostAndCutElsewhere) {
  const LayersCompared compared = compare(run_of({layer_of("f", {"conv", "relu"}, 3e-3), layer_of("old", {}, 1e-3)}),
                                          run_of({layer_of("c", {"conv"}, 1e-3), layer_of("r", {"relu"}, 1e-3),
                                                  layer_of("new", {}, 1e-4), layer_of("n2", {}, 1e-5)}));
  ASSERT_EQ(compared.groups.size(), 4U);
  std::vector<LayerChangeKind> kinds;
  for (const LayerComparison& group : compared.groups) {
    for (const LayerChange& change : group.changes) kinds.push_back(change.kind);
  }
  EXPECT_THAT(kinds, ::testing::UnorderedElementsAre(LayerChangeKind::fused_differently, LayerChangeKind::lost,
                                                     LayerChangeKind::gained, LayerChangeKind::gained));
}

TEST(LayerComparison, OfARealEngineSaysThatItIsFp16Now) {
  const Profile a = stored_profile("mobilenetv2_b1_fp32");
  const Profile b = stored_profile("mobilenetv2_b1_weak_fp16");
  const LayersCompared compared = compare(*a.layer_run, *b.layer_run);
  const auto retyped = std::ranges::count_if(compared.groups, [](const LayerComparison& group) {
    return std::ranges::any_of(group.changes, [](const LayerChange& change) {
      return change.kind == LayerChangeKind::retyped && change.b.find("f16") != std::string::npos;
    });
  });
  EXPECT_GT(retyped, 30);
}

}  // namespace
}  // namespace trtprof::test
