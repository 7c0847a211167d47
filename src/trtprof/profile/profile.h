// What was seen: the record that every measurement and every import ends in. Facts only, never a conclusion.
//
// Units are SI: seconds, bytes, hertz, watts. What is not known is std::nullopt (or an empty string or vector where
// empty cannot be a value), never 0. docs/profile.schema.json describes the JSON form, field by field the same names.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "trtprof/profile/counters.h"
#include "trtprof/profile/layer_class.h"
#include "trtprof/profile/measurement.h"
#include "trtprof/profile/telemetry.h"
#include "trtprof/profile/timeline.h"

namespace trtprof {

inline constexpr int kProfileSchemaMajor = 1;
inline constexpr int kProfileSchemaMinor = 2;

struct TensorDesc {
  std::string name;
  std::string element_type;         // "f32", "f16", "bf16", "i8", "u8", "i32", "i64", "bool", ...; empty: not known
  std::vector<std::int64_t> shape;  // as run, so no symbolic dimension; -1: not known
  std::string layout;               // the engine's word: "nchw", "acdb", "Row major linear FP32"
  std::optional<std::uint64_t> bytes;
  bool operator==(const TensorDesc&) const = default;
};

enum class DeviceKind { cpu, gpu };

struct Environment {
  // this program
  std::string tool_version;
  std::string tool_commit;
  std::vector<std::string> command_line;
  std::string started_at;  // UTC, ISO 8601: "2026-01-31T23:59:59Z"
  // the machine
  std::string hostname;
  std::string operating_system;  // "Debian GNU/Linux 12 (bookworm), Linux 6.1.0 x86_64"
  std::string cpu_model;
  std::optional<int> logical_cpus;
  std::optional<std::uint64_t> memory_bytes;
  // what ran it
  DeviceKind device_kind = DeviceKind::cpu;
  std::string device_name;     // "Intel(R) Xeon(R) Platinum 8480+", "NVIDIA H200"
  std::string backend;         // "openvino", "tensorrt", "tensorrt-rtx"
  std::string engine_name;     // "OpenVINO", "TensorRT": the title of the report
  std::string engine_version;  // "2026.4.1-22982-..."
  std::string precision;       // what the engine was asked or chose to compute in: "bf16", "f32"
  std::optional<int> threads;
  std::optional<int> streams;
  std::map<std::string, std::string> properties;  // other settings in force, by the engine's own names
  bool operator==(const Environment&) const = default;
};

struct ModelInfo {
  std::string path;                         // as the user gave it
  std::string format;                       // "onnx", "tensorrt-engine"
  std::string sha256;                       // of the file, lower-case hexadecimal
  std::optional<std::uint64_t> file_bytes;  // external data counted in
  std::string producer;                     // "pytorch 2.11.0"
  std::string graph_name;
  std::map<std::string, std::int64_t> opsets;  // domain ("" is ai.onnx) to version
  std::optional<std::int64_t> node_count;      // subgraphs counted in
  std::optional<std::int64_t> batch;           // leading dimension of the first input, when it has one
  std::vector<TensorDesc> inputs;
  std::vector<TensorDesc> outputs;
  bool operator==(const ModelInfo&) const = default;
};

// One inference from outside. `total` is what a caller waits; the parts are known on backends that copy to a device.
struct EndToEnd {
  MeasurementInfo measurement;
  SampleSeries total;
  std::optional<SampleSeries> host_to_device;
  std::optional<SampleSeries> enqueue;
  std::optional<SampleSeries> compute;
  std::optional<SampleSeries> device_to_host;
  // With several requests in flight: seconds from one completion to the next. The inverse of its mean is the
  // throughput; `total` is then the latency under that load.
  std::optional<SampleSeries> interval;
  bool operator==(const EndToEnd&) const = default;
};

enum class OriginSource {
  none,      // inserted by the engine: no ONNX node asked for it
  reported,  // the engine names the nodes
  inferred,  // from its place between layers that are known (see OriginResolver)
};

struct OriginNode {
  std::string name;     // the ONNX node's name; its first output where it has none
  std::string op_type;  // "Conv"
  bool operator==(const OriginNode&) const = default;
};

// What a layer must do at the least, by the nodes of the model that it came from (docs/cost.md): kept so that a saved
// profile can be judged where the model is not at hand.
struct LayerWork {
  std::optional<double> macs;   // multiply-adds; part of flops
  std::optional<double> flops;  // all arithmetic, two a multiply-add
  std::optional<double> bytes_read;
  std::optional<double> bytes_written;
  bool operator==(const LayerWork&) const = default;
};

struct Layer {
  std::string name;         // the engine's, unique within a profile
  std::string engine_type;  // "GroupConvolution"
  LayerClass layer_class = LayerClass::other;
  std::vector<OriginNode> origin_nodes;  // one, or many: fusion
  OriginSource origin_source = OriginSource::none;
  std::string precision;       // of the computation: "bf16"
  std::string implementation;  // primitive, tactic or kernel: "brgconv_avx512_dw_f32"
  std::vector<TensorDesc> inputs;
  std::vector<TensorDesc> outputs;
  SampleSeries time;                       // one sample an inference of the layer run
  std::optional<double> reported_seconds;  // the engine's own aggregate, kept to check the samples against
  std::optional<LayerWork> work;
  bool operator==(const Layer&) const = default;
};

// The layer run: a run of its own, with the engine's layer timing on.
struct LayerRun {
  MeasurementInfo measurement;
  std::vector<Layer> layers;  // executed layers, in execution order
  // One inference of this run from outside, on a device without its copies: shows what the layer timing itself costs.
  SampleSeries total;
  std::vector<std::string> not_executed;  // layers the engine lists but fused away or folded
  bool operator==(const LayerRun&) const = default;
};

struct Profile {
  int schema_major = kProfileSchemaMajor;
  int schema_minor = kProfileSchemaMinor;
  Environment environment;
  ModelInfo model;
  std::optional<EndToEnd> end_to_end;
  std::optional<LayerRun> layer_run;
  std::optional<Timeline> timeline;
  std::optional<Counters> counters;
  std::optional<Telemetry> telemetry;
  bool partial = false;               // the user interrupted it, or it failed on the way
  std::vector<std::string> notes;     // facts about the measurement a reader must know, a sentence each
  std::vector<std::string> warnings;  // reasons to doubt it, a sentence with its figure each
  bool operator==(const Profile&) const = default;
};

}  // namespace trtprof
