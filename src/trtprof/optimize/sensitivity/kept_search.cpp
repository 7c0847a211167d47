#include "trtprof/optimize/sensitivity/kept_search.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace trtprof::sensitivity {
namespace {

constexpr double kWholeBudget = 1.0;
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

// ranking_.size() when not even that holds, or when it is the first that does.
Result<std::size_t> KeptSearch::fewest(bool& out_of_time) {
  const std::size_t all = ranking_.size();
  std::size_t fails = 0;
  std::size_t holds = all;
  for (std::size_t kept = 1; kept < all; kept *= 2) {
    if (!trials_.time_left(kWholeBudget)) {
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
    if (!trials_.time_left(kWholeBudget)) {
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

Status KeptSearch::take_back(KeptGroups& kept) {
  for (std::size_t i = kept.groups.size() - 1; i-- > 0;) {  // the last of them is needed: one fewer was seen to fail
    if (!trials_.time_left(kWholeBudget)) {
      kept.out_of_time = true;
      return {};
    }
    std::vector<std::size_t> fewer = kept.groups;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    trials_.say(fmt::format("converting all but {} of {} groups", fewer.size(), ranking_.size()),
                trials_.seconds() / trials_.budget());
    const auto trial = trials_.all_but(fewer);
    if (!trial && trial.error().code != ErrorCode::failed) return forward_error(trial);
    if (!trial || !trial->passed) continue;
    kept.groups = std::move(fewer);
    kept.score = trial->score;
    ++kept.not_needed;
  }
  return {};
}

Result<KeptGroups> KeptSearch::search() {
  KeptGroups kept;
  const auto none = point(0);
  if (!none) return forward_error(none);
  if (none->passed) return KeptGroups{true, {}, none->score, false, 0};
  const auto count = fewest(kept.out_of_time);
  if (!count) return forward_error(count);
  const auto held = point(*count);
  if (!held) return forward_error(held);
  kept.found = held->passed;
  kept.score = held->score;
  kept.groups.assign(ranking_.begin(), ranking_.begin() + static_cast<std::ptrdiff_t>(*count));
  if (!kept.found || kept.out_of_time) return kept;
  if (const Status less = take_back(kept); !less) return forward_error(less);
  return kept;
}

Result<bool> KeptSearch::take_curve() {
  for (std::size_t kept = 0; kept <= ranking_.size(); kept = std::max<std::size_t>(kept * 2, 1)) {
    if (!trials_.time_left(kWholeBudget)) return false;
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
