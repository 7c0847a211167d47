// What follows the guide's report: shares by class, the latency a caller sees, and how the two go together.
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/profile/layer_times.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof::text_report {
namespace {

std::string milliseconds(double seconds) {
  return format_milliseconds(seconds) + " ms";
}

std::string_view why_stopped(StopReason reason) {
  switch (reason) {
    case StopReason::converged:
      return "stopped when the median was as certain as asked";
    case StopReason::iterations:
      return "as many as asked";
    case StopReason::max_duration:
      return "stopped when the time was up";
    case StopReason::interrupted:
      return "stopped by the user";
    case StopReason::failed:
      return "ended by an inference that failed";
  }
  return "";
}

// "412 iterations in 1.02 s, stopped when ..."; empty when nothing of it is known.
std::string how_long(const MeasurementInfo& measurement) {
  std::string text = measurement.iterations ? counted(*measurement.iterations, "iteration") : "";
  if (measurement.duration_seconds) {
    text += fmt::format("{}in {}", text.empty() ? "" : " ", format_duration(*measurement.duration_seconds));
  }
  if (measurement.stop_reason) {
    text += (text.empty() ? "" : ", ") + std::string(why_stopped(*measurement.stop_reason));
  }
  return text;
}

std::string warm_up(const MeasurementInfo& measurement) {
  std::string text = measurement.warmup_iterations ? counted(*measurement.warmup_iterations, "iteration") : "";
  if (measurement.warmup_seconds) {
    text += fmt::format("{}in {}", text.empty() ? "" : " ", format_duration(*measurement.warmup_seconds));
  }
  if (measurement.warmup_steady) {
    text += (text.empty() ? "" : ", ") + std::string(*measurement.warmup_steady ? "steady" : "not yet steady");
  }
  return text;
}

std::string median_text(const Summary& summary) {
  std::string text = milliseconds(summary.median);
  if (summary.median_interval) {
    const auto& [low, high] = *summary.median_interval;
    text += fmt::format(" (95% interval {} to {} ms", format_milliseconds(low), format_milliseconds(high));
    text += summary.median > 0.0 ? fmt::format(", +-{})", format_percent((high - low) / 2.0 / summary.median)) : ")";
  }
  return text;
}

std::string mean_text(const Summary& summary) {
  return milliseconds(summary.mean) +
         (summary.stddev ? fmt::format(", standard deviation {}", milliseconds(*summary.stddev)) : "");
}

// A model whose first input has no batch dimension counts one item an inference.
// One inference at a time: by the median. Several in flight: by the mean time between completions, which every one of
// them counts for.
std::string throughput(const EndToEnd& end_to_end, const std::optional<std::int64_t>& batch) {
  const std::optional<Summary> between = end_to_end.interval ? summary_of(*end_to_end.interval) : std::nullopt;
  const double seconds = between ? between->mean : median_of(end_to_end.total).value_or(0.0);
  const auto items = static_cast<double>(batch.value_or(1));
  std::string text =
      fmt::format("{:.2f} FPS ({})", items / seconds, batch ? fmt::format("batch {}", *batch) : "no batch dimension");
  if (between) {
    text += fmt::format(", an inference done every {} on average", milliseconds(between->mean));
  }
  return text;
}

// ---- the parts of an inference on a device with memory of its own

constexpr std::size_t kPartWidth = 16;
constexpr std::size_t kNumberWidth = 9;

std::string part_row(std::string_view name, const Summary& summary) {
  const auto& interval = summary.median_interval;
  std::string row = fmt::format(
      "    {:<{}}{:>{}} {:>19}", name, kPartWidth, format_milliseconds(summary.median), kNumberWidth,
      interval ? fmt::format("{} to {}", format_milliseconds(interval->low), format_milliseconds(interval->high))
               : "-");
  for (const double value : {summary.p90, summary.p95, summary.p99, summary.min, summary.max}) {
    row += fmt::format(" {:>{}}", format_milliseconds(value), kNumberWidth - 1);
  }
  return row + '\n';
}

// Each with the same columns, so that it shows which part makes the spread. Nothing where the backend tells no parts.
void write_parts(std::ostream& out, const EndToEnd& end_to_end, DeviceKind device) {
  using Part = std::pair<std::string_view, const std::optional<SampleSeries>*>;
  const std::array<Part, 4> parts = {{
      {"Host to device", &end_to_end.host_to_device},
      {"Enqueue (host)", &end_to_end.enqueue},
      {device == DeviceKind::gpu ? "GPU compute" : "Compute", &end_to_end.compute},
      {"Device to host", &end_to_end.device_to_host},
  }};
  std::string rows;
  for (const auto& [name, series] : parts) {
    const std::optional<Summary> summary = *series ? summary_of(**series) : std::nullopt;
    rows += summary ? part_row(name, *summary) : "";
  }
  if (rows.empty()) {
    return;
  }
  if (const std::optional<Summary> total = summary_of(end_to_end.total)) {
    rows += part_row("Total", *total);
  }
  out << fmt::format("  {:<{}}{:>{}}{:>20}", "Parts (ms)", kPartWidth + 2, "Median", kNumberWidth, "95% interval");
  for (const std::string_view name : {"p90", "p95", "p99", "min", "max"}) {
    out << fmt::format("{:>{}}", name, kNumberWidth);
  }
  out << '\n' << rows;
}

void add_summary(KeyValues& lines, const Summary& summary, const EndToEnd& end_to_end,
                 const std::optional<std::int64_t>& batch) {
  lines.insert(lines.end(),
               {{"Median", median_text(summary)},
                {"Percentiles", fmt::format("p90 {}, p95 {}, p99 {}", milliseconds(summary.p90),
                                            milliseconds(summary.p95), milliseconds(summary.p99))},
                {"Range", fmt::format("min {}, max {}", milliseconds(summary.min), milliseconds(summary.max))},
                {"Mean", mean_text(summary)}});
  if (summary.median > 0.0) {
    lines.emplace_back("Throughput", throughput(end_to_end, batch));
  }
  if (summary.outliers > 0) {
    lines.emplace_back("Outliers", fmt::format("{} of {} samples, kept", summary.outliers, summary.count));
  }
}

// What the layers are held against: copies are no layers, so the compute where it is known.
struct Whole {
  double seconds = 0.0;
  std::string_view name;  // in a sentence
};

std::string against(double sum, const Whole& whole) {
  const double distance = whole.seconds - sum;
  const std::string share = whole.seconds > 0.0 ? format_percent(std::abs(distance) / whole.seconds) : "-";
  return fmt::format("{} ({} of {})", milliseconds(std::abs(distance)), share, whole.name);
}

std::string layer_run_against(double layer_run, double sum, const std::optional<Whole>& whole) {
  std::string text = milliseconds(layer_run);
  if (layer_run > 0.0) {
    text += fmt::format(" (the layers are {} of it", format_percent(sum / layer_run));
    if (whole && whole->seconds > 0.0) {
      const double cost = layer_run / whole->seconds - 1.0;
      text += fmt::format("; {}{} against {}", cost < 0.0 ? "" : "+", format_percent(cost), whole->name);
    }
    text += ')';
  }
  return text;
}

std::optional<double> end_to_end_median(const Profile& profile) {
  if (!profile.end_to_end) {
    return std::nullopt;
  }
  return median_of(profile.end_to_end->total);
}

std::optional<double> compute_median(const Profile& profile) {
  if (!profile.end_to_end || !profile.end_to_end->compute) {
    return std::nullopt;
  }
  return median_of(*profile.end_to_end->compute);
}

}  // namespace

void write_time_by_class(std::ostream& out, const LayerRun& run, const Paint& paint) {
  const std::vector<ClassShare> shares = time_by_class(run);
  const bool any_time = !shares.empty() && shares.front().seconds > 0.0;
  std::size_t widest_label = 0;
  std::size_t widest_time = 0;
  for (const ClassShare& share : shares) {
    widest_label = std::max(widest_label, display_name(share.layer_class).size() + 1);
    widest_time = std::max(widest_time, milliseconds(share.seconds).size());
  }
  out << '\n' << paint.bold("Time by class:") << '\n';
  for (const ClassShare& share : shares) {
    out << fmt::format("  {:<{}} {:>7}   {:>{}}   {}\n", std::string(display_name(share.layer_class)) + ':',
                       widest_label, any_time ? format_percent(share.share) : "-", milliseconds(share.seconds),
                       widest_time, counted(share.layers, "layer"));
  }
}

void write_end_to_end(std::ostream& out, const Profile& profile, const Paint& paint) {
  if (!profile.end_to_end) {
    out << '\n' << paint.bold("End-to-end latency:") << " not measured\n";
    return;
  }
  const EndToEnd& end_to_end = *profile.end_to_end;
  const std::optional<Summary> summary = summary_of(end_to_end.total);
  KeyValues lines;
  if (summary) {
    add_summary(lines, *summary, end_to_end, profile.model.batch);
  } else {
    lines.emplace_back("Median", "no samples");
  }
  lines.emplace_back("Measured", how_long(end_to_end.measurement));
  lines.emplace_back("Warm-up", warm_up(end_to_end.measurement));
  lines.emplace_back("Method", printable(end_to_end.measurement.method));
  std::erase_if(lines, [](const auto& line) { return line.second.empty(); });
  out << '\n' << paint.bold("End-to-end latency:") << '\n';
  write_key_values(out, lines, "  ");
  write_parts(out, end_to_end, profile.environment.device_kind);
}

void write_layer_sum(std::ostream& out, const Profile& profile, const Paint& paint) {
  if (!profile.layer_run) {
    return;
  }
  const LayerRun& run = *profile.layer_run;
  const double sum = layer_sum(run);
  const std::optional<double> end_to_end = end_to_end_median(profile);
  const std::optional<double> layer_run = median_of(run.total);
  const std::optional<double> compute = compute_median(profile);
  const bool gpu = profile.environment.device_kind == DeviceKind::gpu;
  std::optional<Whole> whole;
  KeyValues lines = {{"Layer sum", milliseconds(sum)}};
  if (end_to_end) {
    lines.emplace_back("End to end", milliseconds(*end_to_end));
    whole = {*end_to_end, "end to end"};
  }
  if (compute) {
    lines.emplace_back(gpu ? "GPU compute" : "Compute", milliseconds(*compute));
    whole = {*compute, gpu ? "GPU compute" : "compute"};
  }
  if (whole) {
    lines.emplace_back(sum <= whole->seconds ? "Outside the layers" : "Layers exceed it by", against(sum, *whole));
  }
  if (layer_run) {
    lines.emplace_back("Layer run", layer_run_against(*layer_run, sum, whole));
  }
  lines.emplace_back("Measured", how_long(run.measurement));
  lines.emplace_back("Warm-up", warm_up(run.measurement));
  lines.emplace_back("Method", printable(run.measurement.method));
  lines.emplace_back("Not executed", run.not_executed.empty()
                                         ? ""
                                         : counted(static_cast<std::int64_t>(run.not_executed.size()), "layer") +
                                               " the engine lists but fused or folded away");
  std::erase_if(lines, [](const auto& line) { return line.second.empty(); });
  out << '\n' << paint.bold("Layer sum against end to end:") << '\n';
  write_key_values(out, lines, "  ");
}

void write_remarks(std::ostream& out, const Profile& profile, const Paint& paint) {
  write_list(out, profile.notes, paint.bold("Notes:"));
  write_list(out, profile.warnings, paint.warning("Warnings:"));
}

}  // namespace trtprof::text_report
