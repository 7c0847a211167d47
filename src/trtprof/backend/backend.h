// How a model runs. One implementation per engine, each in a module loaded at run time (see module.h).
//
// A module links the core's base, profile and graph types only. No exception crosses this interface; every object is
// deleted by the module that made it. Calls on one object come from one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/backend/build_options.h"
#include "trtprof/base/error.h"
#include "trtprof/base/progress.h"
#include "trtprof/base/stop_flag.h"
#include "trtprof/base/tensor.h"
#include "trtprof/model/graph.h"
#include "trtprof/profile/device_ceilings.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

struct DeviceInfo {
  std::string id;    // as --device takes it: "cpu", "cuda:0"
  std::string name;  // "Intel(R) Xeon(R) Platinum 8480+"
  DeviceKind kind = DeviceKind::cpu;
  std::string compute_capability = {};  // of an NVIDIA GPU: "9.0"
};

struct ProbeResult {
  std::string engine_name;     // "OpenVINO"
  std::string engine_version;  // of the library that is loaded
  std::vector<DeviceInfo> devices;
};

enum class PerformanceHint { latency, throughput };

// How inferences are fed to a device with memory of its own. Backends that run in the host's memory ignore it.
struct LaunchOptions {
  bool overlap = true;    // queue the next inference while one runs: no gap between them, copies beside the compute
  bool graph = true;      // launch a captured CUDA graph; where capture fails, plain launches and a note
  bool transfers = true;  // copy inputs to the device and outputs back, every time
  bool synchronous_transfers = false;  // copy before and after, blocking, instead of on streams of their own
  bool pageable = false;               // host memory that is not page-locked
  bool cold_l2 = false;                // flush the L2 cache before each inference
  bool spin = false;                   // wait by spinning instead of blocking
  bool operator==(const LaunchOptions&) const = default;
};

struct CompileOptions {
  std::string device;  // "" : the backend's default
  BoundShapes shapes;  // every input
  PerformanceHint hint = PerformanceHint::latency;
  std::optional<int> threads;
  std::optional<int> streams;
  std::string precision;      // "" : the engine's default; "model": the graph's types; else "f32", "f16", "bf16"
  bool layer_timing = false;  // prepare run_once_profiled()
  bool tracing = false;       // prepare run_once_traced()
  // A later compile() of this process will trace: what must be in place before the engine's library runs is put there.
  bool traced_later = false;
  LaunchOptions launch = {};
  std::vector<std::filesystem::path> plugins = {};  // libraries of operators of one's own, for backends that take them
  // Engines that carry host code (a lean runtime, plugin libraries) may run it.
  bool allow_engine_code = false;
  // What the engine's record says of how it was built; nullopt: it says nothing.
  std::optional<bool> version_compatible = {};
  // The ONNX model that an engine's weights are taken from before anything runs. Empty: it has its own.
  std::filesystem::path refit_from = {};
  // Of inputs that hold a shape: their values. Those that are not named keep what the engine was tuned for.
  BoundShapes shape_values = {};
};

struct ModelSource {
  std::filesystem::path path;  // the ONNX file; external data is found beside it. With `engine` it may be empty.
  Graph graph;                 // empty when the model is not at hand
  // A serialized engine of this backend: run that. The graph, if any, is the model it was built from and tells origins.
  std::filesystem::path engine = {};
};

// One inference from outside, in seconds.
struct RunTimes {
  double total = 0.0;
  std::optional<double> host_to_device;
  std::optional<double> enqueue;
  std::optional<double> compute;
  std::optional<double> device_to_host;
  // With several requests in flight: seconds since the completion before this one, nullopt for the first. The inverse
  // of its mean is the throughput; `total` is then the latency under that load, and 1 / total is not.
  std::optional<double> interval;
};

// One inference with layer timing on.
struct ProfiledRun {
  double total = 0.0;                 // RunTimes::compute where a device tells it, else RunTimes::total
  std::vector<double> layer_seconds;  // by index of layers(); empty: see reported_layer_seconds()
};

// One inference with every device activity and host call recorded.
struct TracedRun {
  RunTimes times;
  // By start, on steady_clock()'s seconds; Activity::kernel is an index into TraceFacts::launches, Activity::inference
  // is not set. A call that launches several kernels (a CUDA graph) is one call.
  std::vector<Activity> activities;
  // Where the kernels each have a call of their own: seconds from the begin of the call to the kernel's begin, by
  // position among the kernels of `activities`; else empty.
  std::vector<double> launch_delays;
};

// What holds for a whole traced run; complete after its last inference.
struct TraceFacts {
  std::string source;                  // "CUPTI 13.0 activity records"
  std::vector<KernelLaunch> launches;  // each distinct launch once
  bool graph = false;                  // as a CUDA graph
  KernelJoin join = KernelJoin::none;  // how Activity::layer came about
  std::string join_reason;             // where there is a better one: why it was not to be had
  std::int64_t lost_records = 0;
};

// How the limits of a device are measured.
struct CeilingsRequest {
  std::string device;    // "": the backend's default
  double seconds = 0.5;  // of samples for each figure, about
};

// What a device reached, and what could not be measured.
struct MeasuredCeilings {
  DeviceCeilings ceilings;
  std::vector<MissingCeiling> missing;
  std::vector<std::string> notes;  // clocks, threads, sizes: a sentence each
  bool partial = false;            // the user stopped it
};

class CompiledModel {
 public:
  virtual ~CompiledModel() = default;

  [[nodiscard]] virtual std::vector<TensorDesc> inputs() const = 0;
  [[nodiscard]] virtual std::vector<TensorDesc> outputs() const = 0;

  // Type and shape must be those of inputs(). The data is copied.
  [[nodiscard]] virtual Status set_input(const std::string& name, const Tensor& tensor) = 0;

  // Requests that run_once() keeps in flight: 1, unless a throughput hint or several streams ask for more.
  [[nodiscard]] virtual int requests_in_flight() const { return 1; }
  // Blocks until an inference is done. With several requests in flight it waits for whichever is done first and starts
  // that one anew before it returns, so that the engine stays busy between calls.
  [[nodiscard]] virtual Result<RunTimes> run_once() = 0;
  // Needs CompileOptions::layer_timing.
  [[nodiscard]] virtual Result<ProfiledRun> run_once_profiled() = 0;

  // Can run_once_traced() work? Else ErrorCode::unavailable, with a sentence that says what is missing.
  [[nodiscard]] virtual Status can_trace() const { return unavailable("this backend does not trace"); }
  // One inference, waited for; with LaunchOptions::overlap right behind another. Needs CompileOptions::tracing.
  [[nodiscard]] virtual Result<TracedRun> run_once_traced() { return forward_error(can_trace()); }
  [[nodiscard]] virtual TraceFacts trace_facts() const { return {}; }

  // Around the samples of a run, after its warm-up: marks for profilers that watch from outside (an NVTX range,
  // cudaProfilerStart). `run` is "end to end" or "layers".
  virtual void samples_begin(std::string_view /*run*/) {}
  virtual void samples_end() {}

  // Executed layers in execution order, without times. With layer_timing, complete only after the first
  // run_once_profiled(): some engines decide at the first inference.
  [[nodiscard]] virtual Result<std::vector<Layer>> layers() = 0;
  // Layers the engine lists but does not execute (fused, folded); same caveat.
  [[nodiscard]] virtual std::vector<std::string> not_executed() = 0;
  // After the layer run: the engine's own aggregate per layer in seconds, by index of layers(); empty where it has
  // none.
  [[nodiscard]] virtual std::vector<std::optional<double>> reported_layer_seconds() = 0;
  // How run_once and run_once_profiled time, one sentence each, for MeasurementInfo::method.
  [[nodiscard]] virtual std::string timing_method() const = 0;
  [[nodiscard]] virtual std::string layer_timing_method() const = 0;

  // After a run. The data is copied.
  [[nodiscard]] virtual Result<Tensor> output(const std::string& name) = 0;

  // Fills what the engine knows: backend, engine, device, precision, threads, streams, properties.
  virtual void describe(Environment& environment) const = 0;
  // The engine's own description of its layers as it gave it (TensorRT: the inspector's JSON); empty: it has none.
  [[nodiscard]] virtual std::string engine_description() const { return {}; }
  // Facts and doubts for Profile::notes and Profile::warnings, a sentence each.
  [[nodiscard]] virtual std::vector<std::string> notes() const = 0;
  [[nodiscard]] virtual std::vector<std::string> warnings() const = 0;
};

class Backend {
 public:
  virtual ~Backend() = default;
  [[nodiscard]] virtual std::string name() const = 0;  // "openvino"
  // Is it usable on this machine? Loads the engine's libraries.
  [[nodiscard]] virtual Result<ProbeResult> probe() = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<CompiledModel>> compile(const ModelSource& source,
                                                                       const CompileOptions& options) = 0;

  // Does it serialize engines? Then build() makes them, and compile() takes ModelSource::engine.
  [[nodiscard]] virtual bool builds_engines() const { return false; }
  // Ahead of time; some backends need no device for it. Stopped by the user: ErrorCode::interrupted.
  [[nodiscard]] virtual Result<BuiltEngine> build(const ModelSource& /*source*/, const BuildOptions& /*options*/,
                                                  Progress& /*progress*/, const StopFlag& /*stop*/) {
    return unavailable("the " + name() + " backend does not build engines");
  }

  // What a profile of this device says of backend, engine and device, without a model: by it measured limits are kept
  // and found again.
  [[nodiscard]] virtual Result<Environment> describe_device(const std::string& /*device*/) {
    return unavailable("the " + name() + " backend does not measure what its device can do");
  }
  // Takes some seconds, and the whole device. A limit that cannot be measured is told in the result; an error means
  // that none could.
  [[nodiscard]] virtual Result<MeasuredCeilings> measure_ceilings(const CeilingsRequest& /*request*/,
                                                                  Progress& /*progress*/, const StopFlag& /*stop*/) {
    return unavailable("the " + name() + " backend does not measure what its device can do");
  }
};

}  // namespace trtprof
