// Every field of an EngineRecord once, for the writer and the reader alike (see profile_fields.h for how).
#pragma once

#include <concepts>
#include <type_traits>

#include "trtprof/backend/engine_record.h"

namespace trtprof::engine_record_fields {

// A Type&, constant when written and not when read.
template <class Object, class Type>
concept Like = std::same_as<std::remove_const_t<Object>, Type>;

template <class Archive>
void fields(Archive& archive, Like<EngineIdentity> auto& engine) {
  archive("sha256", engine.sha256);
  archive("bytes", engine.bytes);
}

template <class Archive>
void fields(Archive& archive, Like<EngineOrigin> auto& model) {
  archive("path", model.path);
  archive("sha256", model.sha256);
  archive("bytes", model.bytes);
}

template <class Archive>
void fields(Archive& archive, Like<EngineBuilder> auto& builder) {
  archive("backend", builder.backend);
  archive("name", builder.name);
  archive("version", builder.version);
  archive("device", builder.device);
  archive("compute_capability", builder.compute_capability);
  archive("seconds", builder.seconds);
  archive("warnings", builder.warnings);
  archive("notes", builder.notes);
}

template <class Archive>
void fields(Archive& archive, Like<WeakCalibration> auto& calibration) {
  archive("method", calibration.method);
  archive("batches", calibration.batches);
  archive("cache", calibration.cache);
}

template <class Archive>
void fields(Archive& archive, Like<WeakTyping> auto& weak) {
  archive("fp16", weak.fp16);
  archive("int8", weak.int8);
  archive("calibration", weak.calibration);
}

template <class Archive>
void fields(Archive& archive, Like<ShapeRange> auto& range) {
  archive("min", range.min);
  archive("opt", range.opt);
  archive("max", range.max);
  archive.only_when_set("values", range.values);
}

template <class Archive>
void fields(Archive& archive, Like<BuildOptions> auto& options) {
  archive("device", options.device);
  archive("profiles", options.profiles);
  archive("weak", options.weak);
  archive("tf32", options.tf32);
  archive("optimization_level", options.optimization_level);
  archive("workspace_bytes", options.workspace_bytes);
  archive("timing_cache", options.timing_cache);
  archive("hardware_compatibility", options.hardware_compatibility);
  archive("version_compatible", options.version_compatible);
  archive("exclude_lean_runtime", options.exclude_lean_runtime);
  archive("sparse_weights", options.sparse_weights);
  archive("strip_weights", options.strip_weights);
  archive("refit", options.refit);
  archive("profiling_verbosity", options.profiling_verbosity);
  archive("plugins", options.plugins);
  archive("compute_capabilities", options.compute_capabilities);
  archive("seed", options.seed);
}

template <class Archive>
void fields(Archive& archive, Like<EngineTool> auto& tool) {
  archive("version", tool.version);
  archive("commit", tool.commit);
  archive("command_line", tool.command_line);
  archive("finished_at", tool.finished_at);
}

// Beside "schema", which both sides treat by hand.
template <class Archive>
void fields(Archive& archive, Like<EngineRecord> auto& record) {
  archive("engine", record.engine);
  archive("model", record.model);
  archive("builder", record.builder);
  archive("options", record.options);
  archive("tool", record.tool);
}

}  // namespace trtprof::engine_record_fields
