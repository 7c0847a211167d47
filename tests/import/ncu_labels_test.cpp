#include "trtprof/import/ncu_labels.h"

#include <gtest/gtest.h>

namespace trtprof {
namespace {

TEST(NcuLabels, ALabelIsTheMetricItStandsFor) {
  EXPECT_EQ(metric_of_label("GPU Speed Of Light Throughput", "Duration", "us"), "gpu__time_duration.sum");
  EXPECT_EQ(metric_of_label("GPU Speed Of Light Throughput", "Memory Throughput", "%"),
            "gpu__compute_memory_throughput.avg.pct_of_peak_sustained_elapsed");
  EXPECT_EQ(metric_of_label("Memory Workload Analysis", "Memory Throughput", "Gbyte/s"), "dram__bytes.sum.per_second");
}

TEST(NcuLabels, OthersKeepTheirNames) {
  EXPECT_EQ(metric_of_label("Command line profiler metrics", "dram__bytes_read.sum", "byte"), "dram__bytes_read.sum");
  EXPECT_EQ(metric_of_label("Launch Statistics", "Waves Per SM", ""), "Launch Statistics: Waves Per SM");
  EXPECT_EQ(metric_of_label("", "Waves Per SM", ""), "Waves Per SM");
}

}  // namespace
}  // namespace trtprof
