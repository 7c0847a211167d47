// An inference's time by what it goes to. Private to diagnose/.
#pragma once

#include <optional>
#include <vector>

#include "trtprof/diagnose/verdict.h"

namespace trtprof {

struct InferenceParts {
  double end_to_end = 0.0;
  double transfers = 0.0;
  double inside = 0.0;                // compute: end to end without copies
  std::optional<double> device_busy;  // of `inside`; nullopt: nobody told kernels and gaps apart
  std::optional<double> gaps;         // of `inside`, without what tracing added; likewise
  std::optional<double> enqueue;      // the host's time to launch it
  std::optional<double> interval;     // between completions, with several inferences under way
  bool gpu = false;
  bool graph = false;  // launched as one

  // Kernels are launched one by one, and by a host that is hardly ahead of the device: it sets the pace.
  [[nodiscard]] bool paced_by_launches() const;
};

[[nodiscard]] InferenceParts parts_of(const Profile& profile, const TimeAccount& account);

// Every kind once; layers' times are fitted to the time in which they can have run, what is not known is `unknown`.
[[nodiscard]] std::vector<TimeShare> shares_of(const Profile& profile, const InferenceParts& parts,
                                               const Roofline* roofline);

}  // namespace trtprof
