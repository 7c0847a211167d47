// A backend whose times are scripted and whose clock moves only when it runs something.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/backend/backend.h"
#include "trtprof/base/progress.h"
#include "trtprof/measure/measure.h"

namespace trtprof::test {

// Seconds that pass only by advance(). Copies share the time.
class FakeClock {
 public:
  void advance(double seconds) { *now_ += seconds; }
  [[nodiscard]] double now() const { return *now_; }
  [[nodiscard]] Clock clock() const {
    return [now = now_] { return *now; };
  }

 private:
  std::shared_ptr<double> now_ = std::make_shared<double>(100.0);  // not 0: a start is arbitrary
};

// Seconds of a run by its number since the model was compiled, from 0.
using Times = std::function<double(std::int64_t run)>;
[[nodiscard]] Times always(double seconds);

struct FakeLayer {
  std::string name;
  Times seconds;
  std::optional<double> reported_seconds;
};

// What a FakeBackend compiles to; what is not set is never called.
struct FakeScript {
  std::vector<TensorDesc> inputs;
  std::vector<TensorDesc> outputs;
  std::map<std::string, Tensor> output_values;  // missing: zeros
  Times total = always(1e-3);
  Times profiled_total = always(1e-3);
  std::function<RunTimes(std::int64_t run, double total)> parts;  // adds copies and the like to RunTimes
  std::vector<FakeLayer> layers;
  std::vector<std::string> not_executed;
  bool per_run_layer_times = true;                                             // false: reported_seconds only
  std::optional<std::size_t> layer_times_given;                                // fewer, or more, than there are layers
  std::function<std::optional<Error>(std::int64_t run, bool profiled)> error;  // the run fails with it
  std::function<void(std::int64_t run, bool profiled)> before_run;             // requests a stop, and the like
  std::function<TracedRun(std::int64_t run)> traced;  // by the number of the run; its total is what passes
  TraceFacts trace_facts;
  Status can_trace = {};
  std::optional<Error> compile_error;
  std::vector<std::string> notes;
  std::vector<std::string> warnings;
  DeviceKind device_kind = DeviceKind::cpu;
  std::map<std::string, std::string> properties;
};

class FakeBackend final : public Backend {
 public:
  FakeBackend(FakeScript script, FakeClock clock) : script_(std::move(script)), clock_(std::move(clock)) {}

  [[nodiscard]] std::string name() const override { return "fake"; }
  [[nodiscard]] Result<ProbeResult> probe() override;
  [[nodiscard]] Result<std::unique_ptr<CompiledModel>> compile(const ModelSource& source,
                                                               const CompileOptions& options) override;

  // Every compile's options in order, and how many of the models live now and lived at most.
  [[nodiscard]] const std::vector<CompileOptions>& compiled() const { return compiled_; }
  [[nodiscard]] int most_alive() const { return alive_->most; }
  // What the models were fed, by input, newest last.
  [[nodiscard]] const std::map<std::string, std::vector<Tensor>>& fed() const { return *fed_; }

  struct Alive {
    int now = 0;
    int most = 0;
  };

 private:
  FakeScript script_;
  FakeClock clock_;
  std::vector<CompileOptions> compiled_;
  std::shared_ptr<Alive> alive_ = std::make_shared<Alive>();
  std::shared_ptr<std::map<std::string, std::vector<Tensor>>> fed_ =
      std::make_shared<std::map<std::string, std::vector<Tensor>>>();
};

// Keeps what it was told, and when by `clock`.
class RecordingProgress final : public Progress {
 public:
  explicit RecordingProgress(FakeClock clock) : clock_(std::move(clock)) {}
  void phase(std::string_view name) override { phases.emplace_back(name); }
  void update(double fraction, std::string_view detail) override {
    updates.push_back({phases.empty() ? "" : phases.back(), fraction, std::string(detail), clock_.now()});
  }
  void finish() override { ++finished; }

  struct Update {
    std::string phase;
    double fraction = 0.0;
    std::string detail;
    double at = 0.0;
  };
  std::vector<std::string> phases;
  std::vector<Update> updates;
  int finished = 0;

 private:
  FakeClock clock_;
};

}  // namespace trtprof::test
