#include "trtprof/profile/layer_times.h"

#include <gtest/gtest.h>

#include "support/profile_fixture.h"

namespace trtprof {
namespace {

TEST(LayerTimes, AreMediansOfTheSamples) {
  const SampleSeries series = test::series_of({3e-3, 1e-3, 100e-3});
  EXPECT_EQ(median_of(series), 3e-3);
  EXPECT_EQ(summary_of(series)->median, 3e-3);
}

TEST(LayerTimes, ComeFromTheSamplesWhereNoSummaryWasStored) {
  SampleSeries series = test::series_of({3e-3, 1e-3, 100e-3, 2e-3});
  const Summary stored = *series.summary;
  series.summary.reset();
  EXPECT_EQ(median_of(series), 2.5e-3);
  EXPECT_EQ(summary_of(series), stored);
}

TEST(LayerTimes, ComeFromTheSummaryWhereOnlyThatWasSeen) {
  SampleSeries series;
  series.summary.emplace().median = 7e-3;
  EXPECT_EQ(median_of(series), 7e-3);
}

TEST(LayerTimes, AreUnknownWhereNothingWasMeasured) {
  EXPECT_EQ(median_of({}), std::nullopt);
  EXPECT_EQ(summary_of({}), std::nullopt);
}

TEST(LayerSum, AddsWhatWasMeasured) {
  LayerRun run;
  EXPECT_EQ(layer_sum(run), 0.0);
  run.layers = {test::layer_taking("a", LayerClass::convolution, 1.0), Layer{},
                test::layer_taking("b", LayerClass::pooling, 0.25)};
  EXPECT_EQ(layer_sum(run), 1.25);
}

}  // namespace
}  // namespace trtprof
