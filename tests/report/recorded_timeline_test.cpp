// Profiles with a timeline that was recorded on a GPU (tests/data/*/*timeline*.json): what must hold of each.
#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "test_paths.h"
#include "trtprof/profile/layer_kernels.h"
#include "trtprof/profile/layer_times.h"
#include "trtprof/profile/profile_json.h"
#include "trtprof/report/trace_report.h"

namespace trtprof {
namespace {

std::vector<std::string> recordings() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(test::kDataDir)) {
    const std::string name = entry.path().filename().string();
    if (name.find("timeline") != std::string::npos && entry.path().extension() == ".json") {
      files.push_back(entry.path().string());
    }
  }
  std::ranges::sort(files);
  return files;
}

class RecordedTimeline : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    auto loaded = load_profile(GetParam());
    ASSERT_TRUE(loaded) << loaded.error().message;
    profile_ = std::move(loaded->profile);
    ASSERT_TRUE(profile_.timeline);
    ASSERT_TRUE(profile_.layer_run);
  }
  Profile profile_;
};

TEST_P(RecordedTimeline, EveryKernelHasALayerOfTheLayerRun) {
  EXPECT_FALSE(profile_.timeline->kernels.empty());
  for (const TimelineKernel& kernel : profile_.timeline->kernels) {
    EXPECT_TRUE(find_layer(*profile_.layer_run, kernel.layer)) << kernel.launch.name << " has layer " << kernel.layer;
  }
}

TEST_P(RecordedTimeline, GapsAddUpToTheIdleTimeInEveryInference) {
  const Timeline& timeline = *profile_.timeline;
  for (std::size_t i = 0; i < timeline.span.samples.size(); ++i) {
    double gaps = 0.0;
    for (const TimelineKernel& kernel : timeline.kernels) {
      if (kernel.gap_before) gaps += kernel.gap_before->samples.at(i);
    }
    EXPECT_NEAR(gaps, timeline.idle.samples.at(i), 1e-9);
    EXPECT_NEAR(timeline.busy.samples.at(i) + timeline.idle.samples.at(i), timeline.span.samples.at(i), 1e-9);
  }
}

TEST_P(RecordedTimeline, TheSpanIsTheTimeByEventsWithoutTracingInAGraph) {
  if (!profile_.timeline->graph || !profile_.end_to_end || !profile_.end_to_end->compute) return;
  // Recording adds 0.27 us a kernel in a graph (docs/timeline.md).
  const double untraced = *median_of(*profile_.end_to_end->compute);
  const double recording = 0.35e-6 * static_cast<double>(profile_.timeline->kernels.size());
  EXPECT_GE(*median_of(profile_.timeline->span), 0.97 * untraced);
  EXPECT_LE(*median_of(profile_.timeline->span), 1.05 * untraced + recording);
}

TEST_P(RecordedTimeline, TheTraceHasEveryKernelOfTheFirstInferences) {
  std::ostringstream out;
  write_trace_report(out, profile_);
  const auto trace = nlohmann::json::parse(out.str());
  const auto kernels = std::ranges::count_if(trace.at("traceEvents"), [](const nlohmann::json& event) {
    return event.at("ph") == "X" && event.at("cat") == "kernel";
  });
  const auto recorded = std::ranges::count(profile_.timeline->activities, ActivityKind::kernel, &Activity::kind);
  EXPECT_EQ(kernels, recorded);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RecordedTimeline);
INSTANTIATE_TEST_SUITE_P(Files, RecordedTimeline, testing::ValuesIn(recordings()), [](const auto& instance) {
  std::string name = std::filesystem::path(instance.param).stem().string();
  std::ranges::replace_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
});

}  // namespace
}  // namespace trtprof
