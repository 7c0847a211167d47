#include "trtprof/backend/tensorrt_trace.h"

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "trtprof/backend/tensorrt_names.h"

namespace trtprof {
namespace {

using Device = TraceRecords::Device;
using Call = TraceRecords::Call;

// The ranges of layers, asked which one a moment is in.
class LayerRanges {
 public:
  LayerRanges(const std::vector<TraceRecords::Range>& ranges, const TensorrtTrace::LayersByRange& layers) {
    std::vector<const TraceRecords::Range*> sorted;
    sorted.reserve(ranges.size());
    for (const TraceRecords::Range& range : ranges) sorted.push_back(&range);
    std::ranges::stable_sort(sorted, {}, [](const TraceRecords::Range* range) { return range->start; });
    // The k-th range of a name is the k-th layer of that name; in a loop they come round again.
    std::map<std::string, std::size_t> times;
    for (const TraceRecords::Range* range : sorted) {
      const auto known = layers.find(range->name);
      if (known != layers.end()) {
        const std::vector<std::string>& named = known->second;
        ranges_.push_back({range->start, range->end, named[times[range->name]++ % named.size()]});
      } else if (is_foreign_node(range->name)) {
        ranges_.push_back({range->start, range->end, range->name});
      }
    }
  }

  // The innermost; empty: none.
  [[nodiscard]] std::string at(double moment) const {
    auto next = std::ranges::upper_bound(ranges_, moment, {}, &Named::start);
    while (next != ranges_.begin()) {
      --next;
      if (moment < next->end) return next->layer;
    }
    return {};
  }

 private:
  struct Named {
    double start;
    double end;
    std::string layer;
  };
  std::vector<Named> ranges_;  // by start
};

std::unordered_map<std::uint32_t, const Call*> calls_by_correlation(const TraceRecords& records) {
  std::unordered_map<std::uint32_t, const Call*> calls;
  for (const Call& call : records.calls) {
    const auto [known, added] = calls.emplace(call.correlation, &call);
    if (!added && call.start < known->second->start) known->second = &call;  // the outer one of nested calls
  }
  return calls;
}

// Calls that no other call of the thread makes: the runtime's rather than the driver's inside it.
std::vector<const Call*> outer_calls(const TraceRecords& records) {
  std::vector<const Call*> sorted;
  sorted.reserve(records.calls.size());
  for (const Call& call : records.calls) sorted.push_back(&call);
  std::ranges::stable_sort(sorted, [](const Call* a, const Call* b) {
    return a->start != b->start ? a->start < b->start : a->end > b->end;
  });
  std::vector<const Call*> outer;
  std::unordered_map<std::uint32_t, double> open_until;  // by thread
  for (const Call* call : sorted) {
    const auto open = open_until.find(call->thread);
    if (open != open_until.end() && call->end <= open->second) continue;
    open_until[call->thread] = call->end;
    outer.push_back(call);
  }
  return outer;
}

std::string key_of(const KernelLaunch& launch) {
  return fmt::format("{}|{}|{}|{}|{}|{}", launch.name, fmt::join(launch.grid, "x"), fmt::join(launch.block, "x"),
                     launch.registers_per_thread.value_or(-1), launch.static_shared_bytes.value_or(0),
                     launch.dynamic_shared_bytes.value_or(0));
}

Activity activity_of(const Device& device, const std::string& layer, std::int64_t launch) {
  Activity activity;
  activity.kind = device.kind;
  activity.name = device.kind == ActivityKind::kernel ? device.launch.name : device.what;
  activity.memory = device.memory;
  activity.layer = layer;
  activity.start = device.start;
  activity.end = device.end;
  activity.stream = device.stream;
  activity.correlation = device.correlation;
  if (device.kind == ActivityKind::kernel) {
    activity.kernel = launch;
  } else {
    activity.bytes = device.bytes;
  }
  return activity;
}

Activity activity_of(const Call& call, const TraceRecords::Wait* wait) {
  Activity activity;
  activity.kind = wait == nullptr ? ActivityKind::host_call : ActivityKind::synchronization;
  activity.name = call.name;
  activity.start = call.start;
  activity.end = call.end;
  activity.thread = call.thread;
  activity.correlation = call.correlation;
  if (wait != nullptr && wait->stream) activity.stream = *wait->stream;
  return activity;
}

std::vector<Activity> host_activities(const TraceRecords& records) {
  std::unordered_map<std::uint32_t, const TraceRecords::Wait*> waits;
  for (const TraceRecords::Wait& wait : records.waits) waits.emplace(wait.correlation, &wait);
  std::vector<Activity> activities;
  for (const Call* call : outer_calls(records)) {
    const auto wait = waits.find(call->correlation);
    activities.push_back(activity_of(*call, wait == waits.end() ? nullptr : wait->second));
  }
  return activities;
}

std::vector<Device> by_start(std::vector<Device> device) {
  std::ranges::stable_sort(device, {}, &Device::start);
  return device;
}

// What the inference asked for, by start. Calls that only ask how things stand say nothing and are many.
TraceRecords of_inference(TraceRecords records) {
  const auto elsewhere = [&](const Call& call) { return call.start < records.begin || call.start > records.calls_end; };
  std::unordered_set<std::uint32_t> others;
  for (const Call& call : records.calls) {
    if (elsewhere(call)) others.insert(call.correlation);
  }
  std::erase_if(records.device, [&](const Device& device) { return others.contains(device.correlation); });
  std::erase_if(records.waits, [&](const TraceRecords::Wait& wait) { return others.contains(wait.correlation); });
  std::erase_if(records.calls, [&](const Call& call) {
    return elsewhere(call) || call.name == "cudaGetLastError" || call.name == "cudaPeekAtLastError";
  });
  records.device = by_start(std::move(records.device));
  return records;
}

}  // namespace

TensorrtTrace::TensorrtTrace(const std::vector<std::string>& layers) {
  for (const std::string& layer : layers) {
    // "conv #2" is a range "conv" as well.
    const std::size_t mark = layer.rfind(" #");
    const auto base = mark == std::string::npos ? layers_.end() : layers_.find(layer.substr(0, mark));
    const bool numbered = base != layers_.end() && layer == numbered_name(base->first, base->second.size() + 1);
    layers_[numbered ? base->first : layer].push_back(layer);
  }
  // Myelin calls its ranges as the inspector does its layers, but for the numbers at their end.
  LayersByRange inside;
  for (const std::string& layer : layers) {
    const std::string_view range = without_myelin_number(layer);
    if (range.size() < layer.size() && !layers_.contains(std::string(range)))
      inside[std::string(range)].push_back(layer);
  }
  layers_.merge(inside);
}

std::int64_t TensorrtTrace::launch_index(const KernelLaunch& launch) {
  const auto [known, added] = launch_by_key_.emplace(key_of(launch), static_cast<std::int64_t>(launches_.size()));
  if (added) launches_.push_back(launch);
  return known->second;
}

std::vector<std::string> TensorrtTrace::layers_by_ranges(const TraceRecords& records) const {
  const LayerRanges ranges(records.ranges, layers_);
  const auto calls = calls_by_correlation(records);
  std::vector<std::string> layers;
  layers.reserve(records.device.size());
  for (const Device& device : records.device) {
    const auto call = calls.find(device.correlation);
    layers.push_back(call == calls.end() ? std::string{} : ranges.at(call->second->start));
  }
  return layers;
}

std::vector<std::string> TensorrtTrace::layers_by_nodes(const TraceRecords& records) const {
  std::vector<std::string> layers;
  layers.reserve(records.device.size());
  for (const Device& device : records.device) {
    const auto node = layer_of_node_.find(device.graph_node);
    layers.push_back(node == layer_of_node_.end() ? std::string{} : node->second);
  }
  return layers;
}

std::vector<std::string> TensorrtTrace::layers_by_order(const TraceRecords& records,
                                                        const std::vector<std::int64_t>& launches) const {
  std::vector<std::string> layers;
  layers.reserve(records.device.size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < records.device.size(); ++i) {
    if (records.device[i].kind != ActivityKind::kernel) {
      layers.emplace_back();
      continue;
    }
    if (next == stream_run_.size() || stream_run_[next].launch != launches[i]) return {};
    layers.push_back(stream_run_[next++].layer);
  }
  return next == stream_run_.size() ? layers : std::vector<std::string>{};
}

void TensorrtTrace::learn_stream_run(TraceRecords records) {
  records.device = by_start(std::move(records.device));
  const std::vector<std::string> layers = layers_by_ranges(records);
  stream_run_.clear();
  for (std::size_t i = 0; i < records.device.size(); ++i) {
    if (records.device[i].kind != ActivityKind::kernel) continue;
    stream_run_.push_back({launch_index(records.device[i].launch), layers[i]});
  }
}

void TensorrtTrace::learn_capture(const TraceRecords& records) {
  const LayerRanges ranges(records.ranges, layers_);
  for (const TraceRecords::Node& node : records.nodes) {
    std::string layer = ranges.at(node.made);
    if (!layer.empty()) layer_of_node_[node.id] = std::move(layer);
  }
  for (const auto& [copy, original] : records.node_copies) {
    const auto known = layer_of_node_.find(original);
    if (known == layer_of_node_.end()) continue;
    const std::string layer = known->second;
    layer_of_node_[copy] = layer;
  }
}

// The first inference tells for the run; a later one that ties less takes its place.
void TensorrtTrace::note_join(const TraceRecords& records, const std::vector<std::string>& layers, KernelJoin join) {
  std::size_t kernels = 0;
  std::size_t tied = 0;
  for (std::size_t i = 0; i < records.device.size(); ++i) {
    if (records.device[i].kind != ActivityKind::kernel) continue;
    ++kernels;
    if (!layers[i].empty()) ++tied;
  }
  if (kernels == 0) return;
  facts_.join = tied == 0 ? KernelJoin::none : join;
  std::string reason;
  if (tied < kernels) {
    reason = fmt::format("{} of {} kernels were launched outside the range of any layer", kernels - tied, kernels);
  } else if (join == KernelJoin::launch_order) {
    reason = "the graph's nodes could not be told apart, and its kernels are those of a run without a graph, in order";
  }
  if (reason.size() >= facts_.join_reason.size()) facts_.join_reason = std::move(reason);
}

std::vector<std::string> TensorrtTrace::tie(const TraceRecords& records, const std::vector<std::int64_t>& launches,
                                            bool graph) {
  const auto untied = [&](const std::vector<std::string>& layers) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      if (records.device[i].kind == ActivityKind::kernel && layers[i].empty()) ++count;
    }
    return count;
  };
  std::vector<std::string> layers = graph ? layers_by_nodes(records) : layers_by_ranges(records);
  KernelJoin join = graph ? KernelJoin::graph_nodes : KernelJoin::markers;
  if (untied(layers) > 0) {
    std::vector<std::string> ordered = layers_by_order(records, launches);
    if (!ordered.empty() && untied(ordered) < untied(layers)) {
      layers = std::move(ordered);
      join = KernelJoin::launch_order;
    }
  }
  note_join(records, layers, join);
  return layers;
}

TracedRun TensorrtTrace::run(TraceRecords given, const RunTimes& times, bool graph) {
  const TraceRecords records = of_inference(std::move(given));
  std::vector<std::int64_t> launches;
  launches.reserve(records.device.size());
  for (const Device& device : records.device) {
    launches.push_back(device.kind == ActivityKind::kernel ? launch_index(device.launch) : -1);
  }
  const std::vector<std::string> layers = tie(records, launches, graph);
  const auto calls = calls_by_correlation(records);
  TracedRun run;
  run.times = times;
  bool own_calls = !graph;
  for (std::size_t i = 0; i < records.device.size(); ++i) {
    const Device& device = records.device[i];
    run.activities.push_back(activity_of(device, layers[i], launches[i]));
    if (device.kind != ActivityKind::kernel) continue;
    const auto call = calls.find(device.correlation);
    own_calls = own_calls && call != calls.end();
    if (own_calls) run.launch_delays.push_back(std::max(0.0, device.start - call->second->start));
  }
  if (!own_calls) run.launch_delays.clear();
  for (Activity& call : host_activities(records)) run.activities.push_back(std::move(call));
  Activity inference;
  inference.kind = ActivityKind::inference;
  inference.name = "inference";
  inference.start = records.begin;
  inference.end = records.end;
  run.activities.push_back(std::move(inference));
  std::ranges::stable_sort(run.activities, {}, &Activity::start);
  facts_.graph = graph;
  facts_.lost_records += records.lost;
  return run;
}

TraceFacts TensorrtTrace::facts() const {
  TraceFacts facts = facts_;
  facts.launches = launches_;
  return facts;
}

}  // namespace trtprof
