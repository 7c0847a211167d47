#include "trtprof/profile/counter_figures.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace trtprof {
namespace {

using Names = std::span<const std::string_view>;

// The first that a report has is taken. The first of each is what Nsight Compute 2025 has for compute capability 9.0.
constexpr std::array<std::string_view, 1> kSm = {"sm__throughput.avg.pct_of_peak_sustained_elapsed"};
constexpr std::array<std::string_view, 4> kTensor = {
    "sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_elapsed",
    "sm__pipe_tensor_op_hmma_cycles_active.avg.pct_of_peak_sustained_elapsed",
    "sm__inst_executed_pipe_tensor.avg.pct_of_peak_sustained_elapsed",
    "sm__inst_executed_pipe_tensor.avg.pct_of_peak_sustained_active"};
constexpr std::array<std::string_view, 2> kInstructionRate = {
    "sm__inst_executed.avg.pct_of_peak_sustained_elapsed",
    "sm__instruction_throughput.avg.pct_of_peak_sustained_elapsed"};
constexpr std::array<std::string_view, 2> kIpc = {"sm__inst_executed.avg.per_cycle_active",
                                                  "smsp__inst_executed.avg.per_cycle_active"};
constexpr std::array<std::string_view, 1> kBranches = {"smsp__sass_average_branch_targets_threads_uniform.pct"};
constexpr std::array<std::string_view, 1> kAchieved = {"sm__warps_active.avg.pct_of_peak_sustained_active"};
constexpr std::array<std::string_view, 1> kTheoretical = {"sm__maximum_warps_per_active_cycle_pct"};
constexpr std::array<std::string_view, 2> kDram = {"gpu__dram_throughput.avg.pct_of_peak_sustained_elapsed",
                                                   "dram__throughput.avg.pct_of_peak_sustained_elapsed"};
constexpr std::array<std::string_view, 1> kL2Hits = {"lts__t_sector_hit_rate.pct"};
constexpr std::array<std::string_view, 1> kL1Hits = {"l1tex__t_sector_hit_rate.pct"};

constexpr std::string_view kDuration = "gpu__time_duration.sum";
constexpr std::string_view kDramRead = "dram__bytes_read.sum";
constexpr std::string_view kDramWrite = "dram__bytes_write.sum";
constexpr std::string_view kL2Sectors = "lts__t_sectors.sum";
constexpr std::string_view kL1Sectors = "l1tex__t_sectors.sum";
constexpr std::string_view kSampledL1Sectors = "SM_B.TriageCompute.l1tex__t_sectors.sum";  // of `--set full`
constexpr std::string_view kInstructions = "smsp__inst_executed.sum";
constexpr double kSectorBytes = 32.0;

// Told without running anything.
constexpr std::array<std::string_view, 3> kLaunch = {
    "launch__registers_per_thread", "launch__shared_mem_per_block_static", "launch__shared_mem_per_block_dynamic"};

constexpr std::string_view kStallPrefix = "smsp__average_warps_issue_stalled_";
constexpr std::string_view kStallSuffix = "_per_issue_active.ratio";
constexpr std::string_view kSelected = "selected";  // issues: no stall
constexpr std::array<std::string_view, 19> kStalls = {
    "barrier",         "branch_resolving",   "dispatch_stall", "drain",        "gmma", "imc_miss",       "lg_throttle",
    "long_scoreboard", "math_pipe_throttle", "membar",         "mio_throttle", "misc", "no_instruction", "not_selected",
    "selected",        "short_scoreboard",   "sleeping",       "tex_throttle", "wait"};

constexpr double kPercent = 100.0;

// Values of kernels into one.
class WeightedMean {
 public:
  void add(const std::optional<double>& value, double weight) {
    if (!value) return;
    sum_ += *value * weight;
    weight_ += weight;
  }
  [[nodiscard]] std::optional<double> get() const {
    return weight_ > 0.0 ? std::optional(sum_ / weight_) : std::nullopt;
  }

 private:
  double sum_ = 0.0;
  double weight_ = 0.0;
};

// Known only where each kernel's is.
class Sum {
 public:
  void add(const std::optional<double>& value) {
    if (value) {
      sum_ += *value;
    } else {
      complete_ = false;
    }
  }
  [[nodiscard]] std::optional<double> get() const { return complete_ ? std::optional(sum_) : std::nullopt; }

 private:
  double sum_ = 0.0;
  bool complete_ = true;
};

void sort_stalls(std::vector<StallShare>& stalls) {
  std::ranges::stable_sort(stalls, [](const StallShare& a, const StallShare& b) { return a.share > b.share; });
}

}  // namespace

std::optional<double> CounterFigures::rate(const std::optional<double>& amount) const {
  if (!amount || !seconds || *seconds <= 0.0) return std::nullopt;
  return *amount / *seconds;
}

CounterReader::CounterReader(const Counters& counters) : counters_(counters) {
  sm_ = first_of(kSm);
  tensor_ = first_of(kTensor);
  instruction_rate_ = first_of(kInstructionRate);
  ipc_ = first_of(kIpc);
  branches_ = first_of(kBranches);
  achieved_ = first_of(kAchieved);
  theoretical_ = first_of(kTheoretical);
  dram_ = first_of(kDram);
  l2_hits_ = first_of(kL2Hits);
  l1_hits_ = first_of(kL1Hits);
  instructions_ = {find(kInstructions), 1.0, false, std::nullopt};
  if (!instructions_.column) instructions_.column = find("sm__inst_executed.sum");
  dram_bytes_ = {find(kDramRead), 1.0, false, find(kDramWrite)};
  if (!dram_bytes_.column || !dram_bytes_.second) dram_bytes_ = {find("dram__bytes.sum"), 1.0, false, std::nullopt};
  if (!dram_bytes_.column) dram_bytes_ = {find("dram__bytes.sum.per_second"), 1.0, true, std::nullopt};
  l2_bytes_ = {find(kL2Sectors), kSectorBytes, false, std::nullopt};
  if (!l2_bytes_.column) l2_bytes_ = {find("lts__t_bytes.sum"), 1.0, false, std::nullopt};
  l1_bytes_ = {find(kL1Sectors), kSectorBytes, false, std::nullopt};
  if (!l1_bytes_.column) l1_bytes_.column = find(kSampledL1Sectors);
  if (!l1_bytes_.column) l1_bytes_ = {find("l1tex__t_bytes.sum"), 1.0, false, std::nullopt};
  for (std::size_t i = 0; i < counters.metrics.size(); ++i) {
    const std::string_view name = counters.metrics[i];
    if (!name.starts_with(kStallPrefix) || !name.ends_with(kStallSuffix)) continue;
    const std::size_t length = name.size() - kStallPrefix.size() - kStallSuffix.size();
    stalls_.push_back({std::string(name.substr(kStallPrefix.size(), length)), i});
  }
}

CounterReader::Column CounterReader::find(std::string_view metric) const {
  const auto found = std::ranges::find(counters_.metrics, metric);
  if (found == counters_.metrics.end()) return std::nullopt;
  return static_cast<std::size_t>(found - counters_.metrics.begin());
}

CounterReader::Column CounterReader::first_of(Names metrics) const {
  for (const std::string_view metric : metrics) {
    if (const Column column = find(metric)) return column;
  }
  return std::nullopt;
}

std::optional<double> CounterReader::amount(const CountedKernel& kernel, const Amount& amount) {
  if (!amount.column) return std::nullopt;
  std::optional<double> value = kernel.values.at(*amount.column);
  if (!value) return std::nullopt;
  if (amount.second) {
    const std::optional<double>& second = kernel.values.at(*amount.second);
    if (!second) return std::nullopt;
    *value += *second;
  }
  if (amount.per_second) {
    if (!kernel.seconds) return std::nullopt;
    *value *= *kernel.seconds;
  }
  return *value * amount.factor;
}

CounterFigures CounterReader::of(const CountedKernel& kernel) const {
  const auto value = [&](const Column& column) { return column ? kernel.values.at(*column) : std::nullopt; };
  const auto share = [&](const Column& column) {
    const std::optional<double> percent = value(column);
    return percent ? std::optional(*percent / kPercent) : std::nullopt;
  };
  CounterFigures figures;
  figures.kernels = 1;
  figures.seconds = kernel.seconds;
  figures.sm_throughput = share(sm_);
  figures.tensor_active = share(tensor_);
  figures.instruction_rate = share(instruction_rate_);
  figures.instructions = amount(kernel, instructions_);
  figures.ipc = value(ipc_);
  figures.branch_efficiency = share(branches_);
  figures.achieved_occupancy = share(achieved_);
  figures.theoretical_occupancy = theoretical_ ? share(theoretical_) : kernel.launch.theoretical_occupancy;
  figures.dram_bytes = amount(kernel, dram_bytes_);
  figures.dram_throughput = share(dram_);
  figures.l2_bytes = amount(kernel, l2_bytes_);
  figures.l2_hit_rate = share(l2_hits_);
  figures.l1_bytes = amount(kernel, l1_bytes_);
  figures.l1_hit_rate = share(l1_hits_);
  double total = 0.0;
  for (const Stall& stall : stalls_) total += kernel.values.at(stall.column).value_or(0.0);
  for (const Stall& stall : stalls_) {
    const double cycles = kernel.values.at(stall.column).value_or(0.0);
    if (stall.reason != kSelected && cycles > 0.0) figures.stalls.push_back({stall.reason, cycles / total});
  }
  sort_stalls(figures.stalls);
  return figures;
}

CounterFigures CounterReader::of(std::span<const CountedKernel* const> kernels) const {
  const bool timed =
      std::ranges::all_of(kernels, [](const CountedKernel* k) { return k->seconds && *k->seconds > 0.0; });
  constexpr std::array shares = {&CounterFigures::sm_throughput,         &CounterFigures::tensor_active,
                                 &CounterFigures::instruction_rate,      &CounterFigures::ipc,
                                 &CounterFigures::branch_efficiency,     &CounterFigures::achieved_occupancy,
                                 &CounterFigures::theoretical_occupancy, &CounterFigures::dram_throughput,
                                 &CounterFigures::l2_hit_rate,           &CounterFigures::l1_hit_rate};
  constexpr std::array amounts = {&CounterFigures::seconds, &CounterFigures::instructions, &CounterFigures::dram_bytes,
                                  &CounterFigures::l2_bytes, &CounterFigures::l1_bytes};
  std::array<WeightedMean, shares.size()> means;
  std::array<Sum, amounts.size()> sums;
  std::map<std::string, double> stalls;
  double stall_weights = 0.0;  // of kernels that tell them
  CounterFigures all;
  for (const CountedKernel* kernel : kernels) {
    const CounterFigures one = of(*kernel);
    const double weight = timed ? *kernel->seconds : 1.0;
    if (!one.stalls.empty()) stall_weights += weight;
    for (std::size_t i = 0; i < shares.size(); ++i) means[i].add(one.*shares[i], weight);
    for (std::size_t i = 0; i < amounts.size(); ++i) sums[i].add(one.*amounts[i]);
    for (const StallShare& stall : one.stalls) stalls[stall.reason] += stall.share * weight;
    ++all.kernels;
  }
  if (kernels.empty()) return all;
  for (std::size_t i = 0; i < shares.size(); ++i) all.*shares[i] = means[i].get();
  for (std::size_t i = 0; i < amounts.size(); ++i) all.*amounts[i] = sums[i].get();
  for (const auto& [reason, share] : stalls) all.stalls.push_back({reason, share / stall_weights});
  sort_stalls(all.stalls);
  return all;
}

std::vector<std::string> wanted_metrics() {
  std::vector<std::string> wanted;
  for (const std::string_view name :
       {kDuration, kSm[0], kTensor[0], kInstructionRate[0], kIpc[0], kInstructions, kBranches[0], kAchieved[0],
        kTheoretical[0], kDram[0], kDramRead, kDramWrite, kL2Sectors, kL2Hits[0], kL1Sectors, kL1Hits[0]}) {
    wanted.emplace_back(name);
  }
  for (const std::string_view reason : kStalls) {
    wanted.push_back(std::string(kStallPrefix) + std::string(reason) + std::string(kStallSuffix));
  }
  for (const std::string_view name : kLaunch) wanted.emplace_back(name);
  return wanted;
}

std::vector<LayerFigures> figures_by_layer(const Counters& counters) {
  std::vector<LayerFigures> layers;
  for (const CountedKernel& kernel : counters.kernels) {
    if (kernel.inference != 0) continue;
    auto group = std::ranges::find(layers, kernel.layer, &LayerFigures::layer);
    if (group == layers.end()) {
      layers.push_back({kernel.layer, {}, {}});
      group = layers.end() - 1;
    }
    group->kernels.push_back(&kernel);
  }
  const CounterReader reader(counters);
  for (LayerFigures& layer : layers) layer.figures = reader.of(layer.kernels);
  return layers;
}

CounterFigures figures_of_inference(const Counters& counters) {
  std::vector<const CountedKernel*> kernels;
  for (const CountedKernel& kernel : counters.kernels) {
    if (kernel.inference == 0) kernels.push_back(&kernel);
  }
  return CounterReader(counters).of(kernels);
}

}  // namespace trtprof
