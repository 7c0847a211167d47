#include "trtprof/report/counters_text.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/golden.h"
#include "support/profile_fixture.h"

namespace trtprof::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string shown(const Profile& profile, bool kernels = true) {
  std::ostringstream out;
  CountersTextOptions options;
  options.kernels = kernels;
  write_counters_text(out, profile, options);
  return out.str();
}

CountedKernel kernel(const std::string& name, const std::string& layer, double seconds,
                     std::vector<std::optional<double>> values) {
  CountedKernel result;
  result.launch.name = name;
  result.launch.grid = {49, 2, 1};
  result.launch.block = {128, 1, 1};
  result.launch.registers_per_thread = 168;
  result.layer = layer;
  result.seconds = seconds;
  result.values = std::move(values);
  return result;
}

Profile counted() {
  Profile profile = bare_profile();
  Counters& counters = profile.counters.emplace();
  counters.tool = "Nsight Compute 2025.3.1.0";
  counters.join = CounterJoin::markers;
  counters.metrics = {"sm__throughput.avg.pct_of_peak_sustained_elapsed",
                      "sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_elapsed",
                      "sm__inst_executed.avg.pct_of_peak_sustained_elapsed",
                      "sm__inst_executed.avg.per_cycle_active",
                      "sm__warps_active.avg.pct_of_peak_sustained_active",
                      "sm__maximum_warps_per_active_cycle_pct",
                      "smsp__sass_average_branch_targets_threads_uniform.pct",
                      "gpu__dram_throughput.avg.pct_of_peak_sustained_elapsed",
                      "dram__bytes_read.sum",
                      "dram__bytes_write.sum",
                      "lts__t_sectors.sum",
                      "lts__t_sector_hit_rate.pct",
                      "l1tex__t_sectors.sum",
                      "l1tex__t_sector_hit_rate.pct",
                      "smsp__average_warps_issue_stalled_long_scoreboard_per_issue_active.ratio",
                      "smsp__average_warps_issue_stalled_selected_per_issue_active.ratio"};
  counters.kernels = {
      kernel("void cuInt8::nchwTonhwc<float, 32>(const T1 *)", "conv1\x1b[31m", 4e-6,
             {{10.0, 0.0, 9.5, 1.25, 40.0, 50.0, 100.0, 12.5, 4e6, 0.0, 1e5, 75.0, 2e5, 50.0, 3.0, 1.0}}),
      kernel("sm80_xmma_gemm_f16f16_tilesize256x64x32_execute_kernel_trt", "conv1\x1b[31m", 12e-6,
             {{50.0, 30.0, 45.0, 2.5, 10.0, 12.5, 99.0, 2.5, 1e6, 1e6, 2e5, 95.0, 4e5, 10.0, 1.0, 1.0}}),
      kernel("gemvx", "fc", 5e-6, std::vector<std::optional<double>>(16))};
  counters.notes = {"Nsight Compute: slow."};
  return profile;
}

TEST(CountersText, ShowsLayersThenKernels) {
  expect_golden("report/counters.txt", shown(counted()));
}

TEST(CountersText, WithoutLayersARowIsAKernel) {
  Profile profile = counted();
  profile.counters->join = CounterJoin::none;
  profile.counters->join_reason = "the report has no NVTX ranges";
  const std::string text = shown(profile, false);
  EXPECT_THAT(text, AllOf(HasSubstr("Kernels are not tied to layers: the report has no NVTX ranges."),
                          HasSubstr("Compute by kernel"), HasSubstr("cuInt8::nchwTonhwc"), HasSubstr("  All "),
                          Not(HasSubstr("_execute_kernel_trt")), Not(HasSubstr("launch order"))));
}

TEST(CountersText, OfAWholeRunTellsWhatAnInferenceTook) {
  Profile profile = bare_profile();
  Counters& counters = profile.counters.emplace();
  counters.tool = "perf 6.1";
  counters.totals = {{"inferences", 10.0},      {"task-clock", 2.0}, {"cycles", 4e9},
                     {"instructions", 8e9},     {"branches", 1e8},   {"branch-misses", 1e6},
                     {"cache-references", 0.0}, {"LLC-loads", 5e6},  {"LLC-load-misses", 1e6}};
  expect_golden("report/counters_cpu.txt", shown(profile));
}

TEST(CountersText, OfNothingIsNothing) {
  EXPECT_EQ(shown(bare_profile()), "");
}

}  // namespace
}  // namespace trtprof::test
