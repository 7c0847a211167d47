#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/profile_fixture.h"
#include "support/subject.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

RuleAnswer answer(Profile profile, const std::string& sample = "mobilenetv2", std::int64_t batch = 1) {
  const DiagnosedSubject subject(std::move(profile), sample, batch);
  return rules::launch_bound(subject.get());
}

TEST(LaunchBoundRule, AStreamIsLaunchBoundAndItsGapsBoundWhatAGraphGains) {
  struct Pair {
    const char* stream;
    const char* graph;
    const char* sample;
  };
  for (const Pair& pair : {Pair{"mobilenetv2_b1_stream", "mobilenetv2_b1_graph", "mobilenetv2"},
                           Pair{"transformer_stream", "transformer", "transformer"}}) {
    const DiagnosedSubject stream(stored_profile(pair.stream), pair.sample, 1);
    const DiagnosedSubject graph(stored_profile(pair.graph), pair.sample, 1);
    const RuleAnswer result = rules::launch_bound(stream.get());
    ASSERT_EQ(result.findings.size(), 1U) << pair.stream;
    const Finding& finding = result.findings[0];
    ASSERT_TRUE(finding.gain);
    const double measured = stream.get().inference_seconds() - graph.get().inference_seconds();
    EXPECT_GE(finding.gain->high, measured);
    EXPECT_LE(finding.gain->high, 1.1 * measured);
    EXPECT_EQ(finding.severity, Severity::critical);
    for (const std::string& line : finding.commands) EXPECT_THAT(line, Not(HasSubstr("--no-graph")));
    EXPECT_THAT(rules::launch_bound(graph.get()).findings, IsEmpty()) << pair.graph;
  }
}

TEST(LaunchBoundRule, SaysWhatKernelsAndLaunchesTake) {
  const RuleAnswer result = answer(stored_profile("mobilenetv2_b1_stream"));
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_THAT(result.findings[0].title, HasSubstr("39.1% of an inference, 115 us"));
  EXPECT_THAT(result.findings[0].explanation,
              HasSubstr("55 kernels take 2.96 us each, launching one takes the host 5.20 us"));
  EXPECT_THAT(result.findings[0].commands, ElementsAre("tensorrt_profiling profile b1.engine"));
}

TEST(LaunchBoundRule, WithoutATimelineTheRooflineBoundsIt) {
  Profile profile = stored_profile("mobilenetv2_b1_stream");
  profile.timeline.reset();
  const RuleAnswer result = answer(std::move(profile));
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_THAT(result.findings[0].explanation, HasSubstr("Without a timeline"));
  ASSERT_TRUE(result.findings[0].gain);
  EXPECT_NEAR(result.findings[0].gain->high, 278.2e-6 - 8.1e-6, 1e-6);
}

TEST(LaunchBoundRule, AStreamThatIsAheadOfTheDeviceIsNot) {
  const RuleAnswer result = answer(stored_profile("transfer_stream"), "transfer");
  EXPECT_THAT(result.findings, IsEmpty());
  EXPECT_THAT(result.why_not, HasSubstr("enqueueing takes 47.4% of compute"));
}

TEST(LaunchBoundRule, GapsInAGraphAreFoundWhereTheProfileIsChangedToHaveThem) {
  Profile profile = stored_profile("mobilenetv2_b1_graph");
  for (double& sample : profile.end_to_end->compute->samples) sample += 50e-6;
  for (double& sample : profile.end_to_end->total.samples) sample += 50e-6;
  const RuleAnswer result = answer(std::move(profile));
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_THAT(result.findings[0].explanation, HasSubstr("launched as a CUDA graph, and still waits"));
  EXPECT_NEAR(result.findings[0].gain->high, 50.3e-6, 0.5e-6);
}

TEST(LaunchBoundRule, TheCostOfLayerTimingIsNoGap) {
  Profile profile = stored_profile("mobilenetv2_b1_graph");
  profile.end_to_end.reset();
  const RuleAnswer result = answer(std::move(profile));
  EXPECT_THAT(result.findings, IsEmpty());
  EXPECT_THAT(result.why_not, HasSubstr("no end-to-end run"));
}

TEST(LaunchBoundRule, SaysThatACpuLaunchesNothing) {
  EXPECT_THAT(answer(stored_profile("mobilenetv2_cpu")).why_not, HasSubstr("CPU"));
}

TEST(LaunchBoundRule, SaysWhatAnEmptyProfileLacks) {
  const DiagnosedSubject subject{bare_profile()};
  const RuleAnswer result = rules::launch_bound(subject.get());
  EXPECT_THAT(result.findings, IsEmpty());
  EXPECT_THAT(result.why_not, Not(IsEmpty()));
}

}  // namespace
}  // namespace trtprof
