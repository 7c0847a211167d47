// A model diagnosed and what the diagnosis blames tried out, from beginning to end.
#pragma once

#include <string>

#include "settings.h"
#include "trtprof/base/error.h"
#include "trtprof/optimize/experiment.h"

namespace trtprof::cli {

// `settings` are those of an `optimize` command line: where, with which shapes, how many launches. `model`: a file that
// `profile` takes. The model is profiled as this program runs it and, on a device with memory of its own, as programs
// that know no better do: pageable and blocking copies, launches without a graph. What the findings of each name is
// launched against it in turns. Progress on standard error; ErrorCode::interrupted when the user stopped it.
[[nodiscard]] Result<ExperimentsReport> run_experiments(const Settings& settings, const std::string& model);

}  // namespace trtprof::cli
