// Every field of a Profile once, for the writer and the reader of profile_json.cpp alike: a name cannot differ between
// them, nor a field be written and not read. docs/profile.schema.json describes the same names.
//
// An archive is called with a field's name and the field. std::optional marks a field that may be missing; every other
// field is required.
#pragma once

#include <concepts>
#include <type_traits>

#include "trtprof/profile/profile.h"

namespace trtprof::profile_fields {

// A Type&, constant when written and not when read.
template <class Object, class Type>
concept Like = std::same_as<std::remove_const_t<Object>, Type>;

template <class Archive>
void fields(Archive& archive, Like<Interval> auto& interval) {
  archive("low", interval.low);
  archive("high", interval.high);
}

template <class Archive>
void fields(Archive& archive, Like<Summary> auto& summary) {
  archive("count", summary.count);
  archive("min", summary.min);
  archive("max", summary.max);
  archive("mean", summary.mean);
  archive("stddev", summary.stddev);
  archive("median", summary.median);
  archive("median_interval", summary.median_interval);
  archive("p90", summary.p90);
  archive("p95", summary.p95);
  archive("p99", summary.p99);
  archive("outliers", summary.outliers);
  archive("effective_count", summary.effective_count);
}

template <class Archive>
void fields(Archive& archive, Like<SampleSeries> auto& series) {
  archive("samples", series.samples);
  archive("summary", series.summary);
}

template <class Archive>
void fields(Archive& archive, Like<TensorDesc> auto& tensor) {
  archive("name", tensor.name);
  archive("element_type", tensor.element_type);
  archive("shape", tensor.shape);
  archive("layout", tensor.layout);
  archive("bytes", tensor.bytes);
}

template <class Archive>
void fields(Archive& archive, Like<Environment> auto& environment) {
  archive("tool_version", environment.tool_version);
  archive("tool_commit", environment.tool_commit);
  archive("command_line", environment.command_line);
  archive("started_at", environment.started_at);
  archive("hostname", environment.hostname);
  archive("operating_system", environment.operating_system);
  archive("cpu_model", environment.cpu_model);
  archive("logical_cpus", environment.logical_cpus);
  archive("memory_bytes", environment.memory_bytes);
  archive("device_kind", environment.device_kind);
  archive("device_name", environment.device_name);
  archive("backend", environment.backend);
  archive("engine_name", environment.engine_name);
  archive("engine_version", environment.engine_version);
  archive("precision", environment.precision);
  archive("threads", environment.threads);
  archive("streams", environment.streams);
  archive("properties", environment.properties);
}

template <class Archive>
void fields(Archive& archive, Like<ModelInfo> auto& model) {
  archive("path", model.path);
  archive("format", model.format);
  archive("sha256", model.sha256);
  archive("file_bytes", model.file_bytes);
  archive("producer", model.producer);
  archive("graph_name", model.graph_name);
  archive("opsets", model.opsets);
  archive("node_count", model.node_count);
  archive("batch", model.batch);
  archive("inputs", model.inputs);
  archive("outputs", model.outputs);
}

template <class Archive>
void fields(Archive& archive, Like<MeasurementInfo> auto& measurement) {
  archive("warmup_iterations", measurement.warmup_iterations);
  archive("warmup_seconds", measurement.warmup_seconds);
  archive("warmup_steady", measurement.warmup_steady);
  archive("iterations", measurement.iterations);
  archive("duration_seconds", measurement.duration_seconds);
  archive("stop_reason", measurement.stop_reason);
  archive("target_relative_half_width", measurement.target_relative_half_width);
  archive("achieved_relative_half_width", measurement.achieved_relative_half_width);
  archive("method", measurement.method);
}

template <class Archive>
void fields(Archive& archive, Like<EndToEnd> auto& end_to_end) {
  archive("measurement", end_to_end.measurement);
  archive("total", end_to_end.total);
  archive("host_to_device", end_to_end.host_to_device);
  archive("enqueue", end_to_end.enqueue);
  archive("compute", end_to_end.compute);
  archive("device_to_host", end_to_end.device_to_host);
  archive("interval", end_to_end.interval);
}

template <class Archive>
void fields(Archive& archive, Like<OriginNode> auto& node) {
  archive("name", node.name);
  archive("op_type", node.op_type);
}

template <class Archive>
void fields(Archive& archive, Like<LayerWork> auto& work) {
  archive("macs", work.macs);
  archive("flops", work.flops);
  archive("bytes_read", work.bytes_read);
  archive("bytes_written", work.bytes_written);
}

template <class Archive>
void fields(Archive& archive, Like<Layer> auto& layer) {
  archive("name", layer.name);
  archive("engine_type", layer.engine_type);
  archive("layer_class", layer.layer_class);
  archive("origin_nodes", layer.origin_nodes);
  archive("origin_source", layer.origin_source);
  archive("precision", layer.precision);
  archive("implementation", layer.implementation);
  archive("inputs", layer.inputs);
  archive("outputs", layer.outputs);
  archive("time", layer.time);
  archive("reported_seconds", layer.reported_seconds);
  archive("work", layer.work);
}

template <class Archive>
void fields(Archive& archive, Like<LayerRun> auto& run) {
  archive("measurement", run.measurement);
  archive("layers", run.layers);
  archive("total", run.total);
  archive("not_executed", run.not_executed);
}

template <class Archive>
void fields(Archive& archive, Like<KernelLaunch> auto& launch) {
  archive("name", launch.name);
  archive("grid", launch.grid);
  archive("block", launch.block);
  archive("registers_per_thread", launch.registers_per_thread);
  archive("static_shared_bytes", launch.static_shared_bytes);
  archive("dynamic_shared_bytes", launch.dynamic_shared_bytes);
  archive("theoretical_occupancy", launch.theoretical_occupancy);
}

template <class Archive>
void fields(Archive& archive, Like<TimelineKernel> auto& kernel) {
  archive("launch", kernel.launch);
  archive("layer", kernel.layer);
  archive("time", kernel.time);
  archive("gap_before", kernel.gap_before);
  archive("launch_delay", kernel.launch_delay);
}

template <class Archive>
void fields(Archive& archive, Like<TimelineTransfer> auto& transfer) {
  archive("what", transfer.what);
  archive("memory", transfer.memory);
  archive("count", transfer.count);
  archive("bytes", transfer.bytes);
  archive("time", transfer.time);
}

template <class Archive>
void fields(Archive& archive, Like<TimelineCall> auto& call) {
  archive("name", call.name);
  archive("synchronization", call.synchronization);
  archive("count", call.count);
  archive("time", call.time);
}

template <class Archive>
void fields(Archive& archive, Like<Activity> auto& activity) {
  archive("kind", activity.kind);
  archive("name", activity.name);
  archive("layer", activity.layer);
  archive("start", activity.start);
  archive("end", activity.end);
  archive("inference", activity.inference);
  archive("stream", activity.stream);
  archive("thread", activity.thread);
  archive("bytes", activity.bytes);
  archive("memory", activity.memory);
  archive("kernel", activity.kernel);
  archive("correlation", activity.correlation);
}

template <class Archive>
void fields(Archive& archive, Like<Timeline> auto& timeline) {
  archive("measurement", timeline.measurement);
  archive("source", timeline.source);
  archive("graph", timeline.graph);
  archive("join", timeline.join);
  archive("join_reason", timeline.join_reason);
  archive("kernels", timeline.kernels);
  archive("span", timeline.span);
  archive("busy", timeline.busy);
  archive("kernel_sum", timeline.kernel_sum);
  archive("idle", timeline.idle);
  archive("compute", timeline.compute);
  archive("transfers", timeline.transfers);
  archive("calls", timeline.calls);
  archive("different_inferences", timeline.different_inferences);
  archive("lost_records", timeline.lost_records);
  archive("activities", timeline.activities);
}

template <class Archive>
void fields(Archive& archive, Like<TelemetrySeries> auto& series) {
  archive("quantity", series.quantity);
  archive("unit", series.unit);
  archive("times", series.times);
  archive("values", series.values);
}

template <class Archive>
void fields(Archive& archive, Like<ThrottleReason> auto& reason) {
  archive("name", reason.name);
  archive("fraction", reason.fraction);
}

template <class Archive>
void fields(Archive& archive, Like<TelemetryPhase> auto& phase) {
  archive("name", phase.name);
  archive("start", phase.start);
  archive("end", phase.end);
  archive("inferences", phase.inferences);
  archive("energy_joules", phase.energy_joules);
}

template <class Archive>
void fields(Archive& archive, Like<Telemetry> auto& telemetry) {
  archive("source", telemetry.source);
  archive("device", telemetry.device);
  archive("period_seconds", telemetry.period_seconds);
  archive("series", telemetry.series);
  archive("throttle_reasons", telemetry.throttle_reasons);
  archive("phases", telemetry.phases);
  archive("power_limit_watts", telemetry.power_limit_watts);
  archive("max_sm_clock_hz", telemetry.max_sm_clock_hz);
  archive("max_memory_clock_hz", telemetry.max_memory_clock_hz);
  archive("locked_sm_clock_hz", telemetry.locked_sm_clock_hz);
  archive("energy_source", telemetry.energy_source);
  archive("missing", telemetry.missing);
}

template <class Archive>
void fields(Archive& archive, Like<CountedKernel> auto& kernel) {
  archive("launch", kernel.launch);
  archive("layer", kernel.layer);
  archive("inference", kernel.inference);
  archive("seconds", kernel.seconds);
  archive("values", kernel.values);
}

template <class Archive>
void fields(Archive& archive, Like<Counters> auto& counters) {
  archive("tool", counters.tool);
  archive("command", counters.command);
  archive("join", counters.join);
  archive("join_reason", counters.join_reason);
  archive("metrics", counters.metrics);
  archive("kernels", counters.kernels);
  archive("totals", counters.totals);
  archive("notes", counters.notes);
}

// Beside "schema", which both sides treat by hand.
template <class Archive>
void fields(Archive& archive, Like<Profile> auto& profile) {
  archive("environment", profile.environment);
  archive("model", profile.model);
  archive("end_to_end", profile.end_to_end);
  archive("layer_run", profile.layer_run);
  archive("timeline", profile.timeline);
  archive("counters", profile.counters);
  archive("telemetry", profile.telemetry);
  archive("partial", profile.partial);
  archive("notes", profile.notes);
  archive("warnings", profile.warnings);
}

}  // namespace trtprof::profile_fields
