#include "support/fake_backend.h"

#include <algorithm>
#include <utility>

namespace trtprof::test {
namespace {

class FakeModel final : public CompiledModel {
 public:
  FakeModel(FakeScript script, FakeClock clock, const CompileOptions& options,
            std::shared_ptr<FakeBackend::Alive> alive, std::shared_ptr<std::map<std::string, std::vector<Tensor>>> fed)
      : script_(std::move(script)),
        clock_(std::move(clock)),
        layer_timing_(options.layer_timing),
        tracing_(options.tracing),
        alive_(std::move(alive)),
        fed_(std::move(fed)) {
    ++alive_->now;
    alive_->most = std::max(alive_->most, alive_->now);
  }
  ~FakeModel() override { --alive_->now; }
  FakeModel(const FakeModel&) = delete;
  FakeModel& operator=(const FakeModel&) = delete;

  std::vector<TensorDesc> inputs() const override { return script_.inputs; }
  std::vector<TensorDesc> outputs() const override { return script_.outputs; }

  Status set_input(const std::string& name, const Tensor& tensor) override {
    (*fed_)[name].push_back(tensor);
    return {};
  }

  Result<RunTimes> run_once() override {
    const auto begun = begin_run(false);
    if (!begun) return forward_error(begun);
    const double total = script_.total(*begun);
    clock_.advance(total);
    if (script_.parts) return script_.parts(*begun, total);
    RunTimes times;
    times.total = total;
    return times;
  }

  Result<ProfiledRun> run_once_profiled() override {
    if (!layer_timing_) return fail("compiled without layer timing");
    const auto begun = begin_run(true);
    if (!begun) return forward_error(begun);
    ProfiledRun result;
    result.total = script_.profiled_total(*begun);
    clock_.advance(result.total);
    if (script_.per_run_layer_times) {
      for (const FakeLayer& layer : script_.layers) result.layer_seconds.push_back(layer.seconds(*begun));
      if (script_.layer_times_given) result.layer_seconds.resize(*script_.layer_times_given, 1e-6);
    }
    return result;
  }

  Status can_trace() const override {
    if (script_.can_trace && !script_.traced) return unavailable("nothing is scripted");
    return script_.can_trace;
  }
  Result<TracedRun> run_once_traced() override {
    if (!tracing_) return fail("compiled without tracing");
    const auto begun = begin_run(true);
    if (!begun) return forward_error(begun);
    TracedRun run = script_.traced(*begun);
    clock_.advance(run.times.total);
    return run;
  }
  TraceFacts trace_facts() const override { return script_.trace_facts; }

  // As engines that decide at the first inference: an error before it.
  Result<std::vector<Layer>> layers() override {
    if (layer_timing_ && runs_ == 0) return fail("no layers before the first inference");
    std::vector<Layer> result;
    for (const FakeLayer& fake : script_.layers) {
      Layer layer;
      layer.name = fake.name;
      result.push_back(std::move(layer));
    }
    return result;
  }
  std::vector<std::string> not_executed() override { return script_.not_executed; }
  std::vector<std::optional<double>> reported_layer_seconds() override {
    std::vector<std::optional<double>> result;
    for (const FakeLayer& layer : script_.layers) result.push_back(layer.reported_seconds);
    const bool any = std::any_of(result.begin(), result.end(), [](const auto& seconds) { return seconds.has_value(); });
    return any ? result : std::vector<std::optional<double>>();
  }
  std::string timing_method() const override { return "Scripted times."; }
  std::string layer_timing_method() const override { return "Scripted layer times."; }

  Result<Tensor> output(const std::string& name) override {
    if (runs_ == 0) return fail("no output before the first inference");
    const auto value = script_.output_values.find(name);
    if (value != script_.output_values.end()) return value->second;
    for (const TensorDesc& desc : script_.outputs) {
      if (desc.name != name) continue;
      Tensor tensor;
      tensor.type = element_type_from_string(desc.element_type).value_or(ElementType::unknown);
      tensor.shape = desc.shape;
      tensor.data.resize(element_count(desc.shape).value_or(0) * bits_of(tensor.type) / 8);
      return tensor;
    }
    return fail("no output " + name);
  }

  void describe(Environment& environment) const override {
    environment.backend = "fake";
    environment.engine_name = "Fake";
    environment.threads = 2;
    environment.device_kind = script_.device_kind;
    environment.properties = script_.properties;
  }
  std::vector<std::string> notes() const override { return script_.notes; }
  std::vector<std::string> warnings() const override { return script_.warnings; }

 private:
  Result<std::int64_t> begin_run(bool profiled) {
    const std::int64_t run = runs_++;
    if (script_.before_run) script_.before_run(run, profiled);
    if (script_.error) {
      if (auto error = script_.error(run, profiled)) return tl::unexpected<Error>(std::move(*error));
    }
    return run;
  }

  FakeScript script_;
  FakeClock clock_;
  bool layer_timing_;
  bool tracing_;
  std::int64_t runs_ = 0;
  std::shared_ptr<FakeBackend::Alive> alive_;
  std::shared_ptr<std::map<std::string, std::vector<Tensor>>> fed_;
};

}  // namespace

Times always(double seconds) {
  return [seconds](std::int64_t) { return seconds; };
}

Result<ProbeResult> FakeBackend::probe() {
  ProbeResult result;
  result.engine_name = "Fake";
  result.devices.push_back({"cpu", "Scripted", DeviceKind::cpu});
  return result;
}

Result<std::unique_ptr<CompiledModel>> FakeBackend::compile(const ModelSource&, const CompileOptions& options) {
  compiled_.push_back(options);
  if (script_.compile_error) return tl::unexpected<Error>(*script_.compile_error);
  return std::make_unique<FakeModel>(script_, clock_, options, alive_, fed_);
}

}  // namespace trtprof::test
