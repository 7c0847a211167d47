#include "trtprof/optimize/experiments/paired_rounds.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "trtprof/base/statistics.h"

namespace trtprof {
namespace {

// Code generation and caches settle within the first inferences; rounds are compared among each other, so what is left
// falls on all models alike.
constexpr int kWarmupRuns = 5;

// Below it median_interval() knows nothing.
constexpr std::size_t kFewestRounds = 6;

Result<double> checked(const TimedRun& run) {
  auto seconds = run();
  const bool is_time = !seconds || (std::isfinite(*seconds) && *seconds >= 0.0);
  if (!is_time) {
    return fail(fmt::format("an inference was reported to take {} s", *seconds));
  }
  return seconds;
}

Result<double> take_turn(const TimedRun& run, const RoundOptions& options) {
  if (const auto thrown_away = checked(run); !thrown_away) return thrown_away;
  std::vector<double> samples;
  double total = 0.0;
  // A model that takes no time at all would never fill its turn.
  const std::int64_t most = 1000 + options.slot_runs;
  for (std::int64_t runs = 0; runs < options.slot_runs || (total < options.slot_seconds && runs < most); ++runs) {
    const auto seconds = checked(run);
    if (!seconds) return seconds;
    samples.push_back(*seconds);
    total += *seconds;
  }
  return median(samples);
}

}  // namespace

Result<Rounds> take_rounds(std::span<const TimedRun> models, const RoundOptions& options, MeasureContext& context,
                           const std::function<bool(const Rounds&)>& enough) {
  Rounds rounds;
  rounds.seconds.resize(models.size());
  for (const TimedRun& model : models) {
    for (int i = 0; i < kWarmupRuns; ++i) {
      if (const auto run = checked(model); !run) return forward_error(run);
    }
  }
  const double start = context.clock();
  while (true) {
    std::vector<double> sums(models.size(), 0.0);
    for (std::size_t turn = 0; turn < 2 * models.size(); ++turn) {
      if (context.stop.requested()) {
        rounds.interrupted = true;
        return rounds;
      }
      const std::size_t model = turn < models.size() ? turn : 2 * models.size() - 1 - turn;
      const auto seconds = take_turn(models[model], options);
      if (!seconds) return forward_error(seconds);
      sums[model] += *seconds;
    }
    for (std::size_t i = 0; i < models.size(); ++i) rounds.seconds[i].push_back(sums[i] / 2.0);
    const double elapsed = context.clock() - start;
    context.progress.update(std::min(1.0, elapsed / options.max_seconds), fmt::format("{} rounds", rounds.count()));
    if (elapsed >= options.max_seconds && rounds.count() >= kFewestRounds) return rounds;
    if (enough && rounds.count() >= options.min_rounds && enough(rounds)) return rounds;
  }
}

TimedRun end_to_end_run(CompiledModel& model) {
  return [&model]() -> Result<double> {
    const auto times = model.run_once();
    if (!times) return forward_error(times);
    return times->compute.value_or(times->total);
  };
}

}  // namespace trtprof
