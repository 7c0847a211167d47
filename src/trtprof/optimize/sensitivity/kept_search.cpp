#include "trtprof/optimize/sensitivity/kept_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace trtprof::sensitivity {
namespace {

// Of which twice as many is one.
constexpr double kBeforeTheFirst = 0.5;

// What cannot be run holds no gate.
Trial failed_trial() {
  Trial trial;
  trial.score.error = std::numeric_limits<double>::infinity();
  trial.passed = false;
  return trial;
}

}  // namespace

Result<Trial> KeptSearch::point(std::size_t kept) {
  const auto known = points_.find(kept);
  if (known != points_.end()) return known->second;
  trials_.say(fmt::format("converting all but {} of {} groups", kept, ranking_.size()),
              trials_.seconds() / trials_.budget());
  auto trial = trials_.all_but(std::span(ranking_).first(kept));
  if (!trial && trial.error().code != ErrorCode::failed) return trial;
  if (!trial) failure_ = trial.error().message;
  return points_.emplace(kept, trial ? *trial : failed_trial()).first->second;
}

// Twice as many as were seen to fail; further where the time left would not get near all of them that way.
std::size_t KeptSearch::next_after(std::size_t fails) const {
  const double base = std::max(static_cast<double>(fails), kBeforeTheFirst);
  const double steps = static_cast<double>(trials_.trials_left()) + 1.0;
  const double factor = std::max(2.0, std::pow(static_cast<double>(ranking_.size()) / base, 1.0 / steps));
  return std::max(fails + 1, static_cast<std::size_t>(std::llround(base * factor)));
}

// ranking_.size() when not even that holds, or when it is the first that does.
Result<std::size_t> KeptSearch::first_that_hold(bool& out_of_time) {
  const std::size_t all = ranking_.size();
  std::size_t fails = 0;
  std::size_t holds = all;
  for (std::size_t kept = next_after(0); kept < all; kept = next_after(fails)) {
    if (!trials_.time_left_for_all()) {
      out_of_time = true;
      return all;
    }
    const auto trial = point(kept);
    if (!trial) return forward_error(trial);
    if (trial->passed) {
      holds = kept;
      break;
    }
    fails = kept;
  }
  while (holds - fails > 1) {
    if (!trials_.time_left_for_all()) {
      out_of_time = true;
      return holds;
    }
    const std::size_t middle = fails + (holds - fails) / 2;
    const auto trial = point(middle);
    if (!trial) return forward_error(trial);
    (trial->passed ? holds : fails) = middle;
  }
  return holds;
}

bool KeptSearch::is_known_to_fail(const std::vector<std::size_t>& kept) const {
  if (failed_.contains(kept)) return true;
  const auto first = points_.find(kept.size());
  return first != points_.end() && !first->second.passed && std::equal(kept.begin(), kept.end(), ranking_.begin());
}

Result<bool> KeptSearch::take_one_back(KeptGroups& kept, std::size_t place) {
  std::vector<std::size_t> fewer = kept.groups;
  fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(place));
  if (is_known_to_fail(fewer)) return false;
  if (!trials_.time_left_for_all()) {
    kept.out_of_time = true;
    return false;
  }
  trials_.say(fmt::format("converting all but {} of {} groups", fewer.size(), ranking_.size()),
              trials_.seconds() / trials_.budget());
  const auto trial = trials_.all_but(fewer);
  if (!trial && trial.error().code != ErrorCode::failed) return forward_error(trial);
  if (!trial || !trial->passed) {
    failed_.insert(std::move(fewer));
    return false;
  }
  kept.groups = std::move(fewer);
  kept.score = trial->score;
  ++kept.not_needed;
  return true;
}

Status KeptSearch::take_back(KeptGroups& kept) {
  bool fewer = true;
  while (fewer) {  // without one of them another may be needed no more
    fewer = false;
    for (std::size_t i = kept.groups.size(); i-- > 0 && !kept.out_of_time;) {
      const auto taken = take_one_back(kept, i);
      if (!taken) return forward_error(taken);
      fewer = fewer || *taken;
    }
    if (kept.out_of_time) return {};
  }
  return {};
}

Result<KeptGroups> KeptSearch::search() {
  KeptGroups kept;
  const auto none = point(0);
  if (!none) return forward_error(none);
  if (none->passed) return KeptGroups{true, {}, none->score, false, 0};
  const auto count = first_that_hold(kept.out_of_time);
  if (!count) return forward_error(count);
  const auto held = point(*count);
  if (!held) return forward_error(held);
  kept.found = held->passed;
  kept.score = held->score;
  if (!kept.found) return kept;
  kept.groups.assign(ranking_.begin(), ranking_.begin() + static_cast<std::ptrdiff_t>(*count));
  if (kept.out_of_time) return kept;
  if (const Status less = take_back(kept); !less) return forward_error(less);
  return kept;
}

Result<bool> KeptSearch::take_curve() {
  for (std::size_t kept = 0; kept <= ranking_.size(); kept = std::max<std::size_t>(kept * 2, 1)) {
    if (!trials_.time_left_for_all()) return false;
    if (const auto trial = point(kept); !trial) return forward_error(trial);
  }
  return true;
}

std::vector<CumulativePoint> KeptSearch::curve() const {
  std::vector<CumulativePoint> curve;
  curve.reserve(points_.size());
  for (const auto& [kept, trial] : points_) curve.push_back({kept, trial.score, trial.passed});
  return curve;
}

}  // namespace trtprof::sensitivity
