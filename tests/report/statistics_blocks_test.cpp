#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/profile_fixture.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using text_report::Paint;

const Paint kPlain(false);

std::string end_to_end_of(const Profile& profile) {
  std::ostringstream out;
  text_report::write_end_to_end(out, profile, kPlain);
  return out.str();
}

std::string layer_sum_of(const Profile& profile) {
  std::ostringstream out;
  text_report::write_layer_sum(out, profile, kPlain);
  return out.str();
}

TEST(TimeByClassBlock, HasTheGuidesForm) {
  std::ostringstream out;
  text_report::write_time_by_class(out, *test::guide_profile().layer_run, kPlain);
  EXPECT_EQ(out.str(), R"(
Time by class:
  Convolution:     75.34%   10.3711 ms   6 layers
  FullyConnected:   7.64%    1.0523 ms   1 layer
  Pooling:          6.54%    0.9000 ms   1 layer
  Softmax:          6.26%    0.8619 ms   1 layer
  Scale:            2.51%    0.3456 ms   1 layer
  Activation:       1.70%    0.2345 ms   1 layer
)");
}

TEST(TimeByClassBlock, HasNoSharesOfNoTime) {
  LayerRun run;
  run.layers = {test::layer_taking("a", LayerClass::shuffle, 0.0)};
  std::ostringstream out;
  text_report::write_time_by_class(out, run, kPlain);
  EXPECT_THAT(out.str(), HasSubstr("  Shuffle:       -   0.0000 ms   1 layer\n"));
}

TEST(EndToEndBlock, ShowsTheLatencyAndItsDoubt) {
  Profile profile = test::full_profile();
  profile.end_to_end->interval.reset();
  EXPECT_EQ(end_to_end_of(profile), R"(
End-to-end latency:
  Median:      3.0000 ms (95% interval 3.0000 to 3.1000 ms, +-1.67%)
  Percentiles: p90 3.1900 ms, p95 6.0350 ms, p99 8.8070 ms
  Range:       min 2.9000 ms, max 9.5000 ms
  Mean:        3.5667 ms, standard deviation 1.8705 ms
  Throughput:  666.67 FPS (batch 2)
  Outliers:    1 of 12 samples, kept
  Measured:    12 iterations in 1.50 s, stopped when the median was as certain as asked
  Warm-up:     25 iterations in 210 ms, steady
  Method:      wall time around a synchronous inference, by the monotonic clock
  Parts (ms)           Median        95% interval      p90      p95      p99      min      max
    Host to device     0.1000                   -   0.1080   0.1090   0.1098   0.1000   0.1100
    Enqueue (host)     0.0200                   -   0.0280   0.0290   0.0298   0.0200   0.0300
    Compute            2.5000                   -   2.5800   2.5900   2.5980   2.5000   2.6000
    Device to host     0.0500                   -   0.0580   0.0590   0.0598   0.0500   0.0600
    Total              3.0000    3.0000 to 3.1000   3.1900   6.0350   8.8070   2.9000   9.5000
)");
}

TEST(EndToEndBlock, ListsOnlyThePartsThatAreKnown) {
  Profile profile = test::gpu_profile();
  EXPECT_THAT(
      end_to_end_of(profile),
      HasSubstr("    GPU compute       13.2150  13.2130 to 13.3010  13.2500  13.2755  13.2959  13.2130  13.3010\n"));
  EndToEnd& run = *profile.end_to_end;
  run.host_to_device.reset();
  run.enqueue.reset();
  run.device_to_host = SampleSeries{};
  EXPECT_THAT(end_to_end_of(profile), Not(HasSubstr("Device to host")));
  EXPECT_THAT(end_to_end_of(profile), HasSubstr("GPU compute"));
  run.compute.reset();
  EXPECT_THAT(end_to_end_of(profile), Not(HasSubstr("Parts")));
}

TEST(EndToEndBlock, CountsWhatIsInFlightTogether) {
  EXPECT_THAT(end_to_end_of(test::full_profile()),
              HasSubstr("  Throughput:  1818.18 FPS (batch 2), an inference done every 1.1000 ms on average\n"));
}

TEST(EndToEndBlock, SaysWhenItWasNotMeasured) {
  EXPECT_EQ(end_to_end_of(test::guide_profile()), "\nEnd-to-end latency: not measured\n");
  Profile profile = test::bare_profile();
  profile.end_to_end.emplace();
  EXPECT_THAT(end_to_end_of(profile), HasSubstr("Median: no samples\n"));
}

TEST(EndToEndBlock, WorksOnOneSample) {
  Profile profile = test::bare_profile();
  profile.end_to_end.emplace().total = test::series_of({4e-3});
  EXPECT_EQ(end_to_end_of(profile), R"(
End-to-end latency:
  Median:      4.0000 ms
  Percentiles: p90 4.0000 ms, p95 4.0000 ms, p99 4.0000 ms
  Range:       min 4.0000 ms, max 4.0000 ms
  Mean:        4.0000 ms
  Throughput:  250.00 FPS (no batch dimension)
)");
}

TEST(EndToEndBlock, HasNoThroughputOfNoTime) {
  Profile profile = test::bare_profile();
  profile.end_to_end.emplace().total = test::series_of(std::vector<double>(12, 0.0));
  EXPECT_THAT(end_to_end_of(profile), Not(HasSubstr("FPS")));
  EXPECT_THAT(end_to_end_of(profile), Not(HasSubstr("nan")));
  EXPECT_THAT(end_to_end_of(profile), HasSubstr("(95% interval 0.0000 to 0.0000 ms)\n"));
}

TEST(EndToEndBlock, SaysWhyItStopped) {
  Profile profile = test::full_profile();
  MeasurementInfo& measurement = profile.end_to_end->measurement;
  measurement.stop_reason = StopReason::max_duration;
  measurement.warmup_steady = false;
  EXPECT_THAT(end_to_end_of(profile), HasSubstr("1.50 s, stopped when the time was up\n"));
  EXPECT_THAT(end_to_end_of(profile), HasSubstr("210 ms, not yet steady\n"));
  measurement.stop_reason = StopReason::iterations;
  measurement.iterations = 1;
  EXPECT_THAT(end_to_end_of(profile), HasSubstr("Measured:    1 iteration in 1.50 s, as many as asked\n"));
  measurement.stop_reason = StopReason::interrupted;
  EXPECT_THAT(end_to_end_of(profile), HasSubstr("stopped by the user\n"));
}

TEST(LayerSumBlock, SaysHowFarTheSumIsFromEndToEnd) {
  EXPECT_EQ(layer_sum_of(test::full_profile()), R"(
Layer sum against end to end:
  Layer sum:          2.3433 ms
  End to end:         3.0000 ms
  Compute:            2.5000 ms
  Outside the layers: 0.1567 ms (6.27% of compute)
  Layer run:          4.1000 ms (the layers are 57.15% of it; +64.00% against compute)
  Measured:           7 iterations in 1.50 s, as many as asked
  Warm-up:            25 iterations in 210 ms, steady
  Method:             wall time around a synchronous inference, by the monotonic clock
  Not executed:       2 layers the engine lists but fused or folded away
)");
}

TEST(LayerSumBlock, SaysWhenTheLayersExceedEndToEnd) {
  Profile profile = test::guide_profile();
  profile.end_to_end.emplace().total = test::series_of(std::vector<double>(7, 10e-3));
  profile.layer_run->total = test::series_of(std::vector<double>(7, 9e-3));
  EXPECT_EQ(layer_sum_of(profile), R"(
Layer sum against end to end:
  Layer sum:           13.7654 ms
  End to end:          10.0000 ms
  Layers exceed it by: 3.7654 ms (37.65% of end to end)
  Layer run:           9.0000 ms (the layers are 152.95% of it; -10.00% against end to end)
)");
}

TEST(LayerSumBlock, LeavesCopiesOutOnAGpu) {
  EXPECT_THAT(layer_sum_of(test::gpu_profile()), HasSubstr(R"(
  End to end:          13.5746 ms
  GPU compute:         13.2150 ms
  Layers exceed it by: 0.5504 ms (4.16% of GPU compute)
)"));
}

TEST(LayerSumBlock, StandsAloneWithoutEndToEnd) {
  EXPECT_EQ(layer_sum_of(test::guide_profile()), "\nLayer sum against end to end:\n  Layer sum: 13.7654 ms\n");
  EXPECT_THAT(layer_sum_of(test::bare_profile()), IsEmpty());
}

TEST(LayerSumBlock, WorksOnZeroTimes) {
  Profile profile = test::bare_profile();
  profile.layer_run.emplace().total = test::series_of({0.0});
  profile.end_to_end.emplace().total = test::series_of({0.0});
  EXPECT_EQ(layer_sum_of(profile), R"(
Layer sum against end to end:
  Layer sum:          0.0000 ms
  End to end:         0.0000 ms
  Outside the layers: 0.0000 ms (- of end to end)
  Layer run:          0.0000 ms
)");
}

TEST(RemarksBlock, ListsNotesAndWarnings) {
  std::ostringstream out;
  text_report::write_remarks(out, test::full_profile(), kPlain);
  EXPECT_EQ(out.str(), "\nNotes:\n  - the engine fused 2 layers\n\nWarnings:\n  - 1 of 12 samples is an outlier\n");
  std::ostringstream none;
  text_report::write_remarks(none, test::bare_profile(), kPlain);
  EXPECT_THAT(none.str(), IsEmpty());
}

}  // namespace
}  // namespace trtprof
