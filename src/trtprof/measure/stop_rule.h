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

class StopRule {
 public:
  explicit StopRule(const StopRuleOptions& options);
  // A sample in seconds, and the seconds since the measurement began. Returns why to stop, or nullopt to go on.
  [[nodiscard]] std::optional<StopReason> add(double sample, double elapsed);
  // Half the median's interval over the median; nullopt while there are too few samples.
  [[nodiscard]] std::optional<double> relative_half_width() const;
  [[nodiscard]] const std::vector<double>& samples() const { return samples_; }
  // In [0, 1], for a progress bar.
  [[nodiscard]] double fraction_done(double elapsed) const;

 private:
  StopRuleOptions options_;
  std::vector<double> samples_;
  std::size_t next_check_ = 0;  // the interval costs a sort, so it is looked at on a geometric schedule
  std::optional<double> half_width_;
};

struct WarmupOptions {
  std::optional<std::int64_t> iterations;  // exactly this many
  std::int64_t min_iterations = 5;
  double min_seconds = 0.2;
  double max_seconds = 5.0;
};

// Steady when the median of the newest window is no lower than that of the window before by more than the noise of
// both: times fall while caches, clocks and code generation settle, then stay.
class Warmup {
 public:
  explicit Warmup(const WarmupOptions& options);
  // Returns true when warm-up is over.
  [[nodiscard]] bool add(double sample, double elapsed);
  [[nodiscard]] bool steady() const { return steady_; }
  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(samples_.size()); }

 private:
  WarmupOptions options_;
  std::vector<double> samples_;
  bool steady_ = false;
};

}  // namespace trtprof
