#include "trtprof/profile/counter_figures.h"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trtprof {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Values = std::vector<std::optional<double>>;

CountedKernel kernel(const std::string& layer, std::optional<double> seconds, Values values) {
  CountedKernel result;
  result.layer = layer;
  result.seconds = seconds;
  result.values = std::move(values);
  return result;
}

Counters two_kernels() {
  Counters counters;
  counters.metrics = {"sm__throughput.avg.pct_of_peak_sustained_elapsed", "dram__bytes_read.sum",
                      "dram__bytes_write.sum", "lts__t_sectors.sum", "lts__t_sector_hit_rate.pct"};
  counters.kernels = {kernel("a", 1e-6, {{20.0, 100.0, 50.0, 10.0, 90.0}}),
                      kernel("a", 3e-6, {{60.0, 300.0, 0.0, 20.0, std::nullopt}})};
  return counters;
}

TEST(CounterFigures, OfAKernel) {
  const Counters counters = two_kernels();
  const CounterFigures figures = CounterReader(counters).of(counters.kernels[0]);
  EXPECT_EQ(figures.kernels, 1U);
  EXPECT_EQ(figures.sm_throughput, 0.2);
  EXPECT_EQ(figures.dram_bytes, 150.0);
  EXPECT_DOUBLE_EQ(figures.rate(figures.dram_bytes).value(), 150e6);
  EXPECT_EQ(figures.l2_bytes, 320.0);  // sectors of 32 bytes
  EXPECT_EQ(figures.l2_hit_rate, 0.9);
  EXPECT_EQ(figures.ipc, std::nullopt);
  EXPECT_EQ(figures.tensor_active, std::nullopt);
  EXPECT_EQ(figures.l1_bytes, std::nullopt);
  EXPECT_THAT(figures.stalls, IsEmpty());
}

TEST(CounterFigures, OfSeveralAreWeightedByTimeAndAmountsAddUp) {
  const Counters counters = two_kernels();
  const auto layers = figures_by_layer(counters);
  ASSERT_THAT(layers, SizeIs(1));
  const CounterFigures& figures = layers[0].figures;
  EXPECT_EQ(figures.kernels, 2U);
  EXPECT_DOUBLE_EQ(figures.seconds.value(), 4e-6);
  EXPECT_DOUBLE_EQ(figures.sm_throughput.value(), 0.5);  // (20 x 1 + 60 x 3) / 4
  EXPECT_EQ(figures.dram_bytes, 450.0);
  EXPECT_EQ(figures.l2_hit_rate, 0.9);  // of those that have one
}

TEST(CounterFigures, KernelsWithoutATimeWeighTheSame) {
  Counters counters = two_kernels();
  counters.kernels[0].seconds.reset();
  const CounterFigures figures = figures_of_inference(counters);
  EXPECT_EQ(figures.seconds, std::nullopt);
  EXPECT_DOUBLE_EQ(figures.sm_throughput.value(), 0.4);
  EXPECT_EQ(figures.rate(figures.dram_bytes), std::nullopt);
}

TEST(CounterFigures, AnAmountThatAKernelLacksHasNoSum) {
  Counters counters = two_kernels();
  counters.kernels[1].values[1].reset();
  EXPECT_EQ(figures_of_inference(counters).dram_bytes, std::nullopt);
}

TEST(CounterFigures, AnotherVersionsMetricStandsIn) {
  Counters counters;
  counters.metrics = {"dram__throughput.avg.pct_of_peak_sustained_elapsed", "dram__bytes.sum.per_second",
                      "sm__inst_executed_pipe_tensor.avg.pct_of_peak_sustained_active"};
  counters.kernels = {kernel("", 2.0, {{40.0, 100.0, 7.0}})};
  const CounterFigures figures = CounterReader(counters).of(counters.kernels[0]);
  EXPECT_EQ(figures.dram_throughput, 0.4);
  EXPECT_EQ(figures.dram_bytes, 200.0);
  EXPECT_DOUBLE_EQ(figures.tensor_active.value(), 0.07);
}

TEST(CounterFigures, StallsAreSharesOfTheCyclesOfResidentWarps) {
  Counters counters;
  counters.metrics = {"smsp__average_warps_issue_stalled_wait_per_issue_active.ratio",
                      "smsp__average_warps_issue_stalled_selected_per_issue_active.ratio",
                      "smsp__average_warps_issue_stalled_long_scoreboard_per_issue_active.ratio",
                      "smsp__average_warps_issue_stalled_drain_per_issue_active.ratio",
                      "smsp__pcsamp_warps_issue_stalled_wait"};
  counters.kernels = {kernel("", 1.0, {{2.0, 1.0, 5.0, 0.0, 99.0}}), kernel("", 3.0, {{5.0, 1.0, 2.0, 0.0, 99.0}})};
  EXPECT_THAT(CounterReader(counters).of(counters.kernels[0]).stalls,
              ElementsAre(StallShare{"long_scoreboard", 0.625}, StallShare{"wait", 0.25}));
  EXPECT_THAT(figures_of_inference(counters).stalls,
              ElementsAre(StallShare{"wait", 0.53125}, StallShare{"long_scoreboard", 0.34375}));
}

TEST(CounterFigures, LayersComeInLaunchOrderAndOfTheFirstInferenceAlone) {
  Counters counters;
  counters.kernels = {kernel("b", 1.0, {}), kernel("", 1.0, {}), kernel("a", 1.0, {}), kernel("b", 2.0, {}),
                      kernel("b", 7.0, {})};
  counters.kernels[4].inference = 1;
  const auto layers = figures_by_layer(counters);
  ASSERT_THAT(layers, SizeIs(3));
  EXPECT_EQ(layers[0].layer, "b");
  EXPECT_EQ(layers[0].figures.seconds, 3.0);
  EXPECT_EQ(layers[1].layer, "");
  EXPECT_EQ(layers[2].layer, "a");
  EXPECT_EQ(figures_of_inference(counters).seconds, 5.0);
}

TEST(CounterFigures, NothingHasNoFigures) {
  EXPECT_EQ(figures_of_inference({}).kernels, 0U);
  EXPECT_EQ(figures_of_inference({}).sm_throughput, std::nullopt);
  EXPECT_THAT(figures_by_layer({}), IsEmpty());
}

TEST(CounterFigures, WantedMetricsAreEachAskedForOnceAndRead) {
  const std::vector<std::string> wanted = wanted_metrics();
  EXPECT_EQ(std::set<std::string>(wanted.begin(), wanted.end()).size(), wanted.size());
  Counters counters;
  counters.metrics = wanted;
  counters.kernels = {kernel("", 1.0, Values(wanted.size(), 1.0))};
  const CounterFigures figures = CounterReader(counters).of(counters.kernels[0]);
  for (const auto& figure :
       {figures.sm_throughput, figures.tensor_active, figures.instruction_rate, figures.instructions, figures.ipc,
        figures.branch_efficiency, figures.achieved_occupancy, figures.theoretical_occupancy, figures.dram_bytes,
        figures.dram_throughput, figures.l2_bytes, figures.l2_hit_rate, figures.l1_bytes, figures.l1_hit_rate}) {
    EXPECT_TRUE(figure.has_value());
  }
  EXPECT_THAT(figures.stalls, SizeIs(18));
}

}  // namespace
}  // namespace trtprof
