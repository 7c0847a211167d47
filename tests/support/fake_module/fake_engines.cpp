// A backend module as TensorRT-RTX's is to the program, without TensorRT and without a GPU: it "builds" text with the
// header of a plan, and "runs" it. What only tests can see comes from the environment:
//   TRTPROF_FAKE_DEVICES  number of GPUs (1)
//   TRTPROF_FAKE_CAPABILITY  of every one of them ("8.9")
//   TRTPROF_FAKE_VERSION  of the library ("1.7.1.116")
//   TRTPROF_FAKE_BUILD    "fail": the builder refuses; "wait": it builds until it is stopped
//   TRTPROF_FAKE_REFIT    "fail": the refitter refuses the model
//   TRTPROF_FAKE_RUNS     inferences until one fails
//   TRTPROF_FAKE_NAME     of the GPU whose limits are measured
//   TRTPROF_FAKE_MEASURE  "wait": its limits are measured until that is stopped
//   TRTPROF_FAKE_PCI      PCI bus id of the GPU
//   TRTPROF_FAKE_LAYERS   set: each layer takes a millisecond
//   TRTPROF_FAKE_BUILDS   a file that counts builds: each is another engine, and a hair faster than the one before
//   TRTPROF_FAKE_LAUNCH   set: how it is launched makes a difference, as on a GPU
#include <chrono>
#include <cstdlib>
#include <sstream>
#include <thread>

#include <fmt/format.h>

#include "support/plans.h"
#include "trtprof/backend/module_entry.h"
#include "trtprof/backend/plan_header.h"
#include "trtprof/base/file.h"

namespace trtprof::test {
namespace {

std::string setting(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

int number(const char* name, int otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::atoi(value);
}

EngineVersion library_version() {
  EngineVersion version;
  std::istringstream text(setting("TRTPROF_FAKE_VERSION", "1.7.1.116"));
  char dot = '.';
  text >> version.major >> dot >> version.minor >> dot >> version.patch >> dot >> version.build;
  return version;
}

std::vector<DeviceInfo> devices() {
  std::vector<DeviceInfo> list;
  for (int i = 0; i < number("TRTPROF_FAKE_DEVICES", 1); ++i) {
    list.push_back({fmt::format("cuda:{}", i), fmt::format("Fake GPU {}", i), DeviceKind::gpu,
                    setting("TRTPROF_FAKE_CAPABILITY", "8.9")});
  }
  return list;
}

Result<std::size_t> device_index(const std::string& id) {
  const auto list = devices();
  if (list.empty()) return unavailable("no usable NVIDIA GPU: there is none");
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (id.empty() || list[i].id == id) return i;
  }
  return unavailable(fmt::format("device '{}' is not one of the NVIDIA GPUs here", id));
}

struct Content {
  std::vector<TensorDesc> inputs;  // -1 where open
  std::vector<Layer> layers;
  bool refittable = false;
  bool stripped = false;
  double speed = 1.0;
};

// "input NAME d d d" and "layer NAME op:node op:node"; names without spaces.
std::string to_text(const Graph& graph, const BuildOptions& options) {
  std::string text;
  for (const ValueInfo& input : graph.inputs) {
    text += "input " + input.name;
    for (const Dimension& dimension : *input.shape) text += fmt::format(" {}", dimension.value.value_or(-1));
    text += '\n';
  }
  bool open_line = false;
  for (const GraphNode& node : graph.nodes) {
    const bool joins =
        open_line && (node.op_type == "BatchNormalization" || node.op_type == "Clip" || node.op_type == "Relu");
    if (!joins) text += fmt::format("{}layer {}", open_line ? "\n" : "", node.display_name());
    text += fmt::format(" {}:{}", node.op_type, node.display_name());
    open_line = true;
  }
  return text + fmt::format("\nrefit {}\nstripped {}\n", options.refit, options.strip_weights);
}

Content from_text(const std::string& text) {
  Content content;
  std::istringstream lines(text);
  const auto has = [&](const char* line) { return text.find(line) != std::string::npos; };
  content.stripped = has("\nstripped true\n");
  content.refittable = content.stripped || has("\nrefit true\n");
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string kind;
    std::string name;
    words >> kind >> name;
    if (kind == "speed") content.speed = std::strtod(name.c_str(), nullptr);
    if (kind == "input") {
      TensorDesc& input = content.inputs.emplace_back();
      input.name = name;
      input.element_type = "f32";
      for (std::int64_t dimension = 0; words >> dimension;) input.shape.push_back(dimension);
    } else if (kind == "layer") {
      Layer& layer = content.layers.emplace_back();
      layer.name = name;
      for (std::string origin; words >> origin;) {
        const std::size_t colon = origin.find(':');
        layer.origin_nodes.push_back({origin.substr(colon + 1), origin.substr(0, colon)});
      }
      layer.origin_source = OriginSource::reported;
      const bool convolution = layer.origin_nodes.front().op_type == "Conv";
      layer.engine_type = convolution ? "CaskConvolution" : "Other";
      layer.layer_class = convolution ? LayerClass::convolution : LayerClass::other;
      layer.precision = "f32";
    }
  }
  return content;
}

std::string speed_of_next_build() {
  const std::string file = setting("TRTPROF_FAKE_BUILDS", "");
  if (file.empty()) return "";
  const std::string before = read_file(file).value_or("");
  if (!write_file(file, before + "x")) return "";
  return fmt::format("speed {}\n", 1.0 + 0.001 * static_cast<double>(before.size()));
}

class FakeEngine final : public CompiledModel {
 public:
  FakeEngine(Content content, CompileOptions options, std::size_t device)
      : content_(std::move(content)), options_(std::move(options)), device_(device) {}

  std::vector<TensorDesc> inputs() const override { return content_.inputs; }
  std::vector<TensorDesc> outputs() const override { return {{"y", "f32", {1}, "", 4}}; }
  Status set_input(const std::string& /*name*/, const Tensor& /*tensor*/) override { return {}; }

  Result<RunTimes> run_once() override {
    if (const Status counted = count_run(); !counted) return forward_error(counted);
    RunTimes times;
    times.compute = 1e-3 * static_cast<double>(1 + device_);
    if (std::getenv("TRTPROF_FAKE_LAYERS") != nullptr)
      times.compute = 1e-3 * static_cast<double>(content_.layers.size()) / content_.speed;
    times.enqueue = 5e-6;
    if (options_.launch.transfers) {
      times.host_to_device = 2e-4;
      times.device_to_host = 1e-4;
    }
    if (std::getenv("TRTPROF_FAKE_LAUNCH") != nullptr) launch(times);
    times.total = *times.compute + times.host_to_device.value_or(0.0) + times.device_to_host.value_or(0.0);
    return times;
  }
  Result<ProfiledRun> run_once_profiled() override {
    if (const Status counted = count_run(); !counted) return forward_error(counted);
    const auto count = static_cast<double>(content_.layers.size());
    const double total = 1e-3 * static_cast<double>(1 + device_);
    return ProfiledRun{total, std::vector<double>(content_.layers.size(), total / count)};
  }
  Result<std::vector<Layer>> layers() override { return content_.layers; }
  std::vector<std::string> not_executed() override { return {}; }
  std::vector<std::optional<double>> reported_layer_seconds() override { return {}; }
  std::string timing_method() const override { return "Made up."; }
  std::string layer_timing_method() const override { return "Made up, by layer."; }
  Result<Tensor> output(const std::string& /*name*/) override {
    return Tensor{ElementType::f32, {1}, std::vector<std::byte>(4)};
  }
  void describe(Environment& environment) const override {
    environment.backend = "tensorrt-rtx";
    environment.engine_name = "TensorRT-RTX";
    environment.engine_version = to_string(library_version());
    environment.device_kind = DeviceKind::gpu;
    environment.device_name = devices()[device_].name;
    const LaunchOptions& launch = options_.launch;
    environment.properties = {
        {"device", devices()[device_].id},
        {"launch",
         fmt::format("graph {}, transfers {}, synchronous {}, pageable {}, cold {}, spin {}", launch.graph,
                     launch.transfers, launch.synchronous_transfers, launch.pageable, launch.cold_l2, launch.spin)}};
    if (std::getenv("TRTPROF_FAKE_LAUNCH") != nullptr) {
      environment.properties["transfers"] =
          !launch.transfers
              ? "none"
              : fmt::format("{}, {} host memory", launch.synchronous_transfers ? "blocking" : "overlapped",
                            launch.pageable ? "pageable" : "page-locked");
      environment.properties["CUDA graph"] = launch.graph ? "on" : "off";
    }
    if (const std::string place = setting("TRTPROF_FAKE_PCI", ""); !place.empty()) {
      environment.properties["PCI bus id"] = place;
    }
  }
  std::vector<std::string> notes() const override {
    if (options_.refit_from.empty()) return {};
    return {fmt::format("Weights refitted from {} in 1.5 ms.", options_.refit_from.string())};
  }
  std::vector<std::string> warnings() const override { return {}; }

 private:
  // Pageable copies take five times as long, kernels that are launched one by one half as long again, and copies lie
  // beside compute unless they block.
  void launch(RunTimes& times) const {
    const LaunchOptions& how = options_.launch;
    if (!how.graph) {
      times.compute = 1.5 * *times.compute;
      times.enqueue = *times.compute;
    }
    if (!how.transfers) return;
    const double factor = how.pageable ? 5.0 : 1.0;
    times.host_to_device = factor * *times.host_to_device;
    times.device_to_host = factor * *times.device_to_host;
    if (!how.synchronous_transfers) times.interval = *times.compute + (how.pageable ? 5.0 * 3e-4 : 0.0);
  }

  Status count_run() {
    std::this_thread::sleep_for(std::chrono::microseconds(200));
    if (++runs_ == number("TRTPROF_FAKE_RUNS", 0)) return fail("the device fell off the bus");
    return {};
  }

  Content content_;
  CompileOptions options_;
  std::size_t device_;
  int runs_ = 0;
};

class FakeEngines final : public Backend {
 public:
  std::string name() const override { return "tensorrt-rtx"; }

  Result<ProbeResult> probe() override {
    if (devices().empty()) return unavailable("no usable NVIDIA GPU: there is none");
    return ProbeResult{"TensorRT-RTX", to_string(library_version()), devices()};
  }

  Result<std::unique_ptr<CompiledModel>> compile(const ModelSource& source, const CompileOptions& options) override {
    const auto device = device_index(options.device);
    if (!device) return forward_error(device);
    if (source.engine.empty()) return fail("only engines are run here");
    const auto plan = read_file(source.engine);
    if (!plan) return forward_error(plan);
    const auto header = parse_plan_header(*plan, plan->size(), source.engine.string());
    if (!header) return forward_error(header);
    const Status fits =
        check_plan(*header, EngineFlavour::tensorrt_rtx, library_version(), false, source.engine.string());
    if (!fits) return forward_error(fits);
    Content content = from_text(plan->substr(kHeaderBytes));
    if (const Status weights = check_weights(content, options); !weights) return forward_error(weights);
    for (TensorDesc& input : content.inputs) {
      if (const auto shape = options.shapes.find(input.name); shape != options.shapes.end())
        input.shape = shape->second;
      for (const std::int64_t dimension : input.shape) {
        if (dimension < 0) return usage_error(fmt::format("input '{}' has open dimensions: give --shape", input.name));
      }
    }
    return std::make_unique<FakeEngine>(std::move(content), options, *device);
  }

  Result<Environment> describe_device(const std::string& id) override {
    const auto device = device_index(id);
    if (!device) return forward_error(device);
    Environment environment;
    environment.device_kind = DeviceKind::gpu;
    environment.device_name = setting("TRTPROF_FAKE_NAME", devices()[*device].name.c_str());
    environment.properties = {{"compute capability", setting("TRTPROF_FAKE_CAPABILITY", "8.9")},
                              {"multiprocessors", "58"},
                              {"CUDA driver", "13.0"}};
    return environment;
  }

  // Until it is stopped with TRTPROF_FAKE_MEASURE "wait".
  Result<MeasuredCeilings> measure_ceilings(const CeilingsRequest& request, Progress& progress,
                                            const StopFlag& stop) override {
    const auto environment = describe_device(request.device);
    if (!environment) return forward_error(environment);
    progress.phase("measuring what the device can do");
    MeasuredCeilings measured;
    measured.ceilings = {
        environment->device_name,
        {environment->device_name},
        {{CeilingKind::memory_bandwidth, 2.7e11, CeilingBasis::measured, "made up", CeilingSpread{2.6e11, 2.8e11, 7}}}};
    measured.missing = {{CeilingKind::fp16_peak, "cuBLASLt is not on this machine"}};
    while (setting("TRTPROF_FAKE_MEASURE", "") == "wait" && !stop.requested()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    measured.partial = stop.requested();
    return measured;
  }

  bool builds_engines() const override { return true; }

  Result<BuiltEngine> build(const ModelSource& source, const BuildOptions& options, Progress& progress,
                            const StopFlag& stop) override {
    const auto started = std::chrono::steady_clock::now();
    progress.phase("building the engine");
    const std::string how = setting("TRTPROF_FAKE_BUILD", "");
    if (how == "fail") return fail("TensorRT-RTX could not build an engine: no tactic for layer stem/conv");
    while (how == "wait") {
      if (stop.requested())
        return tl::unexpected<Error>(Error{ErrorCode::interrupted, "the build was interrupted", ""});
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    const std::string text = to_text(source.graph, options) + speed_of_next_build();
    BuiltEngine built;
    built.plan = plan_bytes("vtrt", library_version(), text.size());
    built.plan.replace(kHeaderBytes, text.size(), text);
    built.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    built.engine_name = "TensorRT-RTX";
    built.engine_version = to_string(library_version());
    if (const auto device = device_index(options.device)) built.device_name = devices()[*device].name;
    built.compute_capability = built.device_name.empty() ? "" : devices().front().compute_capability;
    built.warnings = {"a weight is tiny"};
    return built;
  }

 private:
  static Status check_weights(const Content& content, const CompileOptions& options) {
    if (options.refit_from.empty()) return content.stripped ? fail("the engine has no weights") : Status{};
    if (!content.refittable) return usage_error("the engine cannot be refitted");
    if (setting("TRTPROF_FAKE_REFIT", "") == "fail")
      return fail("the weights cannot be refitted: stem/conv is missing");
    return {};
  }

  static constexpr std::size_t kHeaderBytes = 28;
};

}  // namespace
}  // namespace trtprof::test

extern "C" __attribute__((visibility("default"))) const trtprof::ModuleInterface* trtprof_backend_open(
    const char* caller_stamp) {
  return trtprof::module_interface<trtprof::test::FakeEngines>(caller_stamp);
}
