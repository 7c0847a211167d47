#include "trtprof/measure/remarks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streams.h"
#include "trtprof/measure/stop_rule.h"
#include "trtprof/profile/layer_times.h"

namespace trtprof {
namespace {

using namespace test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<double> take(int count, Stream stream) {
  std::vector<double> samples;
  for (int i = 0; i < count; ++i) samples.push_back(stream());
  return samples;
}

SampleSeries series_of(std::vector<double> samples) {
  SampleSeries series;
  series.summary = summarize(samples);
  series.samples = std::move(samples);
  return series;
}

EndToEnd end_to_end_of(std::vector<double> samples, StopReason reason = StopReason::converged) {
  EndToEnd result;
  result.total = series_of(std::move(samples));
  MeasurementInfo& measurement = result.measurement;
  measurement.warmup_iterations = 120;
  measurement.warmup_seconds = 5.01;
  measurement.warmup_steady = true;
  measurement.duration_seconds = 15.0;
  measurement.stop_reason = reason;
  measurement.target_relative_half_width = 0.01;
  measurement.achieved_relative_half_width =
      relative_half_width(result.total.summary->median, result.total.summary->median_interval);
  return result;
}

Remarks remarks_of(EndToEnd end_to_end) {
  Profile profile;
  profile.end_to_end = std::move(end_to_end);
  return profile_remarks(profile);
}

TEST(ProfileRemarks, AQuietMeasurementHasNone) {
  EXPECT_EQ(remarks_of(end_to_end_of(take(500, noisy(1e-3, 0.02, 1)))), Remarks{});
}

TEST(ProfileRemarks, AnEmptyProfileHasNone) {
  EXPECT_EQ(profile_remarks({}), Remarks{});
}

TEST(ProfileRemarks, WarnsOfAMachineTooNoisyWithTheFigure) {
  EndToEnd noisy_run = end_to_end_of(take(100, constant(1e-3)), StopReason::max_duration);
  noisy_run.measurement.achieved_relative_half_width = 0.041;
  EXPECT_THAT(remarks_of(noisy_run).warnings,
              ElementsAre("end to end: the median of 100 samples in 15.00 s is known to +-4.1 % only (wanted: +-1.0 "
                          "%): the machine is too noisy to trust differences below that"));
}

TEST(ProfileRemarks, DoesNotBlameTheMachineForTooFewIterations) {
  EndToEnd few = end_to_end_of(take(20, noisy(1e-3, 0.1, 2)), StopReason::iterations);
  few.measurement.achieved_relative_half_width = 0.05;
  EXPECT_THAT(remarks_of(few).warnings,
              ElementsAre(AllOf(HasSubstr("+-5.0 %"), HasSubstr("do not trust differences"), Not(HasSubstr("noisy")))));
}

TEST(ProfileRemarks, TheNumberAskedForMayHaveBeenEnough) {
  EXPECT_EQ(remarks_of(end_to_end_of(take(20, constant(1e-3)), StopReason::iterations)), Remarks{});
}

TEST(ProfileRemarks, WarnsOfTooFewSamplesForAnInterval) {
  EXPECT_THAT(remarks_of(end_to_end_of({7.5, 7.5}, StopReason::max_duration)).warnings,
              ElementsAre(AllOf(HasSubstr("2 samples in 15.00 s are too few"), HasSubstr("takes 6"))));
}

TEST(ProfileRemarks, WarnsOfTimesBelowTheClock) {
  EXPECT_THAT(remarks_of(end_to_end_of(take(100, constant(0.0)), StopReason::max_duration)).warnings,
              ElementsAre(HasSubstr("below the resolution of the clock")));
}

TEST(ProfileRemarks, WarnsOfAWarmupThatWasNotSteadyAndSaysWhatItLeft) {
  EndToEnd cold = end_to_end_of(take(1000, settling(1e-3, 0.2, 100.0, 0.0, 3)));
  cold.measurement.warmup_steady = false;
  EXPECT_THAT(remarks_of(cold).warnings,
              ElementsAre(AllOf(HasSubstr("still falling when warm-up ended after 120 inferences in 5.01 s"),
                                HasSubstr("the first tenth of the samples is 12.1 % slower"))));
  cold.measurement.warmup_steady = std::nullopt;  // too short to tell
  EXPECT_THAT(remarks_of(cold).warnings, IsEmpty());
}

TEST(ProfileRemarks, NotesManyOutliers) {
  int n = 0;
  const auto spikes = [&](int every) {
    n = 0;
    return end_to_end_of(take(1000, [&n, every] { return ++n % every == 0 ? 20e-3 : 1e-3 + (n % 7) * 1e-6; }));
  };
  EXPECT_THAT(remarks_of(spikes(40)).notes,
              ElementsAre(AllOf(HasSubstr("25 of 1000 samples (2.5 %)"), HasSubstr("up to 20 ms"))));
  EXPECT_THAT(remarks_of(spikes(200)).notes, IsEmpty());
}

TEST(ProfileRemarks, NotesTwoModes) {
  EXPECT_THAT(remarks_of(end_to_end_of(take(2000, bimodal(1e-3, 1.3e-3, 0.4, 4)))).notes,
              ElementsAre(AllOf(HasSubstr("two groups"), HasSubstr("about 1 ms"), HasSubstr("about 1.3 ms"))));
}

LayerRun layer_run_of(const std::vector<double>& layer_seconds, double total) {
  LayerRun run;
  run.measurement = end_to_end_of({1, 1, 1, 1, 1, 1}).measurement;
  run.total = series_of(std::vector<double>(10, total));
  for (const double seconds : layer_seconds) {
    Layer layer;
    layer.time = series_of(std::vector<double>(10, seconds));
    run.layers.push_back(layer);
  }
  return run;
}

Remarks sum_remarks(const std::vector<double>& layer_seconds, double layer_total, double end_to_end) {
  Profile profile;
  profile.end_to_end = end_to_end_of(std::vector<double>(10, end_to_end));
  profile.layer_run = layer_run_of(layer_seconds, layer_total);
  return profile_remarks(profile);
}

TEST(ProfileRemarks, ALayerSumWithinTenPercentIsAsItShouldBe) {
  EXPECT_EQ(sum_remarks({5e-3, 4.2e-3}, 10e-3, 10e-3), Remarks{});
  EXPECT_EQ(sum_remarks({5e-3, 5.8e-3}, 11e-3, 10e-3), Remarks{});
}

TEST(ProfileRemarks, LayersAreHeldAgainstTheComputeWhereThatIsKnown) {
  Profile profile;
  profile.end_to_end = end_to_end_of(std::vector<double>(10, 20e-3));
  profile.end_to_end->compute = end_to_end_of(std::vector<double>(10, 10e-3)).total;
  profile.layer_run = layer_run_of({6e-3, 4e-3}, 10e-3);
  EXPECT_EQ(profile_remarks(profile), Remarks{});
  profile.layer_run = layer_run_of({6e-3, 6e-3}, 12.5e-3);
  EXPECT_THAT(profile_remarks(profile).warnings,
              ElementsAre(HasSubstr("12 ms, 20.0 % more than the compute median of 10 ms")));
}

TEST(ProfileRemarks, ALayerSumAboveEndToEndIsPutDownToLayerTiming) {
  EXPECT_THAT(sum_remarks({6e-3, 6e-3}, 12.5e-3, 10e-3).warnings,
              ElementsAre("the layers add up to 12 ms, 20.0 % more than the end-to-end median of 10 ms: with layer "
                          "timing an inference takes 12.5 ms (25.0 % more), of which 0.5 ms lie between the layers or "
                          "outside them"));
}

TEST(ProfileRemarks, ALayerSumBelowEndToEndIsPutDownToWhatLiesBetweenTheLayers) {
  EXPECT_THAT(sum_remarks({3e-3, 3e-3}, 10.5e-3, 10e-3).warnings,
              ElementsAre(AllOf(HasSubstr("6 ms, 40.0 % less"), HasSubstr("10.5 ms (5.0 % more)"),
                                HasSubstr("4.5 ms lie between the layers"))));
}

TEST(ProfileRemarks, LayersThatOverlapAddUpToMoreThanTheirRun) {
  EXPECT_THAT(sum_remarks({8e-3, 8e-3}, 10e-3, 10e-3).warnings,
              ElementsAre(AllOf(HasSubstr("60.0 % more"), HasSubstr("6 ms more than that"), HasSubstr("overlap"))));
}

TEST(ProfileRemarks, ALayerRunWithoutTimesIsNotCompared) {
  EXPECT_EQ(sum_remarks({}, 10e-3, 10e-3), Remarks{});
}

TEST(AddRemarks, AddsWhatIsNotThereYet) {
  Profile profile;
  profile.notes = {"a"};
  add_remarks(profile, {{"a", "b", "b"}, {"w"}});
  EXPECT_THAT(profile.notes, ElementsAre("a", "b"));
  EXPECT_THAT(profile.warnings, ElementsAre("w"));
}

}  // namespace
}  // namespace trtprof
