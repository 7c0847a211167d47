// The traced run: inferences with every kernel, copy and call recorded, summed up as they come.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/backend/backend.h"
#include "trtprof/measure/measure.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

// Takes traced inferences one at a time; what it keeps does not grow with them beyond a few numbers each.
class TimelineCollector {
 public:
  // `detailed`: inferences whose activities are kept one by one (Timeline::activities). `epoch`: the beginning of the
  // measurement on the activities' clock.
  TimelineCollector(double epoch, std::int64_t detailed) : epoch_(epoch), detailed_(detailed) {}

  // The kernels of the first inference are the ones; another sequence is counted in Timeline::different_inferences.
  void add(const TracedRun& run);
  [[nodiscard]] std::int64_t inferences() const { return inferences_; }

  // Without `measurement`.
  [[nodiscard]] Timeline finish(const TraceFacts& facts);

 private:
  struct Group;

  void add_kernels(const TracedRun& run);
  void add_groups(const TracedRun& run);
  void keep(const TracedRun& run);

  double epoch_;
  std::int64_t detailed_;
  std::int64_t inferences_ = 0;
  std::vector<std::int64_t> sequence_;  // launches of the first inference
  Timeline timeline_;
};

inline constexpr std::int64_t kDetailedInferences = 10;

// Half as many inferences as the layer run by default, for records cost time and memory.
[[nodiscard]] MeasureOptions timeline_defaults();

// `epoch`: the beginning of the measurement by `context.clock`.
[[nodiscard]] Result<Timeline> measure_timeline(CompiledModel& model, const MeasureOptions& options, double epoch,
                                                MeasureContext& context);

}  // namespace trtprof
