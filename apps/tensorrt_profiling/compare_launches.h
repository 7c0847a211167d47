// Both sides of `compare` launched in turns, each launch a process of its own: this program, profiling.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compare_sides.h"
#include "settings.h"
#include "trtprof/base/error.h"
#include "trtprof/base/file.h"
#include "trtprof/base/progress.h"
#include "trtprof/base/stop_flag.h"

namespace trtprof::cli {

// How sure an interval must be at the `look`-th look (from 0) for all looks together to be wrong in at most 5 %: the
// allowance is halved from look to look, and what is left after any number of them is never used up (Bonferroni with
// unequal shares). Without a budget there is one look, at 95 %.
[[nodiscard]] double level_of_look(int look, bool budget);

// What a launch that failed said: its last error and hint, with `what` it was in place of the names in them.
[[nodiscard]] Error launch_failure(const std::string& said, int exit_code, const std::string& what);

class CompareLaunches {
 public:
  CompareLaunches(const Settings& settings, CompareSides& sides, Progress& progress, const StopFlag& stop)
      : settings_(settings), sides_(sides), progress_(progress), stop_(stop) {}

  // Adds a profile a launch to each side that is measured. A launch that fails is an error, with what it said.
  Status run();
  // The interval's level: below 95 % never, above it with --budget.
  [[nodiscard]] double level() const { return level_; }
  // Looks that were taken, with --budget.
  [[nodiscard]] int looks() const { return looks_; }
  // Was it stopped before all launches that were asked for?
  [[nodiscard]] bool interrupted() const { return interrupted_; }

 private:
  struct Launched {
    CompareSide* side;
    std::filesystem::path file;  // that is profiled: the operand, or an engine built from it
  };
  Status prepare_folders();
  Status run_builds();
  Status run_until_decided();
  Status run_turn(const std::vector<Launched>& both);
  Status build(CompareSide& side, const std::filesystem::path& engine);
  Status launch(const Launched& launched);
  [[nodiscard]] std::vector<Launched> measured() const;
  [[nodiscard]] std::filesystem::path profile_path(const CompareSide& side) const;
  [[nodiscard]] bool decided();
  [[nodiscard]] double seconds() const;
  void say(const std::string& phase);

  const Settings& settings_;
  CompareSides& sides_;
  Progress& progress_;
  const StopFlag& stop_;
  std::optional<TemporaryFolder> folder_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  int turns_ = 0;
  int planned_ = 0;  // launches in all
  int done_ = 0;
  double level_ = 0.95;
  int looks_ = 0;
  bool interrupted_ = false;
};

}  // namespace trtprof::cli
