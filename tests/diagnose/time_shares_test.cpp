#include "trtprof/diagnose/time_shares.h"

#include <gmock/gmock.h>

#include "support/diagnosed.h"
#include "support/profile_fixture.h"

namespace trtprof::test {
namespace {

TEST(InferenceParts, OfAStreamAreCopiesBusyTimeAndGapsWithoutWhatTracingAdded) {
  const Diagnosed stream = diagnosed(stored_profile("mobilenetv2_b1_stream"));
  const InferenceParts parts = parts_of(stream.profile, stream.account);
  EXPECT_TRUE(parts.gpu);
  EXPECT_FALSE(parts.graph);
  EXPECT_TRUE(parts.paced_by_launches());
  EXPECT_NEAR(parts.transfers, 15.6e-6, 0.5e-6);
  EXPECT_NEAR(parts.inside, 277.8e-6, 1e-6);
  EXPECT_NEAR(parts.device_busy.value(), 163.0e-6, 1e-6);
  EXPECT_NEAR(parts.gaps.value(), 114.8e-6, 2e-6);  // tracing found 400
}

TEST(InferenceParts, AGraphIsNotPacedByLaunches) {
  const Diagnosed graph = diagnosed(stored_profile("mobilenetv2_b1_graph"));
  const InferenceParts parts = parts_of(graph.profile, graph.account);
  EXPECT_TRUE(parts.graph);
  EXPECT_FALSE(parts.paced_by_launches());
  Profile untraced = stored_profile("mobilenetv2_b1_graph");
  untraced.timeline.reset();
  EXPECT_TRUE(parts_of(untraced, graph.account).graph);  // the engine's settings say so
}

// Copies of 5 ms under 8 ms of compute, in 10 ms: 2 ms of copies are left beside it.
TEST(InferenceParts, CopiesUnderComputeCountOnce) {
  Profile profile = bare_profile();
  profile.environment.device_kind = DeviceKind::gpu;
  const auto constant = [](double value) { return series_of(std::vector<double>(8, value)); };
  profile.end_to_end = EndToEnd{};
  profile.end_to_end->total = constant(10e-3);
  profile.end_to_end->host_to_device = constant(5e-3);
  profile.end_to_end->compute = constant(8e-3);
  const Diagnosed result = diagnosed(std::move(profile));
  const InferenceParts parts = parts_of(result.profile, result.account);
  EXPECT_NEAR(parts.transfers, 2e-3, 1e-12);
  EXPECT_NEAR(parts.inside, 8e-3, 1e-12);
}

TEST(TimeShares, OnACpuWhatLayersDoNotTakeIsTheHosts) {
  Profile profile = bare_profile();
  profile.environment.device_kind = DeviceKind::cpu;
  profile.end_to_end = EndToEnd{};
  profile.end_to_end->total = series_of(std::vector<double>(8, 10e-3));
  profile.layer_run = LayerRun{};
  profile.layer_run->layers = {layer_taking("a", LayerClass::reformat, 3e-3),
                               layer_taking("b", LayerClass::convolution, 5e-3)};
  const Diagnosed result = diagnosed(std::move(profile));
  const auto shares = shares_of(result.profile, parts_of(result.profile, result.account), &*result.roofline);
  for (const TimeShare& each : shares) {
    const double expected = each.what == Bottleneck::host        ? 0.2
                            : each.what == Bottleneck::reformats ? 0.3
                            : each.what == Bottleneck::unknown   ? 0.5
                                                                 : 0.0;
    EXPECT_NEAR(each.share, expected, 1e-9) << to_string(each.what);
  }
}

// Layer timing made them longer than the inference was: they keep their proportions.
TEST(TimeShares, LayersLongerThanTheInferenceAreFittedToIt) {
  Profile profile = bare_profile();
  profile.end_to_end = EndToEnd{};
  profile.end_to_end->total = series_of(std::vector<double>(8, 4e-3));
  profile.layer_run = LayerRun{};
  profile.layer_run->layers = {layer_taking("a", LayerClass::reformat, 6e-3),
                               layer_taking("b", LayerClass::opaque, 2e-3)};
  const Diagnosed result = diagnosed(std::move(profile));
  const auto shares = shares_of(result.profile, parts_of(result.profile, result.account), &*result.roofline);
  EXPECT_EQ(shares[0].what, Bottleneck::reformats);
  EXPECT_NEAR(shares[0].share, 0.75, 1e-9);
  EXPECT_EQ(shares[1].what, Bottleneck::opaque);
  EXPECT_NEAR(shares[1].share, 0.25, 1e-9);
}

}  // namespace
}  // namespace trtprof::test
