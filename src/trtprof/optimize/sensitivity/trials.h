// Trials of one conversion, counted, timed, and stopped by the budget or the user. Private to sensitivity/.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "trtprof/optimize/sensitivity/sensitivity.h"

namespace trtprof::sensitivity {

struct Trial {
  TrialScore score;
  bool passed = true;  // the gates, where they were judged
};

class Trials {
 public:
  Trials(const SensitivityTask& task, const SensitivityOptions& options, Progress& progress, const StopFlag& stop);

  // These groups alone are converted; on the samples of the ranking. An error is this trial's own.
  [[nodiscard]] Result<TrialScore> converted_alone(std::span<const std::size_t> groups);
  // All but these; on all data, judged.
  [[nodiscard]] Result<Trial> all_but(std::span<const std::size_t> kept);

  [[nodiscard]] const std::vector<PrecisionGroup>& groups() const { return task_.groups; }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] double seconds() const { return clock_() - started_; }
  [[nodiscard]] double last_seconds() const { return last_alone_; }  // of converted_alone()
  [[nodiscard]] double budget() const { return options_.budget; }
  // Is there time for another converted_alone() as long as the last one, of this share of the budget?
  [[nodiscard]] bool time_left(double share) const;
  // For another all_but(), of the whole budget; before the first one, as long as one of few samples.
  [[nodiscard]] bool time_left_for_all() const { return trials_left() > 0; }
  // How many of them.
  [[nodiscard]] std::size_t trials_left() const;
  // ErrorCode::interrupted is what a trial fails with then.
  [[nodiscard]] bool stopped() const { return stop_.requested(); }
  void say(std::string_view what, double fraction);

 private:
  [[nodiscard]] Result<AccuracyResult> run(const std::vector<std::string>& kept, std::optional<std::size_t> samples);

  const SensitivityTask& task_;
  const SensitivityOptions& options_;
  Progress& progress_;
  const StopFlag& stop_;
  std::function<double()> clock_;
  double started_ = 0.0;
  double last_alone_ = 0.0;
  double last_all_ = 0.0;
  std::size_t count_ = 0;
};

}  // namespace trtprof::sensitivity
