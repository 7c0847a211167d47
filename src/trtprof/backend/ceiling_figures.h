// Figures of what a device can do from the times of runs. Shared by the modules, which do the running.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/backend/backend.h"
#include "trtprof/base/error.h"
#include "trtprof/base/progress.h"
#include "trtprof/base/stop_flag.h"
#include "trtprof/profile/device_ceilings.h"

namespace trtprof {

// Does one run and returns its seconds.
using TimedRun = std::function<Result<double>()>;

// Runs twice unseen, then until the samples add up to `seconds`: at least 5, at most 1000 of them. Stopped:
// ErrorCode::interrupted. A run that takes no time is an error: the clock is too coarse for it.
[[nodiscard]] Result<std::vector<double>> sample_runs(double seconds, const StopFlag& stop, const TimedRun& run);

// `work` (bytes, operations) of each run over its seconds. `seconds` must not be empty and be above 0.
[[nodiscard]] CeilingFigure rate_figure(CeilingKind kind, double work, std::span<const double> seconds,
                                        std::string source);
[[nodiscard]] CeilingFigure cost_figure(CeilingKind kind, std::span<const double> seconds, std::string source);

// Of several ways to use the same unit, what the best of them reached. nullptr where there is none.
[[nodiscard]] const CeilingFigure* best_rate(std::span<const CeilingFigure> figures);

// Gathers the figures of a device one after the other.
class CeilingCollector {
 public:
  // `steps`: how many take() calls there will be, for the progress.
  CeilingCollector(DeviceCeilings device, std::size_t steps, Progress& progress, const StopFlag& stop);

  // Does nothing once the user asked to stop. What cannot be measured is kept with its reason; `what` is a few words
  // for the progress. Samples that lie far apart are noted. `measure` fills the figure's spread.
  void take(CeilingKind kind, std::string_view what, const std::function<Result<CeilingFigure>()>& measure);
  void skip(CeilingKind kind, std::string reason);
  void note(std::string sentence) { result_.notes.push_back(std::move(sentence)); }

  // An error where there is no figure at all: the first reason, or ErrorCode::interrupted.
  [[nodiscard]] Result<MeasuredCeilings> finish();

 private:
  MeasuredCeilings result_;
  std::size_t steps_;
  std::size_t done_ = 0;
  Progress& progress_;
  const StopFlag& stop_;
  Error first_error_;
};

}  // namespace trtprof
