#include "trtprof/compare/figures.h"

#include <array>
#include <cmath>

#include "trtprof/compare/resample.h"
#include "trtprof/profile/layer_times.h"

namespace trtprof {
namespace {

constexpr std::array kAll = {FigureKind::latency,        FigureKind::compute,        FigureKind::interval,
                             FigureKind::host_to_device, FigureKind::device_to_host, FigureKind::enqueue,
                             FigureKind::layer_sum};
// One seed for every series: an answer depends on the samples alone.
constexpr std::uint64_t kSeed = 1;
constexpr double kNormalQuantile = 1.959963984540054;

std::optional<LaunchFigure> checked(const LaunchFigure& figure) {
  return figure.value > 0.0 && std::isfinite(figure.value) ? std::optional(figure) : std::nullopt;
}

std::optional<LaunchFigure> median_figure(const std::optional<SampleSeries>& series) {
  const auto value = series ? median_of(*series) : std::nullopt;
  if (!value || !(*value > 0.0)) return std::nullopt;
  LaunchFigure figure = {*value, 0.0, series->samples.size()};
  bool all_positive = series->samples.size() >= 2;
  for (const double sample : series->samples) all_positive = all_positive && sample > 0.0;
  if (all_positive) {
    Draw draw(kSeed);
    figure.log_error = log_median_error(series->samples, draw);
  } else if (series->summary && series->summary->median_interval) {
    const Interval& interval = *series->summary->median_interval;
    figure.log_error = (interval.high - interval.low) / 2.0 / kNormalQuantile / *value;
    figure.samples = series->summary->count;
  }
  return checked(figure);
}

std::optional<LaunchFigure> mean_figure(const std::optional<SampleSeries>& series) {
  const auto summary = series ? summary_of(*series) : std::nullopt;
  if (!summary || !(summary->mean > 0.0)) return std::nullopt;
  LaunchFigure figure = {summary->mean, 0.0, summary->count};
  if (summary->stddev) figure.log_error = *summary->stddev / summary->mean / std::sqrt(summary->effective_count);
  return checked(figure);
}

std::optional<LaunchFigure> layers_figure(const std::optional<LayerRun>& run) {
  if (!run) return std::nullopt;
  LaunchFigure figure = {layer_sum(*run)};
  double variance = 0.0;
  for (const Layer& layer : run->layers) {
    const auto summary = summary_of(layer.time);
    if (!summary) continue;
    figure.samples = std::max(figure.samples, summary->count);
    if (!summary->median_interval) continue;
    const double error = (summary->median_interval->high - summary->median_interval->low) / 2.0 / kNormalQuantile;
    variance += error * error;
  }
  if (!(figure.value > 0.0)) return std::nullopt;
  figure.log_error = std::sqrt(variance) / figure.value;
  return checked(figure);
}

}  // namespace

std::span<const FigureKind> all_figures() {
  return kAll;
}

std::optional<LaunchFigure> figure_of(const Profile& profile, FigureKind kind) {
  if (kind == FigureKind::layer_sum) return layers_figure(profile.layer_run);
  if (!profile.end_to_end) return std::nullopt;
  const EndToEnd& run = *profile.end_to_end;
  switch (kind) {
    case FigureKind::latency:
      return median_figure(run.total);
    case FigureKind::compute:
      return median_figure(run.compute);
    case FigureKind::interval:
      return mean_figure(run.interval);
    case FigureKind::host_to_device:
      return median_figure(run.host_to_device);
    case FigureKind::device_to_host:
      return median_figure(run.device_to_host);
    case FigureKind::enqueue:
      return median_figure(run.enqueue);
    case FigureKind::layer_sum:
      break;
  }
  return std::nullopt;
}

std::string_view to_string(FigureKind kind) {
  switch (kind) {
    case FigureKind::latency:
      return "latency";
    case FigureKind::compute:
      return "compute";
    case FigureKind::interval:
      return "interval";
    case FigureKind::host_to_device:
      return "host_to_device";
    case FigureKind::device_to_host:
      return "device_to_host";
    case FigureKind::enqueue:
      return "enqueue";
    case FigureKind::layer_sum:
      break;
  }
  return "layer_sum";
}

std::optional<FigureKind> figure_from_string(std::string_view name) {
  for (const FigureKind kind : kAll) {
    if (to_string(kind) == name) return kind;
  }
  return std::nullopt;
}

}  // namespace trtprof
