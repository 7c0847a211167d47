// Several compiled models timed side by side in one process, so that what the machine does meanwhile falls on all of
// them alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "trtprof/backend/backend.h"
#include "trtprof/base/error.h"
#include "trtprof/measure/measure.h"

namespace trtprof {

struct RoundOptions {
  double slot_seconds = 5e-3;   // a model's turn: at least this long,
  std::int64_t slot_runs = 3;   // and this many inferences
  std::size_t min_rounds = 12;  // before `enough` is asked
  double max_seconds = 8.0;     // no round begins after that, but for the few that an interval takes
};

// A round takes the models forwards and then backwards (A B C C B A), so that a steady drift cancels within it. A turn
// is one inference that is thrown away, because the model before left its own data in the caches, and then those that
// count; its figure is their median. By model, in the order given: the mean of its two turns, one for each round.
struct Rounds {
  std::vector<std::vector<double>> seconds;
  bool interrupted = false;  // by the user
  [[nodiscard]] std::size_t count() const { return seconds.empty() ? 0 : seconds.front().size(); }
};

// One inference of a model and its seconds.
using TimedRun = std::function<Result<double>()>;

// `enough` is asked after each round beyond the fewest. Each model is warmed up before.
[[nodiscard]] Result<Rounds> take_rounds(std::span<const TimedRun> models, const RoundOptions& options,
                                         MeasureContext& context, const std::function<bool(const Rounds&)>& enough);

// By the device's own clock where there is one, else as a caller waits.
[[nodiscard]] TimedRun end_to_end_run(CompiledModel& model);

}  // namespace trtprof
