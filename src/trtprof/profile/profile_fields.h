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
}

template <class Archive>
void fields(Archive& archive, Like<LayerRun> auto& run) {
  archive("measurement", run.measurement);
  archive("layers", run.layers);
  archive("total", run.total);
  archive("not_executed", run.not_executed);
}

// Beside "schema", which both sides treat by hand.
template <class Archive>
void fields(Archive& archive, Like<Profile> auto& profile) {
  archive("environment", profile.environment);
  archive("model", profile.model);
  archive("end_to_end", profile.end_to_end);
  archive("layer_run", profile.layer_run);
  archive("partial", profile.partial);
  archive("notes", profile.notes);
  archive("warnings", profile.warnings);
}

}  // namespace trtprof::profile_fields
