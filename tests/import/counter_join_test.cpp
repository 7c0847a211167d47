#include "trtprof/import/counter_join.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/golden.h"
#include "test_paths.h"
#include "trtprof/backend/tensorrt_layers.h"
#include "trtprof/import/ncu_csv.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof::test {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

KernelLaunch launch(const std::string& name, std::int64_t blocks = 4) {
  KernelLaunch result;
  result.name = name;
  result.grid = {blocks, 1, 1};
  return result;
}

Counters counted(const std::vector<KernelLaunch>& launches) {
  Counters counters;
  counters.join_reason = "the report has no NVTX ranges (ncu --nvtx writes them)";
  for (const KernelLaunch& one : launches) {
    CountedKernel kernel;
    kernel.launch = one;
    counters.kernels.push_back(kernel);
  }
  return counters;
}

// Kernels a::f and a::f of layer "conv", g of layer "fc".
Profile with_timeline() {
  Profile profile;
  Timeline& timeline = profile.timeline.emplace();
  for (const auto& [name, layer] :
       {std::pair("void a::f<int>(int const*)", "conv"), std::pair("_ZN1a1fIfEEvPKf", "conv"), std::pair("g", "fc")}) {
    TimelineKernel kernel;
    kernel.launch = launch(name);
    kernel.layer = layer;
    timeline.kernels.push_back(kernel);
  }
  return profile;
}

std::vector<std::string> layers(const Counters& counters) {
  std::vector<std::string> names;
  for (const CountedKernel& kernel : counters.kernels) names.push_back(kernel.layer);
  return names;
}

std::vector<std::int64_t> inferences(const Counters& counters) {
  std::vector<std::int64_t> numbers;
  for (const CountedKernel& kernel : counters.kernels) numbers.push_back(kernel.inference);
  return numbers;
}

// ---- by launch order

TEST(CounterJoin, TheSameKernelsInTheSameOrderHaveTheLayersOfTheTimeline) {
  Counters counters = counted({launch("void a::f<T1>(const T1 *)"), launch("f"), launch("g")});
  join_counters(counters, with_timeline());
  EXPECT_EQ(counters.join, CounterJoin::launch_order);
  EXPECT_EQ(counters.join_reason, "");
  EXPECT_THAT(layers(counters), ElementsAre("conv", "conv", "fc"));
  EXPECT_THAT(counters.notes, IsEmpty());
}

TEST(CounterJoin, SeveralInferencesAreTold) {
  Counters counters = counted({launch("f"), launch("f"), launch("g"), launch("f"), launch("f")});
  join_counters(counters, with_timeline());
  EXPECT_THAT(layers(counters), ElementsAre("conv", "conv", "fc", "conv", "conv"));
  EXPECT_THAT(inferences(counters), ElementsAre(0, 0, 0, 1, 1));
  EXPECT_THAT(counters.notes, ElementsAre("The report ends after 2 of the 3 kernels of an inference."));
}

TEST(CounterJoin, AnotherKernelIsAnotherEngine) {
  Counters counters = counted({launch("f"), launch("f"), launch("h")});
  join_counters(counters, with_timeline());
  EXPECT_EQ(counters.join, CounterJoin::none);
  EXPECT_EQ(counters.join_reason,
            "the report is that of another engine: 2 of 3 kernels agree with the timeline's 3 in order, name and grid; "
            "the first that differs is number 3, h (4x1x1 blocks) in the report and g (4x1x1 blocks) in the timeline");
  EXPECT_THAT(layers(counters), Each(""));
}

TEST(CounterJoin, AnotherGridIsAnotherEngine) {
  Counters counters = counted({launch("f"), launch("f", 8), launch("g")});
  join_counters(counters, with_timeline());
  EXPECT_EQ(counters.join, CounterJoin::none);
  EXPECT_THAT(counters.join_reason, HasSubstr("number 2, f (8x1x1 blocks) in the report"));
}

TEST(CounterJoin, ATimelineWithoutLayersJoinsNothing) {
  Profile profile = with_timeline();
  for (TimelineKernel& kernel : profile.timeline->kernels) kernel.layer.clear();
  Counters counters = counted({launch("f"), launch("f"), launch("g")});
  join_counters(counters, profile);
  EXPECT_EQ(counters.join, CounterJoin::none);
  EXPECT_EQ(
      counters.join_reason,
      "the report has no NVTX ranges (ncu --nvtx writes them), and the profile has no timeline with layers to join "
      "by launch order");
}

// ---- by ranges

Profile with_layers(const std::vector<std::string>& names) {
  Profile profile;
  profile.layer_run.emplace();
  for (const std::string& name : names) {
    Layer layer;
    layer.name = name;
    profile.layer_run->layers.push_back(layer);
  }
  return profile;
}

Counters marked(const std::vector<std::string>& names) {
  Counters counters = counted(std::vector<KernelLaunch>(names.size(), launch("k")));
  counters.join = CounterJoin::markers;
  counters.join_reason.clear();
  for (std::size_t i = 0; i < names.size(); ++i) counters.kernels[i].layer = names[i];
  return counters;
}

TEST(CounterJoin, RangesThatNameTheProfilesLayersStand) {
  Counters counters = marked({"a", "b", ""});
  const Counters before = counters;
  join_counters(counters, with_layers({"a", "b", "c"}));
  EXPECT_EQ(counters, before);
}

// TensorRT has one range around a block of Myelin, and the profile lists its parts.
TEST(CounterJoin, PartsOfABlockAreToldByTheTimeline) {
  Profile profile = with_timeline();
  LayerRun& run = profile.layer_run.emplace();
  for (const char* name : {"conv", "fc"}) run.layers.emplace_back().name = name;
  const auto with_ranges = [](const std::string& last) {
    Counters counters = counted({launch("f"), launch("f"), launch(last)});
    counters.join = CounterJoin::markers;
    for (CountedKernel& kernel : counters.kernels) kernel.layer = "conv";
    counters.kernels.back().layer = "{ForeignNode[fc...x]}";
    return counters;
  };
  Counters counters = with_ranges("g");
  join_counters(counters, profile);
  EXPECT_EQ(counters.join, CounterJoin::markers);
  EXPECT_THAT(layers(counters), ElementsAre("conv", "conv", "fc"));
  EXPECT_THAT(counters.notes, IsEmpty());
  // Other kernels tell nothing.
  counters = with_ranges("h");
  join_counters(counters, profile);
  EXPECT_THAT(layers(counters), ElementsAre("conv", "conv", "{ForeignNode[fc...x]}"));
}

TEST(CounterJoin, ALayerThatTheProfileLacksIsToldOf) {
  Counters counters = marked({"a", "b", "x"});
  join_counters(counters, with_layers({"a", "b", "c"}));
  EXPECT_EQ(counters.join, CounterJoin::markers);
  EXPECT_THAT(counters.notes,
              ElementsAre("1 of 3 layers that the report names are not among the profile's, \"x\" for one."));
}

TEST(CounterJoin, RangesOfOtherLayersAreAnotherEngines) {
  Counters counters = marked({"a", "x", "y"});
  join_counters(counters, with_layers({"a", "b", "c"}));
  EXPECT_EQ(counters.join, CounterJoin::none);
  EXPECT_EQ(counters.join_reason,
            "the report is that of another engine: 1 of the 3 layers that its NVTX ranges name are in the profile; the "
            "first that is not is \"x\"");
  EXPECT_THAT(layers(counters), Each(""));
}

// ---- a report of a kFP16 build against the strongly typed build of the same model

TEST(CounterJoin, TheReportOfAnotherBuildIsRefusedWithFigures) {
  auto imported = read_ncu_csv(std::string(kDataDir) + "/tensorrt-10.6/mnv2_b1_fp16_weak.ncu_raw.csv");
  ASSERT_TRUE(imported);
  auto engine = tensorrt_layers(test_data("tensorrt-10.6/mnv2_b1_fp16.inspector.json"), Graph{}, "inspector");
  ASSERT_TRUE(engine);
  Profile profile;
  profile.layer_run.emplace().layers = *engine;
  join_counters(imported->counters, profile);
  EXPECT_EQ(imported->counters.join, CounterJoin::none);
  EXPECT_THAT(layers(imported->counters), Each(""));
  EXPECT_THAT(
      imported->counters.join_reason,
      HasSubstr("the report is that of another engine: 27 of the profile's 54 tactics are found in order among the "
                "report's 70 kernels; the first that is not is that of \"/features/features.0/features.0.0/Conv + "
                "/features/features.0/features.0.2/Clip\", sm80_xmma_fprop_implicit_gemm_indexed_w"));
}

// ---- an engine counted, traced and timed in one session

class CountedEngine : public ::testing::Test {
 protected:
  void SetUp() override {
    auto imported = read_ncu_csv(std::string(kDataDir) + "/tensorrt-10.6/mnv2_b1_fp16_nvtx.ncu_raw.csv");
    ASSERT_TRUE(imported) << imported.error().message;
    counters_ = std::move(imported->counters);
    auto loaded = load_profile(std::string(kDataDir) + "/tensorrt-10.6/mnv2_b1_fp16_counted.profile.json");
    ASSERT_TRUE(loaded) << loaded.error().message;
    profile_ = std::move(loaded->profile);
    ASSERT_TRUE(profile_.timeline);
    for (const TimelineKernel& kernel : profile_.timeline->kernels) traced_.push_back(kernel.layer);
  }
  Counters counters_;
  Profile profile_;
  std::vector<std::string> traced_;  // layers of the kernels that CUPTI saw
};

TEST_F(CountedEngine, RangesAndTimelineTellTheSameLayers) {
  join_counters(counters_, profile_);
  EXPECT_EQ(counters_.join, CounterJoin::markers);
  EXPECT_THAT(counters_.kernels, SizeIs(55));
  EXPECT_EQ(layers(counters_), traced_);
  EXPECT_THAT(traced_, Not(Contains(HasSubstr("ForeignNode")))) << "the part of the block, not its range";
  EXPECT_THAT(counters_.notes, ElementsAre(HasSubstr("clocks")));
}

TEST_F(CountedEngine, LaunchOrderTellsThemToo) {
  counters_.join = CounterJoin::none;
  for (CountedKernel& kernel : counters_.kernels) kernel.layer.clear();
  join_counters(counters_, profile_);
  EXPECT_EQ(counters_.join, CounterJoin::launch_order) << counters_.join_reason;
  EXPECT_EQ(layers(counters_), traced_);
  EXPECT_THAT(inferences(counters_), Each(0));
}

TEST_F(CountedEngine, TheReportOfAnotherBuildIsRefused) {
  auto other = read_ncu_csv(std::string(kDataDir) + "/tensorrt-10.6/mnv2_b1_fp16_weak.ncu_raw.csv");
  ASSERT_TRUE(other);
  join_counters(other->counters, profile_);
  EXPECT_EQ(other->counters.join, CounterJoin::none);
  EXPECT_THAT(other->counters.join_reason, HasSubstr("the report is that of another engine: "));
  EXPECT_THAT(layers(other->counters), Each(""));
}

TEST(CounterJoin, CountersWithoutKernelsAreLeftAlone) {
  Counters counters;
  counters.totals = {{"cycles", 5.0}};
  join_counters(counters, with_timeline());
  EXPECT_EQ(counters.join, CounterJoin::none);
  EXPECT_EQ(counters.join_reason, "");
}

}  // namespace
}  // namespace trtprof::test
