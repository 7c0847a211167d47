// How many of the worst groups have to be left out for the gates to hold. Private to sensitivity/.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "trtprof/optimize/sensitivity/trials.h"

namespace trtprof::sensitivity {

struct KeptGroups {
  bool found = false;
  std::vector<std::size_t> groups;  // places in the task, the worst first; empty where nothing was found
  std::optional<TrialScore> score;  // with them left out
  bool out_of_time = false;
  std::size_t not_needed = 0;  // of the first in the ranking that could be converted after all
};

class KeptSearch {
 public:
  // `ranking`: places in the task, the worst first.
  KeptSearch(Trials& trials, std::vector<std::size_t> ranking) : trials_(trials), ranking_(std::move(ranking)) {}

  // A point that is known already.
  void know(std::size_t kept, const Trial& trial) { points_.emplace(kept, trial); }
  // With the first `kept` of the ranking left out. Measured once.
  [[nodiscard]] Result<Trial> point(std::size_t kept);

  // Few enough of the ranking's first: none, 1, 2, 4 and so on until the gates hold, then between the last two by
  // halves; in larger steps where the time is short. More left out is not always better, so that every number that
  // comes out of it was measured and holds; what was skipped is not claimed to fail. Then each of them is tried with
  // the others left out, the least bad first: what the gates hold without is taken back, again and again until none of
  // them can be, while there is time. That is no proof that no other set is smaller. Out of time, all of the ranking
  // are left out, or what the last trial that held had.
  [[nodiscard]] Result<KeptGroups> search();
  // Points at 0, 1, 2, 4, ... as far as the ranking goes, while there is time; false when it is over.
  [[nodiscard]] Result<bool> take_curve();

  [[nodiscard]] std::vector<CumulativePoint> curve() const;
  // Of the last trial that could not be run, which counts as one whose gates do not hold; "": all could.
  [[nodiscard]] const std::string& failure() const { return failure_; }

 private:
  [[nodiscard]] std::size_t next_after(std::size_t fails) const;
  [[nodiscard]] Result<std::size_t> first_that_hold(bool& out_of_time);
  [[nodiscard]] bool is_known_to_fail(const std::vector<std::size_t>& kept) const;
  // false: it is needed, or the time is over.
  [[nodiscard]] Result<bool> take_one_back(KeptGroups& kept, std::size_t place);
  [[nodiscard]] Status take_back(KeptGroups& kept);

  Trials& trials_;
  std::vector<std::size_t> ranking_;
  std::map<std::size_t, Trial> points_;
  std::set<std::vector<std::size_t>> failed_;  // of those taken back
  std::string failure_;
};

}  // namespace trtprof::sensitivity
