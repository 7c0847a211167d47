// `optimize MODEL -o FILE --budget TIME`: the loop from its beginning to its end.
#pragma once

#include "settings.h"
#include "trtprof/base/error.h"

namespace trtprof::cli {

// The exit code. FILE is there from the beginning on, first the model that was given, then the best so far.
[[nodiscard]] Result<int> optimize_in_loop(const Settings& settings);

}  // namespace trtprof::cli
