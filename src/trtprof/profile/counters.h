// Hardware counters of kernels (Nsight Compute) or of a whole run (perf), as the tool gave them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/profile/kernel_launch.h"

namespace trtprof {

// What ties counted kernels to layers.
enum class CounterJoin {
  none,          // kernels alone
  markers,       // the NVTX ranges that the tool wrote beside each kernel
  launch_order,  // the same kernels in the same order as in the timeline of the same engine
};

struct CountedKernel {
  KernelLaunch launch;
  std::string layer;           // name of a layer of the profile; empty: not known
  std::int64_t inference = 0;  // 0-based; 0 where inferences are not told apart
  std::optional<double> seconds;
  // By index of Counters::metrics; nullopt: the tool has no number for it.
  std::vector<std::optional<double>> values;
  bool operator==(const CountedKernel&) const = default;
};

struct Counters {
  std::string tool;     // "Nsight Compute 2025.3.1", "perf 6.1"
  std::string command;  // how it was run; empty: an import
  CounterJoin join = CounterJoin::none;
  std::string join_reason;  // why it is none; empty otherwise
  // The tool's own names. A tool may tell thousands of each kernel, so each name is kept once. Values are in base
  // units: bytes, seconds, hertz; percentages as the tool gives them, 0 to 100.
  std::vector<std::string> metrics;
  std::vector<CountedKernel> kernels;  // in the order of their launches
  // Of the whole process rather than of a kernel (perf), by the tool's names.
  std::map<std::string, double> totals;
  std::vector<std::string> notes;  // what the tool said that a reader must know
  bool operator==(const Counters&) const = default;
};

}  // namespace trtprof
