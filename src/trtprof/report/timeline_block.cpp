// What the traced run tells: where the span of an inference went, and each layer's own time on the device.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/profile/kernel_name.h"
#include "trtprof/profile/layer_kernels.h"
#include "trtprof/profile/layer_name.h"
#include "trtprof/profile/layer_times.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof::text_report {
namespace {

constexpr std::size_t kLongestGaps = 3;
constexpr std::size_t kMostCalls = 4;
constexpr std::size_t kGapNameWidth = 56;  // of a kernel and its layer, twice on a line of 140 columns at most
// The table below has 100 columns.
constexpr std::size_t kLayerWidth = 36;
constexpr int kRowsPerTop = 2;

std::string milliseconds(double seconds) {
  return format_milliseconds(seconds) + " ms";
}

std::string times(double count) {
  return count == std::floor(count) ? fmt::format("{:.0f}", count) : fmt::format("{:.1f}", count);
}

std::string_view joined_by(KernelJoin join) {
  switch (join) {
    case KernelJoin::none:
      return "by nothing";
    case KernelJoin::markers:
      return "by the engine's NVTX ranges";
    case KernelJoin::graph_nodes:
      return "by the engine's NVTX ranges at the graph's capture";
    case KernelJoin::launch_order:
      return "by the order of the same kernels without a graph";
  }
  return "";
}

// "-" where there are no samples.
std::string figure(const SampleSeries& series) {
  const std::optional<double> median = median_of(series);
  return median ? milliseconds(*median) : "-";
}

std::string part_of_span(const SampleSeries& part, const SampleSeries& span) {
  const std::optional<double> whole = median_of(span);
  const std::optional<double> seconds = median_of(part);
  if (!whole || !seconds || *whole <= 0.0) return "";
  return fmt::format(" ({})", format_percent(*seconds / *whole));
}

void add_span(KeyValues& lines, const Timeline& timeline) {
  const bool gpu = !timeline.kernels.empty();
  const std::string_view what = gpu ? "kernel" : "layer";
  lines.emplace_back(
      "Span", fmt::format("{}, from the start of the first {} to the end of the last", figure(timeline.span), what));
  lines.emplace_back("Busy", figure(timeline.busy) + part_of_span(timeline.busy, timeline.span));
  lines.emplace_back("Idle",
                     figure(timeline.idle) + part_of_span(timeline.idle, timeline.span) + ", gaps between them");
  std::string sum = figure(timeline.kernel_sum);
  const std::optional<double> seconds = median_of(timeline.kernel_sum);
  if (gpu && seconds) {
    const auto count = static_cast<double>(timeline.kernels.size());
    sum += fmt::format(", {} of {} on average", counted(static_cast<std::int64_t>(timeline.kernels.size()), "kernel"),
                       format_duration(*seconds / count));
  }
  lines.emplace_back(gpu ? "Kernel sum" : "Layer sum", sum);
}

// The median over kernels of each one's median.
std::optional<double> usual_launch_delay(const Timeline& timeline) {
  std::vector<double> delays;
  for (const TimelineKernel& kernel : timeline.kernels) {
    if (!kernel.launch_delay) continue;
    if (const std::optional<double> median = median_of(*kernel.launch_delay)) delays.push_back(*median);
  }
  return delays.empty() ? std::nullopt : std::optional(summarize(delays).median);
}

std::string call_text(const TimelineCall& call) {
  const std::optional<double> seconds = median_of(call.time);
  return fmt::format("{} x {}, {}", times(call.count), printable(call.name), seconds ? format_duration(*seconds) : "-");
}

void add_calls(KeyValues& lines, const Timeline& timeline) {
  std::vector<const TimelineCall*> calls;
  calls.reserve(timeline.calls.size());
  for (const TimelineCall& call : timeline.calls) calls.push_back(&call);
  std::ranges::stable_sort(calls, [](const TimelineCall* a, const TimelineCall* b) {
    return median_of(a->time).value_or(0.0) > median_of(b->time).value_or(0.0);
  });
  for (const bool waiting : {false, true}) {
    std::size_t shown = 0;
    for (const TimelineCall* call : calls) {
      if (call->synchronization != waiting || shown == kMostCalls) continue;
      lines.emplace_back(shown > 0 ? "" : waiting ? "Host waits in" : "Host calls", call_text(*call));
      ++shown;
    }
  }
  if (const std::optional<double> delay = usual_launch_delay(timeline)) {
    lines.emplace_back("Launch delay",
                       format_duration(*delay) + " from the begin of a call to its kernel's start (median kernel)");
  }
}

void add_transfers(KeyValues& lines, const Timeline& timeline) {
  bool first = true;
  for (const TimelineTransfer& transfer : timeline.transfers) {
    const std::optional<double> seconds = median_of(transfer.time);
    std::string text = fmt::format("{} x {}{}, {}", times(transfer.count), printable(transfer.what),
                                   transfer.memory.empty() ? "" : fmt::format(" ({})", printable(transfer.memory)),
                                   format_bytes(static_cast<std::uint64_t>(std::llround(transfer.bytes))));
    if (seconds) text += " in " + format_duration(*seconds);
    if (seconds && *seconds > 0.0) text += fmt::format(", {:.1f} GB/s", transfer.bytes / *seconds * 1e-9);
    lines.emplace_back(std::exchange(first, false) ? "Copies" : "", text);
  }
}

// "conv_kernel (features/1/conv)"
std::string side_of_gap(const TimelineKernel& kernel, const LayerRun* run) {
  const std::string function = function_name(kernel.launch.name);
  const std::string text = shorten_middle(function.empty() ? kernel.launch.name : function, kGapNameWidth / 2);
  const auto layer = run == nullptr ? std::nullopt : find_layer(*run, kernel.layer);
  const std::string name = layer ? readable_name(run->layers[*layer]) : kernel.layer;
  return name.empty() ? text : text + fmt::format(" ({})", shorten_middle(name, kGapNameWidth / 2));
}

void add_gaps(KeyValues& lines, const Timeline& timeline, const LayerRun* run) {
  struct Gap {
    std::size_t kernel;
    double seconds;
  };
  std::vector<Gap> gaps;
  for (std::size_t i = 1; i < timeline.kernels.size(); ++i) {
    const auto& before = timeline.kernels[i].gap_before;
    const std::optional<double> seconds = before ? median_of(*before) : std::nullopt;
    if (seconds && *seconds > 0.0) gaps.push_back({i, *seconds});
  }
  std::ranges::stable_sort(gaps, [](const Gap& a, const Gap& b) { return a.seconds > b.seconds; });
  gaps.resize(std::min(gaps.size(), kLongestGaps));
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    const std::size_t k = gaps[i].kernel;
    lines.emplace_back(i == 0 ? "Longest gaps" : "", fmt::format("{} after {}", format_duration(gaps[i].seconds),
                                                                 side_of_gap(timeline.kernels[k - 1], run)));
    lines.emplace_back("", "  before " + side_of_gap(timeline.kernels[k], run));
  }
}

void add_join(KeyValues& lines, const Timeline& timeline) {
  if (timeline.kernels.empty()) return;
  const auto known = std::ranges::count_if(timeline.kernels, [](const auto& kernel) { return !kernel.layer.empty(); });
  lines.emplace_back("Layers", timeline.join == KernelJoin::none
                                   ? "kernels are not tied to layers"
                                   : fmt::format("{} of {} have theirs, {}", known,
                                                 counted(static_cast<std::int64_t>(timeline.kernels.size()), "kernel"),
                                                 joined_by(timeline.join)));
  if (!timeline.join_reason.empty()) lines.emplace_back("", printable(timeline.join_reason));
}

void add_cost(KeyValues& lines, const Profile& profile, const Timeline& timeline) {
  const auto traced = timeline.compute ? median_of(*timeline.compute) : std::nullopt;
  const auto plain =
      profile.end_to_end && profile.end_to_end->compute ? median_of(*profile.end_to_end->compute) : std::nullopt;
  if (traced && plain && *plain > 0.0) {
    lines.emplace_back("Cost of tracing",
                       fmt::format("compute takes {} while tracing, {:+.1f}% against {}", milliseconds(*traced),
                                   (*traced / *plain - 1.0) * 100.0, milliseconds(*plain)));
  }
  if (timeline.different_inferences > 0) {
    lines.emplace_back("Left out", counted(timeline.different_inferences, "inference") + " that ran other kernels");
  }
  if (timeline.lost_records > 0) lines.emplace_back("Lost", counted(timeline.lost_records, "record"));
}

std::string title_of(const Timeline& timeline) {
  std::vector<std::string> facts = {printable(timeline.source)};
  if (!timeline.kernels.empty()) facts.emplace_back(timeline.graph ? "CUDA graph" : "stream");
  const auto inferences = static_cast<std::int64_t>(timeline.span.summary ? timeline.span.summary->count : 0);
  facts.push_back(counted(inferences, "inference"));
  std::erase_if(facts, [](const std::string& fact) { return fact.empty(); });
  return fmt::format("Timeline ({}):", fmt::join(facts, ", "));
}

// ---- layers

std::string microseconds(const std::optional<double>& seconds) {
  return seconds ? fmt::format("{:.2f}", *seconds * 1e6) : "-";
}

// Of the layer's longest kernel.
std::string launch_text(const Timeline& timeline, const LayerKernels& layer) {
  const auto longest = std::ranges::max_element(
      layer.kernels, {}, [&](std::size_t k) { return median_of(timeline.kernels[k].time).value_or(0.0); });
  const KernelLaunch& launch = timeline.kernels[*longest].launch;
  const std::string occupancy =
      launch.theoretical_occupancy ? format_percent(*launch.theoretical_occupancy, 0) : std::string("-");
  const auto dimensions = [](std::vector<std::int64_t> numbers) {
    while (numbers.size() > 1 && numbers.back() == 1) numbers.pop_back();
    return fmt::format("{}", fmt::join(numbers, "x"));
  };
  return fmt::format("{:>7}  {}", occupancy,
                     launch.grid.empty() ? "-" : dimensions(launch.grid) + " * " + dimensions(launch.block));
}

// The longest ones by their kernels; all of them are in the CSV and JSON reports.
void write_layers(std::ostream& out, const LayerRun& run, const Timeline& timeline, int top, const Paint& paint) {
  const std::vector<LayerKernels> layers = kernels_by_layer(run, timeline);
  std::vector<std::size_t> order;
  double total = 0.0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (!layers[i].gpu_seconds) continue;
    order.push_back(i);
    total += *layers[i].gpu_seconds;
  }
  if (order.empty()) return;
  std::ranges::stable_sort(
      order, [&](std::size_t a, std::size_t b) { return *layers[a].gpu_seconds > *layers[b].gpu_seconds; });
  out << '\n'
      << paint.bold("Layers by the time of their kernels (us; the profiler's time holds its own cost):") << '\n'
      << fmt::format("  {:<{}}{:>8}{:>8}{:>9}{:>10}{:>7}  {}\n", "Layer", kLayerWidth, "Time", "% sum", "Kernels",
                     "Profiler", "Occ.", "Grid * block");
  const std::size_t shown = std::min(order.size(), static_cast<std::size_t>(std::max(1, top) * kRowsPerTop));
  double rest = total;
  for (std::size_t n = 0; n < shown; ++n) {
    const LayerKernels& layer = layers[order[n]];
    rest -= *layer.gpu_seconds;
    out << fmt::format("  {} {:>8}{:>8}{:>9}{:>10}{}\n", fit_left(readable_name(run.layers[order[n]]), kLayerWidth - 1),
                       microseconds(layer.gpu_seconds),
                       total > 0.0 ? format_percent(*layer.gpu_seconds / total, 1) : "-", layer.kernels.size(),
                       microseconds(layer_seconds(run.layers[order[n]])), launch_text(timeline, layer));
  }
  if (shown < order.size()) {
    out << fmt::format(
        "  {} {:>8}{:>8}  (all: --csv, --json)\n",
        fit_left(fmt::format("{} more {}", order.size() - shown, order.size() - shown == 1 ? "layer" : "layers"),
                 kLayerWidth - 1),
        microseconds(std::max(0.0, rest)), total > 0.0 ? format_percent(std::max(0.0, rest) / total, 1) : "-");
  }
}

}  // namespace

void write_timeline(std::ostream& out, const Profile& profile, const TextReportOptions& options, const Paint& paint) {
  if (!profile.timeline) return;
  const Timeline& timeline = *profile.timeline;
  const LayerRun* run = profile.layer_run ? &*profile.layer_run : nullptr;
  KeyValues lines;
  add_span(lines, timeline);
  add_join(lines, timeline);
  add_gaps(lines, timeline, run);
  add_calls(lines, timeline);
  add_transfers(lines, timeline);
  add_cost(lines, profile, timeline);
  out << '\n' << paint.bold(title_of(timeline)) << '\n';
  write_key_values(out, lines, "  ");
  if (run != nullptr) write_layers(out, *run, timeline, options.top, paint);
}

}  // namespace trtprof::text_report
