#include "trtprof/report/trace_report.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/profile/enum_names.h"
#include "trtprof/profile/layer_name.h"
#include "trtprof/report/trace_events.h"

namespace trtprof {
namespace {

constexpr std::int64_t kHost = 1;  // "processes" of the trace
constexpr std::int64_t kDevice = 2;

std::string dimensions(const std::vector<std::int64_t>& numbers) {
  return fmt::format("{}", fmt::join(numbers, "x"));
}

TraceArguments facts_of(const Profile& profile) {
  const Environment& environment = profile.environment;
  TraceArguments facts;
  facts.add("model", profile.model.path).add("engine", environment.engine_name + ' ' + environment.engine_version);
  facts.add("device", environment.device_name).add("started_at", environment.started_at);
  if (profile.timeline) {
    facts.add("source", profile.timeline->source);
  }
  if (profile.timeline && !profile.timeline->kernels.empty()) {
    facts.add("launch", profile.timeline->graph ? "CUDA graph" : "stream");
    facts.add("kernels_joined_to_layers_by", to_string(profile.timeline->join));
    if (!profile.timeline->join_reason.empty()) facts.add("join_reason", profile.timeline->join_reason);
  }
  return facts;
}

void add_launch(TraceArguments& arguments, const KernelLaunch& launch) {
  if (!launch.grid.empty()) arguments.add("grid", dimensions(launch.grid));
  if (!launch.block.empty()) arguments.add("block", dimensions(launch.block));
  if (launch.registers_per_thread) arguments.add("registers_per_thread", *launch.registers_per_thread);
  if (launch.static_shared_bytes) arguments.add("static_shared_bytes", *launch.static_shared_bytes);
  if (launch.dynamic_shared_bytes) arguments.add("dynamic_shared_bytes", *launch.dynamic_shared_bytes);
  if (launch.theoretical_occupancy) arguments.add("theoretical_occupancy", *launch.theoretical_occupancy);
}

class TraceReport {
 public:
  TraceReport(TraceEvents& events, const Profile& profile) : events_(events), profile_(profile) {
    if (!profile.layer_run) return;
    for (const Layer& layer : profile.layer_run->layers) layers_.emplace(layer.name, &layer);
  }

  void write() {
    events_.process(kHost, "Host: tensorrt_profiling");
    events_.process(kDevice, "Device: " + profile_.environment.device_name);
    if (profile_.telemetry) write_telemetry(*profile_.telemetry);
    if (profile_.timeline) write_timeline(*profile_.timeline);
  }

 private:
  void write_telemetry(const Telemetry& telemetry) {
    for (const TelemetryPhase& phase : telemetry.phases) {
      TraceArguments arguments;
      arguments.add("inferences", phase.inferences);
      if (phase.energy_joules) arguments.add("energy_joules", *phase.energy_joules);
      events_.slice(kHost, "runs", phase.name, "run", trace_nanoseconds(phase.start), trace_nanoseconds(phase.end),
                    arguments);
    }
    for (const TelemetrySeries& series : telemetry.series) {
      const bool hertz = series.unit == "Hz";
      const std::string unit = hertz ? "MHz" : series.unit;
      for (std::size_t i = 0; i < std::min(series.times.size(), series.values.size()); ++i) {
        events_.counter(kDevice, fmt::format("{} ({})", series.quantity, unit), trace_nanoseconds(series.times[i]),
                        unit, hertz ? series.values[i] * 1e-6 : series.values[i]);
      }
    }
  }

  void write_timeline(const Timeline& timeline) {
    std::vector<const Activity*> activities;
    activities.reserve(timeline.activities.size());
    for (const Activity& activity : timeline.activities) activities.push_back(&activity);
    std::ranges::stable_sort(activities, [](const Activity* a, const Activity* b) {
      return a->start != b->start ? a->start < b->start : a->end > b->end;
    });
    write_layers_of_kernels(activities);
    for (const Activity* activity : activities) write_activity(timeline, *activity);
  }

  // Kernels that follow each other on a stream for one layer are that layer's slice.
  void write_layers_of_kernels(const std::vector<const Activity*>& activities) {
    struct Span {
      const Activity* first = nullptr;
      double end = 0.0;
      int kernels = 0;
    };
    std::vector<Span> spans;
    std::map<std::int64_t, std::size_t> newest;  // by stream: index into spans
    for (const Activity* activity : activities) {
      if (activity->kind != ActivityKind::kernel) continue;
      const std::int64_t stream = activity->stream.value_or(-1);
      const auto last = newest.find(stream);
      Span* open = last == newest.end() ? nullptr : &spans[last->second];
      if (open == nullptr || open->first->layer != activity->layer || open->first->inference != activity->inference) {
        newest[stream] = spans.size();
        open = &spans.emplace_back();
        open->first = activity;
      }
      open->end = std::max(open->end, activity->end);
      ++open->kernels;
    }
    for (const Span& span : spans) {
      if (span.first->layer.empty()) continue;
      TraceArguments arguments = layer_arguments(span.first->layer);
      arguments.add("inference", span.first->inference).add("kernels", span.kernels);
      events_.slice(kDevice, "layers", title_of(span.first->layer), "layer", trace_nanoseconds(span.first->start),
                    trace_nanoseconds(span.end), arguments);
    }
  }

  [[nodiscard]] std::string title_of(const std::string& layer) const {
    const auto known = layers_.find(layer);
    return known == layers_.end() ? layer : std::string(readable_name(*known->second));
  }

  [[nodiscard]] TraceArguments layer_arguments(const std::string& layer) const {
    TraceArguments arguments;
    if (layer.empty()) return arguments;
    arguments.add("layer", layer);
    const auto known = layers_.find(layer);
    if (known == layers_.end()) return arguments;
    arguments.add("layer_class", to_string(known->second->layer_class));
    std::vector<std::string> nodes;
    for (const OriginNode& node : known->second->origin_nodes) nodes.push_back(node.op_type + ':' + node.name);
    if (!nodes.empty()) arguments.add("nodes", nodes);
    return arguments;
  }

  [[nodiscard]] TraceArguments arguments_of(const Timeline& timeline, const Activity& activity) const {
    TraceArguments arguments = layer_arguments(activity.layer);
    arguments.add("inference", activity.inference);
    if (activity.bytes) {
      arguments.add("bytes", *activity.bytes);
      if (activity.end > activity.start) {
        arguments.add("gigabytes_per_second",
                      static_cast<double>(*activity.bytes) / (activity.end - activity.start) * 1e-9);
      }
    }
    if (!activity.memory.empty()) arguments.add("host_memory", activity.memory);
    if (activity.kernel && *activity.kernel >= 0 &&
        static_cast<std::size_t>(*activity.kernel) < timeline.kernels.size()) {
      arguments.add("kernel", *activity.kernel);
      add_launch(arguments, timeline.kernels[static_cast<std::size_t>(*activity.kernel)].launch);
    }
    return arguments;
  }

  // Process and track.
  [[nodiscard]] static std::pair<std::int64_t, std::string> place_of(const Activity& activity) {
    const auto numbered = [](std::string_view what, const std::optional<std::int64_t>& number) {
      return number ? fmt::format("{} {}", what, *number) : std::string(what);
    };
    switch (activity.kind) {
      case ActivityKind::inference:
        return {kHost, "inferences"};
      case ActivityKind::layer:
        return {kDevice, numbered("layers, thread", activity.thread)};
      case ActivityKind::kernel:
        return {kDevice, numbered("kernels, stream", activity.stream)};
      case ActivityKind::copy:
      case ActivityKind::fill:
        return {kDevice, numbered("copies, stream", activity.stream)};
      case ActivityKind::synchronization:
      case ActivityKind::host_call:
        return {kHost, numbered("calls, thread", activity.thread)};
    }
    return {kHost, ""};
  }

  void write_activity(const Timeline& timeline, const Activity& activity) {
    const auto [process, track] = place_of(activity);
    std::string name = activity.name;
    if (activity.kind == ActivityKind::inference) name = fmt::format("inference {}", activity.inference);
    if (activity.kind == ActivityKind::layer) name = title_of(activity.layer.empty() ? name : activity.layer);
    const std::int64_t start = trace_nanoseconds(activity.start);
    const TraceRow row = events_.slice(process, track, name, to_string(activity.kind), start,
                                       trace_nanoseconds(activity.end), arguments_of(timeline, activity));
    if (!activity.correlation) return;
    if (process == kHost) {
      calls_[*activity.correlation] = {row, start};
      return;
    }
    // Of what a call started (a graph: many), the first has the arrow.
    const auto call = calls_.find(*activity.correlation);
    if (call == calls_.end()) return;
    events_.flow("launch", call->second.first, call->second.second, row, start);
    calls_.erase(call);
  }

  TraceEvents& events_;
  const Profile& profile_;
  std::unordered_map<std::string, const Layer*> layers_;
  std::unordered_map<std::int64_t, std::pair<TraceRow, std::int64_t>> calls_;  // by correlation: row, start
};

}  // namespace

void write_trace_report(std::ostream& out, const Profile& profile) {
  TraceEvents events(out, facts_of(profile));
  TraceReport(events, profile).write();
}

}  // namespace trtprof
