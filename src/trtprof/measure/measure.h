// How a model is timed: end to end and per layer in separate runs, each warmed up until steady and stopped by rule.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "trtprof/backend/backend.h"
#include "trtprof/base/progress.h"
#include "trtprof/base/stop_flag.h"
#include "trtprof/measure/machine.h"
#include "trtprof/measure/remarks.h"
#include "trtprof/measure/stop_rule.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

class ClockLock;

// Seconds from an arbitrary start, monotonic. Tests pass their own; with telemetry it is called from another thread
// too.
using Clock = std::function<double()>;
[[nodiscard]] Clock steady_clock();

struct MeasureOptions {
  WarmupOptions warmup;
  StopRuleOptions stop;
};

// The rule runs on the layer run's total. Half as long as end to end: layer times are read as shares, and the engine's
// layer timing keeps a number for every layer and inference.
[[nodiscard]] MeasureOptions layer_run_defaults();

// Half as long as the layer run: what the device's timestamps tell of order and gaps differs little between inferences,
// and records cost time and memory.
[[nodiscard]] MeasureOptions timeline_defaults();

// Told when samples are taken, and of which run: "end to end", "layers", "timeline". Warm-up and compilation lie
// outside. Runs do not nest; calls come from the measuring thread, where no inference is being timed.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void run_begins(std::string_view run) = 0;
  virtual void run_ends(std::int64_t inferences) = 0;
};

struct MeasureContext {
  Progress& progress;
  const StopFlag& stop;
  Clock clock = steady_clock();
  // By `clock`: what times of a Timeline and of Telemetry count from. profile_model() sets it at its beginning.
  double epoch = 0.0;
  RunObserver* observer = nullptr;
  // Set by the collectors: an inference failed after others had been measured.
  std::optional<Error> failure = std::nullopt;
};

// Collectors: each warms up, samples until its rule says stop or the user does, and summarises. Stopped by the user
// after the first sample: what there is, with StopReason::interrupted; before it: ErrorCode::interrupted. An inference
// that fails, or reports a time that is no time, ends it: the first one with an error that names it, a later one with
// StopReason::failed, what there is until then, and the error in MeasureContext::failure.
[[nodiscard]] Result<EndToEnd> measure_end_to_end(CompiledModel& model, const MeasureOptions& options,
                                                  MeasureContext& context);
// A backend that has no times per inference (ProfiledRun::layer_seconds empty) gives Layer::reported_seconds instead.
[[nodiscard]] Result<LayerRun> measure_layers(CompiledModel& model, const MeasureOptions& options,
                                              MeasureContext& context);

// What the device does while it is measured: clocks, power, temperature, energy (docs/telemetry.md).
struct TelemetryOptions {
  bool on = false;
  std::optional<double> period_seconds;    // between samples; nullopt: 20 ms on a GPU, 100 ms on a CPU
  std::filesystem::path sysfs_root = "/";  // holds sys/; tests pass their own
};

struct ProfileRequest {
  ModelSource source;
  ModelInfo info;          // from OnnxModel::info()
  CompileOptions compile;  // layer_timing, tracing and traced_later are set by profile_model()
  MeasureOptions end_to_end;
  MeasureOptions layers = layer_run_defaults();
  bool layer_run = true;
  MeasureOptions traced = timeline_defaults();
  bool timeline = false;  // where the backend can trace; else a note says what is missing
  TelemetryOptions telemetry = {};
  ClockLock* clock_lock = nullptr;       // locked from before the first inference to after the last one
  std::map<std::string, Tensor> inputs;  // given ones; the rest is random
  std::uint64_t seed = 1;
  Environment environment;                                  // tool and machine; the backend adds the rest
  Remarks machine = machine_remarks(read_machine_state());  // before anything is measured; tests pass their own
};

// Compiles without layer timing, measures end to end, lets go of it, compiles with layer timing, measures layers, lets
// go of it, compiles with tracing, measures the timeline: one compiled model in memory at a time. Interrupted, or
// MeasureContext::failure: what there is, with Profile::partial set (an error only when there is nothing yet). Notes
// and warnings come from the request, the backend, the outputs (NaN, infinity), and profile_remarks(): machine too
// noisy, warm-up not steady, layer sum far from end to end.
[[nodiscard]] Result<Profile> profile_model(Backend& backend, const ProfileRequest& request, MeasureContext& context);

// This program and this machine; measures nothing. `started_at` is now.
[[nodiscard]] Environment describe_environment(const std::vector<std::string>& command_line);

}  // namespace trtprof
