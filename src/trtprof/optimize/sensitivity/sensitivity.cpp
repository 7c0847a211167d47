#include "trtprof/optimize/sensitivity/sensitivity.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/optimize/sensitivity/kept_search.h"
#include "trtprof/optimize/sensitivity/ranking.h"
#include "trtprof/optimize/sensitivity/trials.h"

namespace trtprof {
namespace {

using sensitivity::KeptGroups;
using sensitivity::KeptSearch;
using sensitivity::RankedGroup;
using sensitivity::Ranking;
using sensitivity::Trials;

// Of the budget: the rest is for the search, whose trials run on all data.
constexpr double kForRanking = 0.5;

class Measurement {
 public:
  Measurement(const SensitivityTask& task, const SensitivityOptions& options, Progress& progress, const StopFlag& stop)
      : task_(task), options_(options), trials_(task, options, progress, stop) {
    report_.groups = task.groups.size();
  }

  Result<SensitivityReport> run() {
    if (task_.groups.empty()) {
      report_.notes.emplace_back("the conversion leaves every layer as it is: there is nothing to try");
      return std::move(report_);
    }
    if (const Status needed = look_at_all(); !needed) return forward_error(needed);
    if (rank_ || options_.rank) {
      if (const Status ranked = rank(); !ranked) return forward_error(ranked);
    }
    report_.trials = trials_.count();
    report_.seconds = trials_.seconds();
    return std::move(report_);
  }

 private:
  // Nothing is to be left out where the gates hold as it is, and then no ranking is needed for that.
  Status look_at_all() {
    if (!options_.find_kept) return {};
    const auto all = trials_.all_but({});
    if (!all) return forward_error(all);
    report_.searched = true;
    report_.found = all->passed;
    report_.kept_score = all->score;
    report_.curve = {{0, all->score, all->passed}};
    all_converted_ = *all;
    rank_ = !all->passed;
    return {};
  }

  Status rank() {
    const auto ranking = sensitivity::rank_groups(trials_, kForRanking);
    if (!ranking) return forward_error(ranking);
    std::vector<std::size_t> order;
    for (const RankedGroup& group : ranking->groups) {
      order.push_back(group.group);
      report_.ranking.push_back(group.found);
    }
    report_.out_of_time = ranking->out_of_time;
    const bool told_apart = tells_groups_apart();
    told_apart ? remark_ranking() : drop_ranking();
    if (!told_apart && !rank_) return {};
    KeptSearch search(trials_, std::move(order));
    if (all_converted_) search.know(0, *all_converted_);
    const Status done = rank_ ? find_kept(search) : take_curve(search);
    if (done && told_apart) report_.curve = search.curve();
    if (!search.failure().empty()) {
      report_.notes.push_back(fmt::format("not every trial could be run: {}", search.failure()));
    }
    return done;
  }

  // One trial of all of them says nothing of any.
  [[nodiscard]] bool tells_groups_apart() const {
    const std::size_t all = report_.ranking.size();
    return all == 1 || std::ranges::any_of(report_.ranking, [all](const GroupSensitivity& found) {
             return found.together < all && (found.score || !found.failure.empty());
           });
  }

  void drop_ranking() {
    report_.ranking.clear();
    report_.notes.push_back(
        fmt::format("the budget of {} was over before any trial told groups apart: there is no ranking{}",
                    format_duration(options_.budget), rank_ ? ", and groups were left out in the graph's order" : ""));
  }

  void remark_ranking() {
    std::size_t untried = 0;
    std::size_t together = 0;
    for (const GroupSensitivity& group : report_.ranking) {
      untried += group.score ? 0U : 1U;
      together += group.score && group.together > 1 ? 1U : 0U;
    }
    if (together > 0) {
      report_.notes.push_back(fmt::format(
          "{} of {} groups were converted together with others, whose error is theirs, too: for each alone the budget "
          "of {} was too short",
          together, report_.groups, format_duration(options_.budget)));
    }
    if (untried > 0) {
      report_.notes.push_back(
          fmt::format("{} of {} groups were not tried or could not be run, and come last", untried, report_.groups));
    }
  }

  Status take_curve(KeptSearch& search) {
    const auto complete = search.take_curve();
    if (!complete) return forward_error(complete);
    if (!*complete) report_.notes.emplace_back("the budget was over before the cumulative trials were");
    report_.out_of_time = report_.out_of_time || !*complete;
    return {};
  }

  Status find_kept(KeptSearch& search) {
    const auto kept = search.search();
    if (!kept) return forward_error(kept);
    report_.found = kept->found;
    report_.kept_score = kept->score;
    report_.out_of_time = report_.out_of_time || kept->out_of_time;
    for (const std::size_t group : kept->groups) report_.kept.push_back(task_.groups[group]);
    remark_kept(*kept);
    return {};
  }

  void remark_kept(const KeptGroups& kept) {
    if (!kept.found) {
      report_.notes.emplace_back(
          "the gates do not hold with every group left out either: what is lost is lost outside of them");
    } else if (kept.out_of_time) {
      report_.notes.emplace_back("the budget was over before it was known whether fewer groups would do");
    }
    if (kept.not_needed > 0) {
      report_.notes.push_back(fmt::format("{} of the first in the ranking {} converted all the same: the gates hold",
                                          kept.not_needed, kept.not_needed == 1 ? "is" : "are"));
    }
  }

  const SensitivityTask& task_;
  const SensitivityOptions& options_;
  Trials trials_;
  SensitivityReport report_;
  std::optional<sensitivity::Trial> all_converted_;
  bool rank_ = false;  // because something has to be left out
};

}  // namespace

std::vector<std::string> SensitivityReport::kept_nodes() const {
  std::vector<std::string> nodes;
  for (const PrecisionGroup& group : kept) nodes.insert(nodes.end(), group.nodes.begin(), group.nodes.end());
  return nodes;
}

Result<SensitivityReport> measure_sensitivity(const SensitivityTask& task, const SensitivityOptions& options,
                                              Progress& progress, const StopFlag& stop) {
  auto report = Measurement(task, options, progress, stop).run();
  progress.finish();
  return report;
}

}  // namespace trtprof
