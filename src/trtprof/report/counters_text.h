// Hardware counters as text.
#pragma once

#include <iosfwd>

#include "trtprof/profile/profile.h"

namespace trtprof {

struct CountersTextOptions {
  bool color = false;
  bool kernels = true;  // the list of kernels, in launch order
};

// Of kernels: two tables, what was computed and what was moved, a row a layer where kernels are joined to layers, else
// a row a kernel, and a last one for the inference; then the kernels in launch order. Of a whole run (perf): its totals
// for an inference. Then the tool's notes. Nothing for a profile without counters.
void write_counters_text(std::ostream& out, const Profile& profile, const CountersTextOptions& options);

}  // namespace trtprof
