#include "trtprof/backend/ceiling_figures.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/statistics.h"

namespace trtprof {
namespace {

constexpr int kUnseenRuns = 2;
constexpr std::size_t kLeastSamples = 5;
constexpr std::size_t kMostSamples = 1000;
// Idle machines stay within a few percent.
constexpr double kFarApart = 1.5;

Error interrupted() {
  return {ErrorCode::interrupted, "the measurement of what the device can do was interrupted", ""};
}

std::string sentence_of(const Error& error) {
  return error.hint.empty() ? error.message : fmt::format("{}. {}", error.message, error.hint);
}

}  // namespace

Result<std::vector<double>> sample_runs(double seconds, const StopFlag& stop, const TimedRun& run) {
  for (int i = 0; i < kUnseenRuns; ++i) {
    if (stop.requested()) return tl::unexpected<Error>(interrupted());
    if (const auto unseen = run(); !unseen) return forward_error(unseen);
  }
  std::vector<double> samples;
  double total = 0.0;
  while (samples.size() < kLeastSamples || (total < seconds && samples.size() < kMostSamples)) {
    if (stop.requested()) return tl::unexpected<Error>(interrupted());
    const auto sample = run();
    if (!sample) return forward_error(sample);
    if (!(*sample > 0.0)) return fail("a run took no time that the clock could tell");
    samples.push_back(*sample);
    total += *sample;
  }
  return samples;
}

CeilingFigure rate_figure(CeilingKind kind, double work, std::span<const double> seconds, std::string source) {
  const auto [least, most] = std::ranges::minmax_element(seconds);
  return {kind, work / median(seconds), CeilingBasis::measured, std::move(source),
          CeilingSpread{work / *most, work / *least, seconds.size()}};
}

CeilingFigure cost_figure(CeilingKind kind, std::span<const double> seconds, std::string source) {
  const auto [least, most] = std::ranges::minmax_element(seconds);
  return {kind, median(seconds), CeilingBasis::measured, std::move(source),
          CeilingSpread{*least, *most, seconds.size()}};
}

const CeilingFigure* best_rate(std::span<const CeilingFigure> figures) {
  const auto best = std::ranges::max_element(figures, {}, &CeilingFigure::value);
  return best == figures.end() ? nullptr : &*best;
}

CeilingCollector::CeilingCollector(DeviceCeilings device, std::size_t steps, Progress& progress, const StopFlag& stop)
    : steps_(std::max<std::size_t>(steps, 1)), progress_(progress), stop_(stop) {
  result_.ceilings = std::move(device);
  progress_.phase("measuring what the device can do");
}

void CeilingCollector::take(CeilingKind kind, std::string_view what,
                            const std::function<Result<CeilingFigure>()>& measure) {
  if (result_.partial || stop_.requested()) {
    result_.partial = true;
    return;
  }
  progress_.update(std::min(1.0, static_cast<double>(done_) / static_cast<double>(steps_)), what);
  ++done_;
  auto figure = measure();
  if (figure) {
    const CeilingSpread& spread = *figure->spread;
    if (spread.high > kFarApart * spread.low) {
      note(fmt::format(
          "{}: the highest sample is {:.1f} times the lowest; something else used the machine. Measure anew "
          "when it is idle.",
          what, spread.high / spread.low));
    }
    result_.ceilings.figures.push_back(*std::move(figure));
    return;
  }
  if (figure.error().code == ErrorCode::interrupted) {
    result_.partial = true;
    return;
  }
  if (first_error_.message.empty()) first_error_ = figure.error();
  result_.missing.push_back({kind, sentence_of(figure.error())});
}

void CeilingCollector::skip(CeilingKind kind, std::string reason) {
  result_.missing.push_back({kind, std::move(reason)});
}

Result<MeasuredCeilings> CeilingCollector::finish() {
  progress_.finish();
  if (!result_.ceilings.figures.empty()) return std::move(result_);
  if (result_.partial) return tl::unexpected<Error>(interrupted());
  if (first_error_.message.empty()) return unavailable("nothing of what the device can do can be measured here");
  return tl::unexpected<Error>(first_error_);
}

}  // namespace trtprof
