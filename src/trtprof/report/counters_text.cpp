#include "trtprof/report/counters_text.h"

#include <algorithm>
#include <functional>
#include <ostream>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/profile/counter_figures.h"
#include "trtprof/profile/kernel_name.h"
#include "trtprof/profile/layer_name.h"
#include "trtprof/profile/perf_names.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof {
namespace {

using text_report::Paint;

constexpr std::size_t kNameWidth = 44;
constexpr std::size_t kKernelWidth = 56;
constexpr std::size_t kStallsShown = 2;
constexpr double kMicro = 1e6;
constexpr double kGiga = 1e9;
constexpr std::string_view kMissing = "-";

std::string percent(const std::optional<double>& share) {
  return share ? format_percent(*share, 1) : std::string(kMissing);
}
std::string microseconds(const std::optional<double>& seconds) {
  return seconds ? fmt::format("{:.2f}", *seconds * kMicro) : std::string(kMissing);
}
std::string gigabytes(const std::optional<double>& rate) {
  return rate ? fmt::format("{:.0f}", *rate / kGiga) : std::string(kMissing);
}
std::string decimal(const std::optional<double>& value) {
  return value ? fmt::format("{:.2f}", *value) : std::string(kMissing);
}

std::string occupancy(const CounterFigures& figures) {
  if (!figures.achieved_occupancy && !figures.theoretical_occupancy) return std::string(kMissing);
  return percent(figures.achieved_occupancy) + " / " + percent(figures.theoretical_occupancy);
}

std::string stalls(const CounterFigures& figures) {
  std::string text;
  for (std::size_t i = 0; i < std::min(kStallsShown, figures.stalls.size()); ++i) {
    text += (i == 0 ? "" : ", ") + figures.stalls[i].reason + ' ' + format_percent(figures.stalls[i].share, 0);
  }
  return text.empty() ? std::string(kMissing) : text;
}

// What every kernel of TensorRT's libraries ends in tells nothing, and the beginning and end of a name tell most.
std::string kernel_shown(const std::string& name) {
  std::string shown = function_name(name);
  for (const std::string_view ending : {std::string_view("_execute_kernel_trt"), std::string_view("_kernel_trt")}) {
    if (shown.ends_with(ending)) {
      shown.resize(shown.size() - ending.size());
      break;
    }
  }
  return shown;
}

struct Row {
  std::string name;
  CounterFigures figures;
};

void write_compute_row(std::ostream& out, const Row& row) {
  const CounterFigures& f = row.figures;
  out << fmt::format("  {}{:>4}{:>9}{:>8}{:>8}{:>8}{:>6}{:>16}{:>8}  {}\n", fit_left(row.name, kNameWidth), f.kernels,
                     microseconds(f.seconds), percent(f.sm_throughput), percent(f.tensor_active),
                     percent(f.instruction_rate), decimal(f.ipc), occupancy(f), percent(f.branch_efficiency),
                     stalls(f));
}

void write_memory_row(std::ostream& out, const Row& row) {
  const CounterFigures& f = row.figures;
  out << fmt::format("  {}{:>10}{:>10}{:>10}{:>8}{:>10}{:>8}{:>10}{:>8}\n", fit_left(row.name, kNameWidth),
                     microseconds(f.seconds), f.dram_bytes ? format_count(*f.dram_bytes) + "B" : std::string(kMissing),
                     gigabytes(f.rate(f.dram_bytes)), percent(f.dram_throughput), gigabytes(f.rate(f.l2_bytes)),
                     percent(f.l2_hit_rate), gigabytes(f.rate(f.l1_bytes)), percent(f.l1_hit_rate));
}

void write_tables(std::ostream& out, const std::vector<Row>& rows, const Row& all, std::string_view unit,
                  const Paint& paint) {
  out << '\n'
      << paint.bold(fmt::format("Compute by {} (shares of the GPU's peak; stalls of resident warps' cycles):", unit))
      << '\n';
  out << fmt::format("  {:<{}}{:>4}{:>9}{:>8}{:>8}{:>8}{:>6}{:>16}{:>8}  {}\n", unit == "layer" ? "Layer" : "Kernel",
                     kNameWidth, "#", "us", "SM", "Tensor", "Instr.", "IPC", "Occ. got / max", "Branch", "Stalls");
  for (const Row& row : rows) write_compute_row(out, row);
  write_compute_row(out, all);
  out << '\n' << paint.bold(fmt::format("Memory by {} (GB/s; shares of the peak; hits of sectors):", unit)) << '\n';
  out << fmt::format("  {:<{}}{:>10}{:>10}{:>10}{:>8}{:>10}{:>8}{:>10}{:>8}\n", unit == "layer" ? "Layer" : "Kernel",
                     kNameWidth, "us", "DRAM", "GB/s", "Peak", "L2 GB/s", "Hits", "L1 GB/s", "Hits");
  for (const Row& row : rows) write_memory_row(out, row);
  write_memory_row(out, all);
}

std::vector<Row> layer_rows(const Profile& profile) {
  std::unordered_map<std::string_view, const Layer*> known;
  if (profile.layer_run) {
    for (const Layer& layer : profile.layer_run->layers) known.emplace(layer.name, &layer);
  }
  std::vector<Row> rows;
  for (LayerFigures& layer : figures_by_layer(*profile.counters)) {
    const auto found = known.find(layer.layer);
    std::string name = found != known.end() ? readable_name(*found->second) : layer.layer;
    rows.push_back({layer.layer.empty() ? "(in no layer)" : std::move(name), std::move(layer.figures)});
  }
  return rows;
}

std::vector<Row> kernel_rows(const Counters& counters) {
  std::vector<Row> rows;
  const CounterReader reader(counters);
  for (const CountedKernel& kernel : counters.kernels) {
    if (kernel.inference == 0) rows.push_back({kernel_shown(kernel.launch.name), reader.of(kernel)});
  }
  return rows;
}

std::string dimensions(const std::vector<std::int64_t>& values) {
  return values.empty() ? std::string(kMissing) : fmt::format("{}", fmt::join(values, "x"));
}

void write_kernels(std::ostream& out, const Counters& counters, const Paint& paint) {
  out << '\n' << paint.bold("Kernels in launch order:") << '\n';
  out << fmt::format("  {:>4}  {:<{}}{:>14}{:>12}{:>6}{:>9}  {}\n", "#", "Kernel", kKernelWidth, "Grid", "Block",
                     "Regs", "us", "Layer");
  std::size_t number = 0;
  for (const CountedKernel& kernel : counters.kernels) {
    const KernelLaunch& launch = kernel.launch;
    out << fmt::format(
        "  {:>4}  {}{:>14}{:>12}{:>6}{:>9}  {}\n", ++number, fit_left(kernel_shown(launch.name), kKernelWidth),
        dimensions(launch.grid), dimensions(launch.block),
        launch.registers_per_thread ? std::to_string(*launch.registers_per_thread) : std::string(kMissing),
        microseconds(kernel.seconds),
        kernel.layer.empty() ? std::string(kMissing) : shorten_middle(kernel.layer, kNameWidth));
  }
}

std::string how_joined(const Counters& counters) {
  switch (counters.join) {
    case CounterJoin::markers:
      return "Kernels are tied to layers by the NVTX ranges around their launches.";
    case CounterJoin::launch_order:
      return "Kernels are tied to layers by their order, which is that of the timeline.";
    case CounterJoin::none:
      break;
  }
  return "Kernels are not tied to layers: " + counters.join_reason + '.';
}

void write_totals(std::ostream& out, const Counters& counters) {
  const auto total = [&](std::string_view name) -> std::optional<double> {
    const auto found = counters.totals.find(std::string(name));
    return found == counters.totals.end() ? std::nullopt : std::optional(found->second);
  };
  const double inferences = total(perf::kInferences).value_or(1.0);
  // `beside`: what the count over that of another event is.
  const auto row = [&](std::string_view label, std::string_view event, std::string_view of = {},
                       const std::function<std::string(double)>& beside = {}) {
    const auto value = total(event);
    const auto base = total(of);
    if (!value) return;
    out << fmt::format("  {:<18}{:>12}{}\n", label, format_count(*value / inferences),
                       base && *base > 0.0 ? "   " + beside(*value / *base) : "");
  };
  const auto share_of = [](std::string_view noun) {
    return [noun](double share) { return fmt::format("{} of {}", format_percent(share), noun); };
  };
  out << "\nPer inference:\n";
  if (const auto seconds = total(perf::kTaskClock)) {
    out << fmt::format("  {:<18}{:>12}\n", "CPU time", format_duration(*seconds / inferences));
  }
  row("Cycles", perf::kCycles, perf::kTaskClock,
      [](double rate) { return fmt::format("{:.2f} GHz while running", rate / kGiga); });
  row("Instructions", perf::kInstructions, perf::kCycles,
      [](double rate) { return fmt::format("{:.2f} a cycle", rate); });
  row("Branches", perf::kBranches);
  row("Branch misses", perf::kBranchMisses, perf::kBranches, share_of("branches"));
  row("Cache references", perf::kCacheReferences);
  row("Cache misses", perf::kCacheMisses, perf::kCacheReferences, share_of("references"));
  row("LLC loads", perf::kLlcLoads);
  row("LLC load misses", perf::kLlcLoadMisses, perf::kLlcLoads, share_of("loads"));
}

}  // namespace

void write_counters_text(std::ostream& out, const Profile& profile, const CountersTextOptions& options) {
  if (!profile.counters) return;
  const Counters& counters = *profile.counters;
  const Paint paint(options.color);
  const std::string rule(80, '=');
  const std::string title = "Hardware Counters: " + printable(counters.tool);
  const std::size_t indent = display_width(title) < rule.size() ? (rule.size() - display_width(title)) / 2 : 0;
  out << rule << '\n' << std::string(indent, ' ') << paint.bold(title) << '\n' << rule << '\n';
  if (!counters.kernels.empty()) {
    out << printable(how_joined(counters)) << '\n';
    const bool joined = counters.join != CounterJoin::none;
    write_tables(out, joined ? layer_rows(profile) : kernel_rows(counters),
                 {joined ? "Inference" : "All", figures_of_inference(counters)}, joined ? "layer" : "kernel", paint);
    if (options.kernels) write_kernels(out, counters, paint);
  }
  if (!counters.totals.empty()) write_totals(out, counters);
  text_report::write_list(out, counters.notes, paint.bold("Notes:"));
  out << rule << '\n';
}

}  // namespace trtprof
