#include "trtprof/compare/verdict.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <vector>

#include <fmt/format.h>

#include "trtprof/compare/mean_interval.h"
#include "trtprof/compare/student.h"

namespace trtprof {
namespace {

// Of what an interval may be wrong, the share that a verdict may.
constexpr double kClaimShare = 0.4;
// More than anybody would take: then it is not said.
constexpr std::size_t kMostLaunches = 1000;
// How far two launches lie apart says next to nothing of how far many would.
constexpr std::size_t kFewestForAGuess = 3;

// The observations of one side: its launches, or its builds where it has several.
struct Units {
  std::vector<double> logs;
  double within = 0.0;  // variance of one of them by itself
  SideCounts counts;
};

Units units_of(std::span<const LaunchFigure> launches) {
  struct Build {
    double logs = 0.0;
    double variances = 0.0;
    double count = 0.0;
  };
  std::vector<std::size_t> order;  // as they first come, which is how builds are paired
  std::map<std::size_t, Build> builds;
  Units units;
  for (const LaunchFigure& launch : launches) {
    assert(launch.value > 0.0);
    if (!builds.contains(launch.build)) order.push_back(launch.build);
    Build& build = builds[launch.build];
    build.logs += std::log(launch.value);
    build.variances += launch.log_error * launch.log_error;
    build.count += 1.0;
    units.counts.samples += launch.samples;
  }
  units.counts.launches = launches.size();
  units.counts.builds = builds.size();
  if (builds.size() == 1) {
    for (const LaunchFigure& launch : launches) units.logs.push_back(std::log(launch.value));
    units.within = builds.begin()->second.variances / builds.begin()->second.count;
    return units;
  }
  for (const std::size_t number : order) {
    const Build& build = builds.at(number);
    units.logs.push_back(build.logs / build.count);
    units.within += build.variances / (build.count * build.count) / static_cast<double>(builds.size());
  }
  return units;
}

double mean_of(std::span<const double> values) {
  double sum = 0.0;
  for (const double value : values) sum += value - values.front();
  return values.front() + sum / static_cast<double>(values.size());
}

MeanEstimate single(const Units& units, double between, double degrees) {
  return {units.logs.front(), std::max(units.within, between), degrees, 1.0};
}

struct Estimate {
  MeanEstimate change;  // of the logarithm
  VerdictBasis basis = VerdictBasis::assumed_spread;
  double spread = 0.0;  // of one unit
};

Estimate of_pairs(const Units& a, const Units& b) {
  std::vector<double> ratios;
  ratios.reserve(a.logs.size());
  for (std::size_t i = 0; i < a.logs.size(); ++i) ratios.push_back(b.logs[i] - a.logs[i]);
  const MeanEstimate change = mean_of_observations(ratios, a.within + b.within);
  return {change, VerdictBasis::pairs, std::sqrt(change.variance / 2.0)};
}

Estimate estimate(const Units& a, const Units& b, const JudgeOptions& options) {
  const std::size_t fewest = std::min(a.logs.size(), b.logs.size());
  if (options.paired && a.logs.size() == b.logs.size() && fewest >= 2) return of_pairs(a, b);
  if (fewest >= 2) {
    const MeanEstimate of_a = mean_of_observations(a.logs, a.within);
    const MeanEstimate of_b = mean_of_observations(b.logs, b.within);
    return {difference(of_a, of_b), VerdictBasis::separate_sides, std::sqrt((of_a.variance + of_b.variance) / 2.0)};
  }
  if (a.logs.size() == b.logs.size()) {
    const double spread = options.launch_spread.value_or(kAssumedLaunchSpread);
    const auto known = [&](const Units& units) {
      // What is assumed is how launches differ beyond their own noise.
      return MeanEstimate{units.logs.front(), spread * spread + units.within, std::numeric_limits<double>::infinity(),
                          1.0};
    };
    return {difference(known(a), known(b)), VerdictBasis::assumed_spread, spread};
  }
  const bool a_is_one = a.logs.size() == 1;
  const MeanEstimate many = mean_of_observations(a_is_one ? b.logs : a.logs, a_is_one ? b.within : a.within);
  const MeanEstimate one = single(a_is_one ? a : b, many.variance, many.degrees);
  MeanEstimate change = a_is_one ? difference(one, many) : difference(many, one);
  change.degrees = many.degrees;  // one variance serves both
  return {change, VerdictBasis::one_spread, std::sqrt(many.variance)};
}

// `sure`: half of the interval of the logarithm at claim_level().
Outcome outcome_of(const Interval& interval, double effect, double sure, double threshold) {
  if (std::log1p(effect) + sure < 0.0 && effect <= -threshold) return Outcome::faster;
  if (std::log1p(effect) - sure > 0.0 && effect >= threshold) return Outcome::slower;
  if (interval.low > -threshold && interval.high < threshold) return Outcome::same;
  return Outcome::undecided;
}

// Launches a side until the interval is narrow enough for what the effect now is.
std::optional<std::size_t> enough(const ChangeVerdict& verdict, const Estimate& estimate) {
  const std::size_t fewest = verdict.by_builds ? std::min(verdict.a.builds, verdict.b.builds)
                                               : std::min(verdict.a.launches, verdict.b.launches);
  if (verdict.outcome != Outcome::undecided || estimate.spread <= 0.0 || fewest < kFewestForAGuess) {
    return std::nullopt;
  }
  const double size = std::abs(verdict.effect);
  const bool claim = size >= verdict.threshold;
  const double room = claim ? size : verdict.threshold - size;
  const double level = claim ? claim_level(verdict.level) : verdict.level;
  const double deviation = std::numbers::sqrt2 * estimate.spread;
  const auto tells = [&](std::size_t launches) {
    const auto count = static_cast<double>(launches);
    const double degrees = (estimate.basis == VerdictBasis::pairs ? 1.0 : 2.0) * (count - 1.0);
    return two_sided_t(level, degrees) * deviation / std::sqrt(count) < room;
  };
  if (!tells(kMostLaunches)) return std::nullopt;
  std::size_t too_few = 1;
  std::size_t many = kMostLaunches;
  while (many - too_few > 1) {
    const std::size_t middle = (too_few + many) / 2;
    (tells(middle) ? many : too_few) = middle;
  }
  return many;
}

std::string percent(double fraction) {
  return fmt::format("{:.3g} %", fraction * 100.0);
}

std::string unit_of(const ChangeVerdict& verdict) {
  return verdict.by_builds ? "builds" : "launches";
}

std::string what_would_tell(const ChangeVerdict& verdict) {
  if (!verdict.enough_launches) return {};
  return fmt::format("; about {} {} a side would tell", *verdict.enough_launches, unit_of(verdict));
}

std::string why_undecided(const ChangeVerdict& verdict) {
  if (verdict.basis == VerdictBasis::assumed_spread) {
    return fmt::format(
        "there is one launch a side, and launches of one program are taken to differ by {}: launch both "
        "several times",
        percent(verdict.spread));
  }
  const Interval& interval = verdict.interval;
  const bool beyond_zero = interval.low > 0.0 || interval.high < 0.0;
  if (beyond_zero && std::abs(verdict.effect) < verdict.threshold) {
    return fmt::format("there is a change, but it may be smaller than the {} that count as one",
                       percent(verdict.threshold));
  }
  if (beyond_zero) {
    return fmt::format("the interval of {} is beyond zero and that of {}, which it takes to call it a change, is not{}",
                       percent(verdict.level), percent(claim_level(verdict.level)), what_would_tell(verdict));
  }
  return fmt::format(
      "{} differ by {} from one to the next, so that the change may be anything from {:+.3g} % "
      "to {:+.3g} %{}",
      unit_of(verdict), percent(verdict.spread), interval.low * 100.0, interval.high * 100.0, what_would_tell(verdict));
}

std::string why(const ChangeVerdict& verdict) {
  switch (verdict.outcome) {
    case Outcome::faster:
    case Outcome::slower: {
      std::string reason = fmt::format("the change is at least {}, and its interval of {} is beyond zero, too",
                                       percent(verdict.threshold), percent(claim_level(verdict.level)));
      if (verdict.basis == VerdictBasis::assumed_spread) {
        reason += fmt::format("; there is one launch a side, and launches of one program are taken to differ by {}",
                              percent(verdict.spread));
      }
      return reason;
    }
    case Outcome::same:
      return fmt::format("the whole interval is within {} of no change", percent(verdict.threshold));
    case Outcome::undecided:
      break;
  }
  return why_undecided(verdict);
}

}  // namespace

double claim_level(double level) {
  return 1.0 - kClaimShare * (1.0 - level);
}

ChangeVerdict judge(std::span<const LaunchFigure> a, std::span<const LaunchFigure> b, const JudgeOptions& options) {
  assert(!a.empty() && !b.empty());
  const Units units_a = units_of(a);
  const Units units_b = units_of(b);
  const Estimate estimated = estimate(units_a, units_b, options);
  const double half = half_width(estimated.change, options.level);
  ChangeVerdict verdict;
  verdict.effect = std::expm1(estimated.change.mean);
  verdict.interval = {std::expm1(estimated.change.mean - half), std::expm1(estimated.change.mean + half)};
  verdict.level = options.level;
  verdict.threshold = options.threshold;
  verdict.seconds_a = std::exp(mean_of(units_a.logs));
  verdict.seconds_b = std::exp(mean_of(units_b.logs));
  verdict.a = units_a.counts;
  verdict.b = units_b.counts;
  verdict.basis = estimated.basis;
  verdict.by_builds = units_a.counts.builds > 1 || units_b.counts.builds > 1;
  verdict.spread = estimated.spread;
  const double sure = half_width(estimated.change, claim_level(options.level));
  verdict.outcome = outcome_of(verdict.interval, verdict.effect, sure, verdict.threshold);
  verdict.enough_launches = enough(verdict, estimated);
  verdict.reason = why(verdict);
  return verdict;
}

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::faster:
      return "FASTER";
    case Outcome::same:
      return "SAME";
    case Outcome::slower:
      return "SLOWER";
    case Outcome::undecided:
      break;
  }
  return "UNDECIDED";
}

std::string_view to_string(VerdictBasis basis) {
  switch (basis) {
    case VerdictBasis::pairs:
      return "pairs";
    case VerdictBasis::separate_sides:
      return "separate_sides";
    case VerdictBasis::one_spread:
      return "one_spread";
    case VerdictBasis::assumed_spread:
      break;
  }
  return "assumed_spread";
}

}  // namespace trtprof
