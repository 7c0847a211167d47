// The traced run: inferences with every kernel, copy and call recorded, summed up as they come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
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

  // The kernels of the first inference are the ones. An inference that runs others is counted in
  // Timeline::different_inferences; kernels of several streams may start in another order.
  void add(const TracedRun& run);
  [[nodiscard]] std::int64_t inferences() const { return inferences_; }
  // Numbers kept in series, for a limit on them.
  [[nodiscard]] std::size_t values() const { return values_; }

  // Without `measurement`. To be called once, after the last inference.
  [[nodiscard]] Timeline finish(const TraceFacts& facts);

 private:
  // What an inference did, per thing that it did several times.
  struct Total {
    double count = 0.0;
    double bytes = 0.0;
    double seconds = 0.0;
  };
  // The same over all inferences.
  struct Totals {
    double count = 0.0;
    double bytes = 0.0;
    std::vector<double> seconds;  // of each inference
  };
  // A kernel of the first inference, and what was seen of it in all.
  struct Kernel {
    std::int64_t launch = -1;  // index into TraceFacts::launches
    std::string name;
    std::string layer;
    std::vector<double> seconds;
    std::vector<double> gaps;
    std::vector<double> delays;
  };
  using TransferKey = std::pair<std::string, std::string>;  // what, memory
  using CallKey = std::pair<std::string, bool>;             // name, synchronization

  // For each kernel of the run, by start, its index in kernels_; nullopt: the run has others.
  [[nodiscard]] std::optional<std::vector<std::size_t>> match(const std::vector<const Activity*>& kernels) const;
  void learn_kernels(const std::vector<const Activity*>& kernels);
  void add_device_times(const TracedRun& run, const std::vector<const Activity*>& kernels,
                        const std::vector<std::size_t>& places);
  void add_totals(const TracedRun& run);
  void keep(const TracedRun& run, const std::vector<const Activity*>& kernels, const std::vector<std::size_t>& places);

  double epoch_;
  std::int64_t detailed_;
  std::int64_t inferences_ = 0;  // those in the series
  std::int64_t different_ = 0;
  std::size_t values_ = 0;
  bool delays_complete_ = true;
  std::vector<Kernel> kernels_;
  std::vector<double> span_;
  std::vector<double> busy_;
  std::vector<double> sum_;
  std::vector<double> idle_;
  std::vector<double> compute_;
  std::map<TransferKey, Totals> transfers_;
  std::map<CallKey, Totals> calls_;
  std::vector<Activity> activities_;
};

inline constexpr std::int64_t kDetailedInferences = 10;

// Times of activities become seconds since MeasureContext::epoch. Collects as measure_end_to_end() does.
[[nodiscard]] Result<Timeline> measure_timeline(CompiledModel& model, const MeasureOptions& options,
                                                MeasureContext& context);

// Some engines number layers anew at every load (OpenVINO: "Multiply_21864", then "Multiply_34891"). Gives the layers
// of the timeline the names that they have in `known`: the first of a type with these origins is the first again, in
// execution order. What has no counterpart there has no layer. `traced`: CompiledModel::layers() of the traced model.
void adopt_layer_names(Timeline& timeline, const std::vector<Layer>& traced, const std::vector<Layer>& known);

}  // namespace trtprof
