// The loop both collectors share: warm up, sample until the rule or the user says stop, summarise. Private to measure/.
#pragma once

#include <functional>
#include <string_view>

#include "trtprof/measure/measure.h"

namespace trtprof {

enum class Purpose { warmup, sample };

struct Series {
  std::string_view name;          // in errors: "layer run"
  std::string_view run;           // for RunObserver: "layers"
  std::string_view warmup_phase;  // for Progress
  std::string_view sample_phase;
  std::function<Result<double>(Purpose)> run_once;  // one inference and its seconds
  std::function<bool()> full;                       // no room for more samples; may be empty: never
  std::function<void()> samples_begin = {};         // after the warm-up; may be empty
  std::function<void()> samples_end = {};           // always after samples_begin, failures included
};

struct Sampled {
  MeasurementInfo measurement;  // all but the method
  SampleSeries total;
};

[[nodiscard]] Result<Sampled> sample(const Series& series, const MeasureOptions& options, MeasureContext& context);

// Finite and not negative.
[[nodiscard]] bool is_a_time(double seconds);

}  // namespace trtprof
