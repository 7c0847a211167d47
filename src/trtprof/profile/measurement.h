// A series of samples, and how it came about.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/base/statistics.h"

namespace trtprof {

// Samples in seconds in the order they were taken, and their summary. An import that saw only aggregates has an empty
// `samples` and a `summary`.
struct SampleSeries {
  std::vector<double> samples;
  std::optional<Summary> summary;
  bool operator==(const SampleSeries&) const = default;
};

enum class StopReason {
  converged,     // the median's interval is as narrow as asked
  iterations,    // the number asked for was reached
  max_duration,  // time ran out before it converged
  interrupted,   // the user stopped it: partial
  failed,        // an inference failed after these: partial
};

// How a series came about.
struct MeasurementInfo {
  std::optional<std::int64_t> warmup_iterations;
  std::optional<double> warmup_seconds;
  std::optional<bool> warmup_steady;  // false: still drifting when the warm-up's time was up
  std::optional<std::int64_t> iterations;
  std::optional<double> duration_seconds;
  std::optional<StopReason> stop_reason;
  std::optional<double> target_relative_half_width;  // of the median's 95 % interval
  std::optional<double> achieved_relative_half_width;
  std::string method;  // one sentence: what was timed, and by which clock
  bool operator==(const MeasurementInfo&) const = default;
};

}  // namespace trtprof
