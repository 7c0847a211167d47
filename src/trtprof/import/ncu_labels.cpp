#include "trtprof/import/ncu_labels.h"

#include <algorithm>
#include <array>

namespace trtprof {
namespace {

// As the section files of Nsight Compute 2020 to 2025 name them. A label that stands for two metrics is told by its
// unit.
struct Label {
  std::string_view label;
  bool percent;  // its unit is %
  std::string_view metric;
};

constexpr std::array<Label, 24> kLabels = {{
    {"Duration", false, "gpu__time_duration.sum"},
    {"Elapsed Cycles", false, "gpc__cycles_elapsed.max"},
    {"DRAM Frequency", false, "dram__cycles_elapsed.avg.per_second"},
    {"SM Frequency", false, "gpc__cycles_elapsed.avg.per_second"},
    {"SM Active Cycles", false, "sm__cycles_active.avg"},
    {"Compute (SM) Throughput", true, "sm__throughput.avg.pct_of_peak_sustained_elapsed"},
    {"Compute (SM) [%]", true, "sm__throughput.avg.pct_of_peak_sustained_elapsed"},
    {"Memory Throughput", true, "gpu__compute_memory_throughput.avg.pct_of_peak_sustained_elapsed"},
    {"Memory [%]", true, "gpu__compute_memory_throughput.avg.pct_of_peak_sustained_elapsed"},
    {"DRAM Throughput", true, "gpu__dram_throughput.avg.pct_of_peak_sustained_elapsed"},
    {"L2 Cache Throughput", true, "lts__throughput.avg.pct_of_peak_sustained_elapsed"},
    {"L1/TEX Cache Throughput", true, "l1tex__throughput.avg.pct_of_peak_sustained_active"},
    {"Memory Throughput", false, "dram__bytes.sum.per_second"},
    {"L1/TEX Hit Rate", true, "l1tex__t_sector_hit_rate.pct"},
    {"L2 Hit Rate", true, "lts__t_sector_hit_rate.pct"},
    {"Executed Ipc Active", false, "sm__inst_executed.avg.per_cycle_active"},
    {"Executed Ipc Elapsed", false, "sm__inst_executed.avg.per_cycle_elapsed"},
    {"Executed Instructions", false, "smsp__inst_executed.sum"},
    {"Theoretical Occupancy", true, "sm__maximum_warps_per_active_cycle_pct"},
    {"Achieved Occupancy", true, "sm__warps_active.avg.pct_of_peak_sustained_active"},
    {"Branch Efficiency", true, "smsp__sass_average_branch_targets_threads_uniform.pct"},
    {"Registers Per Thread", false, "launch__registers_per_thread"},
    {"Static Shared Memory Per Block", false, "launch__shared_mem_per_block_static"},
    {"Dynamic Shared Memory Per Block", false, "launch__shared_mem_per_block_dynamic"},
}};

bool is_metric_name(std::string_view label) {
  return label.find("__") != std::string_view::npos && label.find(' ') == std::string_view::npos;
}

}  // namespace

std::string metric_of_label(std::string_view section, std::string_view label, std::string_view unit) {
  if (is_metric_name(label)) return std::string(label);
  const auto found = std::ranges::find_if(
      kLabels, [&](const Label& known) { return known.label == label && known.percent == (unit == "%"); });
  if (found != kLabels.end()) return std::string(found->metric);
  return section.empty() ? std::string(label) : std::string(section) + ": " + std::string(label);
}

}  // namespace trtprof
