#include "trtprof/optimize/sensitivity/trials.h"

#include <algorithm>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/steady_time.h"

namespace trtprof::sensitivity {

Trials::Trials(const SensitivityTask& task, const SensitivityOptions& options, Progress& progress, const StopFlag& stop)
    : task_(task),
      options_(options),
      progress_(progress),
      stop_(stop),
      clock_(options.seconds ? options.seconds : steady_seconds),
      started_(clock_()) {}

Result<AccuracyResult> Trials::run(const std::vector<std::string>& kept, std::optional<std::size_t> samples) {
  const double before = clock_();
  ++count_;
  const auto model = task_.make(kept);
  if (!model) return forward_error(model);
  auto result = task_.score(*model, samples);
  (samples ? last_alone_ : last_all_) = clock_() - before;
  if (!result) return result;
  if (result->partial || stop_.requested()) {
    return tl::unexpected<Error>(Error{ErrorCode::interrupted, "stopped by the user", ""});
  }
  return result;
}

Result<TrialScore> Trials::converted_alone(std::span<const std::size_t> groups) {
  const auto result = run(nodes_of_all_but(task_.groups, groups), options_.ranking_samples);
  if (!result) return forward_error(result);
  return score_of(*result);
}

Result<Trial> Trials::all_but(std::span<const std::size_t> kept) {
  std::vector<std::string> nodes;
  for (const std::size_t group : kept) {
    nodes.insert(nodes.end(), task_.groups[group].nodes.begin(), task_.groups[group].nodes.end());
  }
  const auto result = run(nodes, std::nullopt);
  if (!result) return forward_error(result);
  const auto verdict = judge(*result, options_.gates);
  if (!verdict) return forward_error(verdict);
  return Trial{score_of(*result), verdict->passed};
}

bool Trials::time_left(double share) const {
  return seconds() + last_alone_ <= share * options_.budget;
}

std::size_t Trials::trials_left() const {
  constexpr double most = 1e6;
  const double left = options_.budget - seconds();
  const double each = last_all_ > 0.0 ? last_all_ : last_alone_;
  if (left < 0.0) return 0;
  return each > 0.0 ? static_cast<std::size_t>(std::min(left / each, most)) : static_cast<std::size_t>(most);
}

void Trials::say(std::string_view what, double fraction) {
  progress_.phase(what);
  progress_.update(std::clamp(fraction, 0.0, 1.0), fmt::format("trial {}, {}", count_ + 1, format_duration(seconds())));
}

}  // namespace trtprof::sensitivity
