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
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/base/tensor.h"
#include "trtprof/model/graph.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

struct DeviceInfo {
  std::string id;    // as --device takes it: "cpu", "cuda:0"
  std::string name;  // "Intel(R) Xeon(R) Platinum 8480+"
  DeviceKind kind = DeviceKind::cpu;
};

struct ProbeResult {
  std::string engine_name;     // "OpenVINO"
  std::string engine_version;  // of the library that is loaded
  std::vector<DeviceInfo> devices;
};

enum class PerformanceHint { latency, throughput };

struct CompileOptions {
  std::string device;  // "" : the backend's default
  BoundShapes shapes;  // every input
  PerformanceHint hint = PerformanceHint::latency;
  std::optional<int> threads;
  std::optional<int> streams;
  std::string precision;      // "" : the engine's default; else "f32", "f16", "bf16"
  bool layer_timing = false;  // prepare run_once_profiled()
};

struct ModelSource {
  std::filesystem::path path;  // the ONNX file; external data is found beside it
  Graph graph;
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
  double total = 0.0;
  std::vector<double> layer_seconds;  // by index of layers(); empty: see reported_layer_seconds()
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
};

}  // namespace trtprof
