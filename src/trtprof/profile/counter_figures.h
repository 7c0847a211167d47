// The figures that readers want of counters, by whichever of the tool's metrics has them: names differ between GPUs and
// versions of the tool.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/profile/counters.h"

namespace trtprof {

// A reason for which warps wait, and its share of the cycles that warps are resident for: 0 to 1.
struct StallShare {
  std::string reason;  // Nsight Compute's word: "long_scoreboard"
  double share = 0.0;
  bool operator==(const StallShare&) const = default;
};

// Of a kernel or of several. Shares are 0 to 1.
struct CounterFigures {
  std::size_t kernels = 0;
  std::optional<double> seconds;
  std::optional<double> sm_throughput;      // of the multiprocessors' peak, the busiest of their units
  std::optional<double> tensor_active;      // share of cycles in which tensor pipes were active
  std::optional<double> instruction_rate;   // of the peak of executed instructions
  std::optional<double> instructions;       // executed by warps
  std::optional<double> ipc;                // instructions a cycle and multiprocessor that was active
  std::optional<double> branch_efficiency;  // branches whose threads agree
  std::optional<double> achieved_occupancy;
  std::optional<double> theoretical_occupancy;
  std::optional<double> dram_bytes;
  std::optional<double> dram_throughput;  // of the peak
  std::optional<double> l2_bytes;
  std::optional<double> l2_hit_rate;
  std::optional<double> l1_bytes;
  std::optional<double> l1_hit_rate;
  std::vector<StallShare> stalls;  // largest first

  // A second; nullopt without both.
  [[nodiscard]] std::optional<double> rate(const std::optional<double>& amount) const;
};

// Looks the metrics of a report up once.
class CounterReader {
 public:
  explicit CounterReader(const Counters& counters);

  [[nodiscard]] CounterFigures of(const CountedKernel& kernel) const;
  // Amounts added up; shares and ratios weighted by the kernels' times, equally where times are not known.
  [[nodiscard]] CounterFigures of(std::span<const CountedKernel* const> kernels) const;

 private:
  using Column = std::optional<std::size_t>;
  struct Stall {
    std::string reason;
    std::size_t column = 0;
  };
  struct Amount {
    Column column;
    double factor = 1.0;      // sectors to bytes
    bool per_second = false;  // a rate, to be multiplied by the time
    Column second;            // added to the first
  };

  [[nodiscard]] Column find(std::string_view metric) const;
  [[nodiscard]] Column first_of(std::span<const std::string_view> metrics) const;
  [[nodiscard]] static std::optional<double> amount(const CountedKernel& kernel, const Amount& amount);

  const Counters& counters_;
  Column sm_;
  Column tensor_;
  Column instruction_rate_;
  Column ipc_;
  Column branches_;
  Column achieved_;
  Column theoretical_;
  Column dram_;
  Column l2_hits_;
  Column l1_hits_;
  Amount instructions_;
  Amount dram_bytes_;
  Amount l2_bytes_;
  Amount l1_bytes_;
  std::vector<Stall> stalls_;
};

// The metrics to ask Nsight Compute for, so that CounterReader has what it reads and few passes are needed.
[[nodiscard]] std::vector<std::string> wanted_metrics();

// A layer's kernels, or all of one inference.
struct LayerFigures {
  std::string layer;
  std::vector<const CountedKernel*> kernels;
  CounterFigures figures;
};

// By the first kernel of each, of the first inference; kernels without a layer are one group of their own name "".
[[nodiscard]] std::vector<LayerFigures> figures_by_layer(const Counters& counters);
// The first inference alone.
[[nodiscard]] CounterFigures figures_of_inference(const Counters& counters);

}  // namespace trtprof
