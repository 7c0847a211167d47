// When to stop measuring. Fed one number at a time; knows no clock, so it is tested with synthetic streams.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "trtprof/base/statistics.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

struct StopRuleOptions {
  std::optional<std::int64_t> iterations;  // exactly this many, whatever the noise
  std::int64_t min_iterations = 30;
  double min_seconds = 1.0;  // of measuring
  double max_seconds = 15.0;
  double target_relative_half_width = 0.01;  // of the median's 95 % interval
};

// The rule looks at the median's interval when the number of samples has grown by a quarter since the last look, and
// once more when both minimums are first met. Looking at every sample would cost a sort each, and would stop at the
// luckiest moment instead of when the interval has become narrow. Correlated samples and drift widen the interval
// (see median_interval), so they need more samples, or never converge and end by `max_seconds`.
class StopRule {
 public:
  explicit StopRule(const StopRuleOptions& options);
  // A sample in seconds, and the seconds since the measurement began. Returns why to stop, or nullopt to go on.
  // `max_seconds` ends it even below `min_iterations`: one inference may take longer than that.
  [[nodiscard]] std::optional<StopReason> add(double sample, double elapsed);
  // Half the median's interval over the median, as of the last look; nullopt while there are too few samples, and
  // where the median is zero (times below the resolution of the clock).
  [[nodiscard]] std::optional<double> relative_half_width() const { return half_width_; }
  // As of the last look; nullopt before the first.
  [[nodiscard]] std::optional<double> current_median() const { return median_; }
  [[nodiscard]] const std::vector<double>& samples() const { return samples_; }
  // In [0, 1], for a progress bar.
  [[nodiscard]] double fraction_done(double elapsed) const;

 private:
  [[nodiscard]] bool minimums_met(double elapsed) const;
  [[nodiscard]] bool narrow_enough() const;
  void look();

  StopRuleOptions options_;
  std::vector<double> samples_;
  std::size_t next_look_;
  bool minimums_were_met_ = false;
  std::optional<double> median_;
  std::optional<double> half_width_;
};

// Half of `interval` over `median`; nullopt without an interval or for a median of zero.
[[nodiscard]] std::optional<double> relative_half_width(double median, const std::optional<Interval>& interval);

struct WarmupOptions {
  std::optional<std::int64_t> iterations;  // exactly this many; 0: none
  std::int64_t min_iterations = 5;
  double min_seconds = 0.2;
  double max_seconds = 5.0;
};

// Steady when the median of the newest window is no lower than that of the window before by more than the noise of
// both, twice in a row: times fall while caches, clocks and code generation settle, then stay. A window is the newest
// fifth of all samples, so the beginning, which holds the cold start, is never judged. Windows that are too noisy to
// show a fall of 2 % decide nothing: warm-up goes on. Times that rise do not count: that is the machine slowing down,
// which the measurement must see.
class Warmup {
 public:
  explicit Warmup(const WarmupOptions& options);
  // Over before it began: none was asked for.
  [[nodiscard]] bool is_over() const { return over_; }
  // Returns true when warm-up is over.
  [[nodiscard]] bool add(double sample, double elapsed);
  [[nodiscard]] bool steady() const { return verdict_ == true; }
  // false: still falling at the end; nullopt: too few samples to tell, or too noisy.
  [[nodiscard]] std::optional<bool> verdict() const { return verdict_; }
  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(samples_.size()); }
  // In [0, 1], for a progress bar.
  [[nodiscard]] double fraction_done(double elapsed) const;

 private:
  [[nodiscard]] bool time_to_stop(double elapsed) const;
  void look();

  WarmupOptions options_;
  std::vector<double> samples_;
  std::size_t next_look_;
  bool over_ = false;
  std::optional<bool> verdict_;
};

}  // namespace trtprof
