// What rules about the batch look at. Private to the rules.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "trtprof/diagnose/rules/device_fill.h"
#include "trtprof/diagnose/rules/inference_times.h"
#include "trtprof/diagnose/subject.h"
#include "trtprof/diagnose/time_shares.h"

namespace trtprof::rules {

struct Batch {
  const Subject& subject;
  InferenceParts parts;
  InferenceTimes times;
  std::int64_t size = 1;
  SmallLayers small;
  double constant = 0.0;  // seconds that hardly grow with the batch: small layers, gaps
  double grows = 0.0;     // seconds of layers that memory or arithmetic binds
  double rounds = 0.0;    // blocks a multiprocessor of those, median by time; 0: not known

  [[nodiscard]] std::string summary() const;  // "of an inference of batch 8, 12% hardly grow with the batch ..."
};

// nullopt: `why_not` says what is missing, or that it is about GPUs, and `known` which of the two.
struct WhyNoBatch {
  std::string reason;
  bool known = false;
};
[[nodiscard]] std::optional<Batch> batch_of(const Subject& subject, WhyNoBatch& why);

}  // namespace trtprof::rules
