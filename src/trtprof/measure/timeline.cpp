#include "trtprof/measure/timeline.h"

#include <algorithm>
#include <limits>
#include <ranges>
#include <set>

#include <fmt/format.h>

#include "trtprof/measure/sampling.h"

namespace trtprof {
namespace {

// As kMaxLayerValues of the layer run: three numbers for each kernel and inference are kept.
constexpr std::size_t kMaxTimelineValues = 2'000'000;

bool is_transfer(const Activity& activity) {
  return activity.kind == ActivityKind::copy || activity.kind == ActivityKind::fill;
}

bool is_call(const Activity& activity) {
  return activity.kind == ActivityKind::host_call || activity.kind == ActivityKind::synchronization;
}

double seconds_of(const Activity& activity) {
  return activity.end - activity.start;
}

std::vector<const Activity*> of_kind(const TracedRun& run, ActivityKind kind) {
  std::vector<const Activity*> found;
  for (const Activity& activity : run.activities) {
    if (activity.kind == kind) found.push_back(&activity);
  }
  std::ranges::stable_sort(found, {}, &Activity::start);
  return found;
}

SampleSeries series_of(std::vector<double> samples) {
  SampleSeries series;
  series.samples = std::move(samples);
  if (!series.samples.empty()) series.summary = summarize(series.samples);
  return series;
}

// Walks the device's work by start and tells what part of it nothing else covered.
class Occupation {
 public:
  explicit Occupation(double start, double end) : start_(start), end_(end), covered_until_(start) {}
  // Time before `activity` that nothing covered, within the span. Activities come by start.
  double add(const Activity& activity) {
    const double from = std::clamp(activity.start, start_, end_);
    const double to = std::clamp(activity.end, start_, end_);
    const double idle = std::max(0.0, from - covered_until_);
    busy_ += std::max(0.0, to - std::max(from, covered_until_));
    covered_until_ = std::max(covered_until_, to);
    return idle;
  }
  [[nodiscard]] double busy() const { return busy_; }

 private:
  double start_;
  double end_;
  double covered_until_;
  double busy_ = 0.0;
};

}  // namespace

MeasureOptions timeline_defaults() {
  MeasureOptions options = layer_run_defaults();
  options.stop.min_seconds /= 2;
  options.stop.max_seconds /= 2;
  return options;
}

std::optional<std::vector<std::size_t>> TimelineCollector::match(const std::vector<const Activity*>& kernels) const {
  if (kernels.size() != kernels_.size()) return std::nullopt;
  std::vector<std::size_t> places(kernels.size());
  bool same_order = true;
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    places[i] = i;
    same_order = same_order && kernels[i]->kernel.value_or(-1) == kernels_[i].launch;
  }
  if (same_order) return places;
  // Kernels on streams side by side start in one order or another: the first launch of this kind for this layer is the
  // first again.
  using Key = std::pair<std::int64_t, std::string_view>;
  std::map<Key, std::vector<std::size_t>> waiting;
  for (std::size_t i = kernels_.size(); i-- > 0;) waiting[{kernels_[i].launch, kernels_[i].layer}].push_back(i);
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    const auto found = waiting.find(Key(kernels[i]->kernel.value_or(-1), kernels[i]->layer));
    if (found == waiting.end() || found->second.empty()) return std::nullopt;
    places[i] = found->second.back();
    found->second.pop_back();
  }
  return places;
}

void TimelineCollector::learn_kernels(const std::vector<const Activity*>& kernels) {
  kernels_.reserve(kernels.size());
  for (const Activity* activity : kernels) {
    Kernel& kernel = kernels_.emplace_back();
    kernel.launch = activity->kernel.value_or(-1);
    kernel.name = activity->name;
    kernel.layer = activity->layer;
  }
}

void TimelineCollector::add(const TracedRun& run) {
  const std::vector<const Activity*> kernels = of_kind(run, ActivityKind::kernel);
  if (inferences_ == 0) learn_kernels(kernels);
  const auto places = match(kernels);
  if (!places) {
    ++different_;
    return;
  }
  add_device_times(run, kernels, *places);
  add_totals(run);
  if (run.times.compute) compute_.push_back(*run.times.compute);
  if (inferences_ < detailed_) keep(run, kernels, *places);
  ++inferences_;
}

void TimelineCollector::add_device_times(const TracedRun& run, const std::vector<const Activity*>& kernels,
                                         const std::vector<std::size_t>& places) {
  const ActivityKind executed = kernels.empty() ? ActivityKind::layer : ActivityKind::kernel;
  std::vector<const Activity*> work = kernels.empty() ? of_kind(run, ActivityKind::layer) : kernels;
  double begin = std::numeric_limits<double>::infinity();
  double end = -begin;
  double sum = 0.0;
  for (const Activity* activity : work) {
    begin = std::min(begin, activity->start);
    end = std::max(end, activity->end);
    sum += seconds_of(*activity);
  }
  if (work.empty()) begin = end = 0.0;
  for (const Activity& activity : run.activities) {
    if (is_transfer(activity)) work.push_back(&activity);
  }
  std::ranges::stable_sort(work, {}, &Activity::start);

  Occupation device(begin, end);
  double idle_since_kernel = 0.0;
  std::size_t seen = 0;  // kernels
  delays_complete_ = delays_complete_ && run.launch_delays.size() == kernels.size();
  for (const Activity* activity : work) {
    idle_since_kernel += device.add(*activity);
    if (activity->kind != executed || executed != ActivityKind::kernel) continue;
    Kernel& kernel = kernels_[places[seen]];
    kernel.seconds.push_back(seconds_of(*activity));
    kernel.gaps.push_back(std::exchange(idle_since_kernel, 0.0));
    if (delays_complete_) kernel.delays.push_back(run.launch_delays[seen]);
    ++seen;
  }
  span_.push_back(end - begin);
  busy_.push_back(device.busy());
  sum_.push_back(sum);
  idle_.push_back(std::max(0.0, end - begin - device.busy()));
  values_ += 4 + 3 * kernels.size();
}

void TimelineCollector::add_totals(const TracedRun& run) {
  std::map<TransferKey, Total> transfers;
  std::map<CallKey, Total> calls;
  const auto count_in = [](Total& total, const Activity& activity) {
    total.count += 1.0;
    total.bytes += static_cast<double>(activity.bytes.value_or(0));
    total.seconds += seconds_of(activity);
  };
  for (const Activity& activity : run.activities) {
    if (is_transfer(activity)) count_in(transfers[{activity.name, activity.memory}], activity);
    if (is_call(activity)) {
      count_in(calls[{activity.name, activity.kind == ActivityKind::synchronization}], activity);
    }
  }
  // Every inference has its place in each series, whether it did the thing or not.
  const auto size = static_cast<std::size_t>(inferences_) + 1;
  const auto append = [&](auto& all, const auto& one) {
    for (const auto& [key, total] : one) {
      Totals& totals = all[key];
      totals.seconds.resize(size, 0.0);
      totals.seconds.back() = total.seconds;
      totals.count += total.count;
      totals.bytes += total.bytes;
    }
    values_ += one.size();
  };
  append(transfers_, transfers);
  append(calls_, calls);
}

void TimelineCollector::keep(const TracedRun& run, const std::vector<const Activity*>& kernels,
                             const std::vector<std::size_t>& places) {
  std::map<const Activity*, std::size_t> place_of;
  for (std::size_t i = 0; i < kernels.size(); ++i) place_of.emplace(kernels[i], places[i]);
  const std::size_t first = activities_.size();
  double begin = std::numeric_limits<double>::infinity();
  double end = -begin;
  bool has_inference = false;
  for (const Activity& seen : run.activities) {
    Activity& activity = activities_.emplace_back(seen);
    activity.inference = inferences_;
    activity.start -= epoch_;
    activity.end -= epoch_;
    activity.kernel.reset();
    if (const auto place = place_of.find(&seen); place != place_of.end()) {
      activity.kernel = static_cast<std::int64_t>(place->second);
    }
    begin = std::min(begin, activity.start);
    end = std::max(end, activity.end);
    has_inference = has_inference || activity.kind == ActivityKind::inference;
  }
  if (!has_inference && first < activities_.size()) {
    Activity& whole = activities_.emplace_back();
    whole.kind = ActivityKind::inference;
    whole.name = "inference";
    whole.inference = inferences_;
    whole.start = begin;
    whole.end = end;
  }
  // What contains another thing comes before it.
  std::stable_sort(
      activities_.begin() + static_cast<std::ptrdiff_t>(first), activities_.end(),
      [](const Activity& a, const Activity& b) { return a.start != b.start ? a.start < b.start : a.end > b.end; });
}

Timeline TimelineCollector::finish(const TraceFacts& facts) {
  Timeline timeline;
  timeline.source = facts.source;
  timeline.graph = facts.graph;
  timeline.join = facts.join;
  timeline.join_reason = facts.join_reason;
  timeline.lost_records = facts.lost_records;
  timeline.different_inferences = different_;
  const auto known = static_cast<std::int64_t>(facts.launches.size());
  for (std::size_t i = 0; i < kernels_.size(); ++i) {
    Kernel& seen = kernels_[i];
    TimelineKernel& kernel = timeline.kernels.emplace_back();
    if (seen.launch >= 0 && seen.launch < known) {
      kernel.launch = facts.launches[static_cast<std::size_t>(seen.launch)];
    } else {
      kernel.launch.name = seen.name;
    }
    kernel.layer = std::move(seen.layer);
    kernel.time = series_of(std::move(seen.seconds));
    if (i > 0) kernel.gap_before = series_of(std::move(seen.gaps));
    if (delays_complete_) kernel.launch_delay = series_of(std::move(seen.delays));
  }
  timeline.span = series_of(std::move(span_));
  timeline.busy = series_of(std::move(busy_));
  timeline.kernel_sum = series_of(std::move(sum_));
  timeline.idle = series_of(std::move(idle_));
  const auto all = static_cast<std::size_t>(inferences_);
  if (!compute_.empty() && compute_.size() == all) timeline.compute = series_of(std::move(compute_));
  const double inferences = static_cast<double>(std::max<std::int64_t>(1, inferences_));
  for (auto& [key, totals] : transfers_) {
    totals.seconds.resize(all, 0.0);
    timeline.transfers.push_back({key.first, key.second, totals.count / inferences, totals.bytes / inferences,
                                  series_of(std::move(totals.seconds))});
  }
  for (auto& [key, totals] : calls_) {
    totals.seconds.resize(all, 0.0);
    timeline.calls.push_back({key.first, key.second, totals.count / inferences, series_of(std::move(totals.seconds))});
  }
  timeline.activities = std::move(activities_);
  return timeline;
}

namespace {

// What stays the same of a layer from one load to the next.
std::string lasting_identity(const Layer& layer) {
  std::string identity = layer.engine_type;
  for (const OriginNode& node : layer.origin_nodes) identity += fmt::format("\n{}:{}", node.op_type, node.name);
  for (const TensorDesc& output : layer.outputs) {
    identity += fmt::format("\n{} {}", output.element_type, fmt::join(output.shape, "x"));
  }
  return identity;
}

}  // namespace

void adopt_layer_names(Timeline& timeline, const std::vector<Layer>& traced, const std::vector<Layer>& known) {
  std::map<std::string, std::vector<const Layer*>> waiting;  // the first at the back
  std::map<std::string, std::string> names;
  std::set<std::string_view> same;
  for (const Layer& layer : known) same.insert(layer.name);
  for (const Layer& layer : known | std::views::reverse) waiting[lasting_identity(layer)].push_back(&layer);
  if (std::ranges::all_of(traced, [&](const Layer& layer) { return same.contains(layer.name); })) return;
  for (const Layer& layer : traced) {
    auto& candidates = waiting[lasting_identity(layer)];
    if (candidates.empty()) continue;
    names.emplace(layer.name, candidates.back()->name);
    candidates.pop_back();
  }
  const auto adopt = [&](std::string& name) {
    const auto found = names.find(name);
    name = found == names.end() ? "" : found->second;
  };
  for (TimelineKernel& kernel : timeline.kernels) adopt(kernel.layer);
  for (Activity& activity : timeline.activities) {
    adopt(activity.layer);
    if (activity.kind == ActivityKind::layer && !activity.layer.empty()) activity.name = activity.layer;
  }
}

Result<Timeline> measure_timeline(CompiledModel& model, const MeasureOptions& options, MeasureContext& context) {
  TimelineCollector collector(context.epoch, kDetailedInferences);
  auto run = [&](Purpose purpose) -> Result<double> {
    const Result<TracedRun> traced = model.run_once_traced();
    if (!traced) return forward_error(traced);
    if (purpose == Purpose::sample) collector.add(*traced);
    return traced->times.total;
  };
  auto full = [&] { return !options.stop.iterations && collector.values() >= kMaxTimelineValues; };
  const Series series{"timeline run",
                      "timeline",
                      "warming up with tracing",
                      "tracing",
                      run,
                      full,
                      [&] { model.samples_begin("timeline"); },
                      [&] { model.samples_end(); }};
  auto sampled = sample(series, options, context);
  if (!sampled) return forward_error(sampled);

  const TraceFacts facts = model.trace_facts();
  Timeline timeline = collector.finish(facts);
  timeline.measurement = std::move(sampled->measurement);
  timeline.measurement.method =
      fmt::format("All that an inference runs is recorded; times are differences of timestamps of {}.", facts.source);
  return timeline;
}

}  // namespace trtprof
