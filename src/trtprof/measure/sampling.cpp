#include "trtprof/measure/sampling.h"

#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace trtprof {
namespace {

// Progress is drawn between inferences. Every 50 ms is smooth to the eye and too rare to disturb the caches.
constexpr double kProgressPeriod = 0.05;

class RareProgress {
 public:
  RareProgress(MeasureContext& context, std::string_view phase) : context_(context) { context_.progress.phase(phase); }

  template <class Fraction, class Detail>
  void update(double now, Fraction fraction, Detail detail) {
    if (now < last_ + kProgressPeriod) return;
    last_ = now;
    context_.progress.update(fraction(), detail());
  }

 private:
  MeasureContext& context_;
  double last_ = -std::numeric_limits<double>::infinity();
};

std::string detail_of(const StopRule& rule) {
  const auto count = rule.samples().size();
  if (!rule.current_median()) return fmt::format("{} inferences", count);
  std::string text = fmt::format("median {:.3f} ms", *rule.current_median() * 1e3);
  if (rule.relative_half_width()) text += fmt::format(" +- {:.1f} %", *rule.relative_half_width() * 100);
  return text + fmt::format(", {} inferences", count);
}

// One inference whose time can be trusted to be a number, or an error that names it.
Result<double> run(const Series& series, Purpose purpose, std::int64_t number) {
  const std::string_view kind = purpose == Purpose::warmup ? "warm-up inference" : "inference";
  Result<double> seconds = series.run_once(purpose);
  if (!seconds) {
    Error error = seconds.error();
    error.message = fmt::format("{} {} of the {} failed: {}", kind, number, series.name, error.message);
    return tl::unexpected<Error>(std::move(error));
  }
  if (!is_a_time(*seconds)) {
    return fail(fmt::format("{} {} of the {} was reported to take {} s", kind, number, series.name, *seconds));
  }
  return seconds;
}

// True when warm-up is over, false when the user stopped it.
Result<bool> warm_up(const Series& series, const WarmupOptions& options, MeasureContext& context,
                     MeasurementInfo& measurement) {
  Warmup warmup(options);
  RareProgress progress(context, series.warmup_phase);
  const double start = context.clock();
  double elapsed = 0.0;
  while (!warmup.is_over() && !context.stop.requested()) {
    const Result<double> seconds = run(series, Purpose::warmup, warmup.count() + 1);
    if (!seconds) return forward_error(seconds);
    elapsed = context.clock() - start;
    if (warmup.add(*seconds, elapsed)) break;
    progress.update(
        elapsed, [&] { return warmup.fraction_done(elapsed); },
        [&] { return fmt::format("{} inferences", warmup.count()); });
  }
  measurement.warmup_iterations = warmup.count();
  measurement.warmup_seconds = elapsed;
  measurement.warmup_steady = warmup.verdict();
  return warmup.is_over();
}

Result<std::vector<double>> take_samples(const Series& series, const StopRuleOptions& options, MeasureContext& context,
                                         MeasurementInfo& measurement) {
  StopRule rule(options);
  RareProgress progress(context, series.sample_phase);
  const double start = context.clock();
  double elapsed = 0.0;
  std::optional<StopReason> reason;
  while (!reason) {
    if (context.stop.requested()) {
      reason = StopReason::interrupted;
      break;
    }
    const auto number = static_cast<std::int64_t>(rule.samples().size()) + 1;
    const Result<double> seconds = run(series, Purpose::sample, number);
    if (!seconds) {
      if (rule.samples().empty()) return forward_error(seconds);
      context.failure = seconds.error();  // what was measured until then stays worth having
      reason = StopReason::failed;
      break;
    }
    elapsed = context.clock() - start;
    reason = rule.add(*seconds, elapsed);
    if (!reason && series.full && series.full()) reason = StopReason::iterations;
    progress.update(elapsed, [&] { return rule.fraction_done(elapsed); }, [&] { return detail_of(rule); });
  }
  measurement.iterations = static_cast<std::int64_t>(rule.samples().size());
  measurement.duration_seconds = elapsed;
  measurement.stop_reason = reason;
  measurement.target_relative_half_width = options.target_relative_half_width;
  return rule.samples();
}

// The one place where the samples of a run begin and end.
class SampleMarks {
 public:
  SampleMarks(const Series& series, RunObserver* observer, const MeasurementInfo& measurement)
      : series_(series), observer_(observer), measurement_(measurement) {
    if (observer_ != nullptr) observer_->run_begins(series_.run);
    if (series_.samples_begin) series_.samples_begin();
  }
  SampleMarks(const SampleMarks&) = delete;
  SampleMarks& operator=(const SampleMarks&) = delete;
  ~SampleMarks() {
    if (series_.samples_end) series_.samples_end();
    if (observer_ != nullptr) observer_->run_ends(measurement_.iterations.value_or(0));
  }

 private:
  const Series& series_;
  RunObserver* observer_;
  const MeasurementInfo& measurement_;  // complete when this is destroyed
};

Result<std::vector<double>> take_samples_between_marks(const Series& series, const StopRuleOptions& options,
                                                       MeasureContext& context, MeasurementInfo& measurement) {
  const SampleMarks marks(series, context.observer, measurement);
  return take_samples(series, options, context, measurement);
}

tl::unexpected<Error> interrupted(const Series& series) {
  return tl::unexpected<Error>(
      Error{ErrorCode::interrupted, fmt::format("interrupted before the {} had its first sample", series.name), ""});
}

}  // namespace

bool is_a_time(double seconds) {
  return std::isfinite(seconds) && seconds >= 0.0;
}

Result<Sampled> sample(const Series& series, const MeasureOptions& options, MeasureContext& context) {
  Sampled result;
  const Result<bool> warm = warm_up(series, options.warmup, context, result.measurement);
  if (!warm) return forward_error(warm);
  if (!*warm) return interrupted(series);

  auto samples = take_samples_between_marks(series, options.stop, context, result.measurement);
  if (!samples) return forward_error(samples);
  if (samples->empty()) return interrupted(series);

  result.total.samples = std::move(*samples);
  result.total.summary = summarize(result.total.samples);
  result.measurement.achieved_relative_half_width =
      relative_half_width(result.total.summary->median, result.total.summary->median_interval);
  return result;
}

}  // namespace trtprof
