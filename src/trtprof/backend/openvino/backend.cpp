#include "trtprof/backend/openvino/backend.h"

#include <algorithm>
#include <exception>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <openvino/core/model.hpp>
#include <openvino/core/version.hpp>
#include <openvino/runtime/properties.hpp>

#include "trtprof/backend/openvino/ceilings.h"
#include "trtprof/backend/openvino/compiled_model.h"
#include "trtprof/backend/openvino/itt_collector.h"
#include "trtprof/backend/openvino_error.h"
#include "trtprof/base/tensor.h"
#include "trtprof/base/text.h"

namespace trtprof::openvino {
namespace {

constexpr const char* kDevice = "CPU";

std::string engine_version() {
  const char* build = ov::get_openvino_version().buildNumber;
  return build == nullptr ? std::string{} : build;
}

// "OpenVINO 2026.4.1"
std::string engine_sentence_name() {
  const std::string version = engine_version();
  return "OpenVINO " + version.substr(0, version.find('-'));
}

Status check_device(const std::string& device) {
  if (device.empty() || device == "cpu" || device == kDevice) return {};
  return unavailable(fmt::format("device '{}' is not one of backend 'openvino'", printable(device)),
                     "It has one device: cpu.");
}

Result<ov::AnyMap> compile_properties(const CompileOptions& options) {
  ov::AnyMap properties;
  properties.insert(ov::hint::performance_mode(options.hint == PerformanceHint::throughput
                                                   ? ov::hint::PerformanceMode::THROUGHPUT
                                                   : ov::hint::PerformanceMode::LATENCY));
  properties.insert(ov::enable_profiling(options.layer_timing || options.tracing));
  if (options.threads) properties.insert(ov::inference_num_threads(*options.threads));
  if (options.streams) properties.insert(ov::num_streams(ov::streams::Num(*options.streams)));
  static const std::map<std::string, ov::element::Type> precisions = {{"f32", ov::element::f32},
                                                                      {"f16", ov::element::f16},
                                                                      {"bf16", ov::element::bf16},
                                                                      {"model", ov::element::dynamic}};
  if (!options.precision.empty()) {
    const auto precision = precisions.find(options.precision);
    if (precision == precisions.end()) {
      return usage_error(fmt::format("precision '{}' is not one of backend 'openvino'", printable(options.precision)),
                         "It has f32, f16 and bf16.");
    }
    properties.insert(ov::hint::inference_precision(precision->second));
  }
  return properties;
}

// The model with every input at its shape. Inputs go by name: the frontend keeps ONNX tensor names.
void reshape_to(ov::Model& model, const BoundShapes& shapes) {
  std::map<ov::Output<ov::Node>, ov::PartialShape> wanted;
  for (const ov::Output<ov::Node>& input : model.inputs()) {
    const auto& names = input.get_names();
    const auto shape = std::ranges::find_if(shapes, [&](const auto& bound) { return names.count(bound.first) != 0; });
    if (shape == shapes.end()) continue;
    wanted[input] = ov::PartialShape(std::vector<ov::Dimension>(shape->second.begin(), shape->second.end()));
  }
  if (!wanted.empty()) model.reshape(wanted);
}

std::string inputs_with_open_shape(const ov::Model& model) {
  std::vector<std::string> open;
  for (const ov::Output<const ov::Node>& input : model.inputs()) {
    if (input.get_partial_shape().is_dynamic()) {
      open.push_back(fmt::format("'{}' {}", printable(input.get_any_name()), input.get_partial_shape().to_string()));
    }
  }
  return fmt::format("{}", fmt::join(open, ", "));
}

// A single stream with the threads that each stream has under the options: layers of one inference can be told apart
// only where one inference runs at a time.
CompileOptions one_stream(ov::Core& core, const std::shared_ptr<ov::Model>& model, const CompileOptions& options,
                          std::vector<std::string>& notes) {
  CompileOptions single = options;
  CompileOptions as_asked = options;
  as_asked.layer_timing = false;
  as_asked.tracing = false;
  const auto properties = compile_properties(as_asked);
  if (!properties) return single;
  const ov::CompiledModel compiled = core.compile_model(model, kDevice, *properties);
  const int streams = std::max(1, static_cast<int>(compiled.get_property(ov::num_streams).num));
  const int threads = std::max(1, compiled.get_property(ov::inference_num_threads) / streams);
  single.hint = PerformanceHint::latency;
  single.streams = 1;
  single.threads = threads;
  if (streams > 1) {
    notes.push_back(fmt::format(
        "Layers were timed one inference at a time, on one stream of {} thread{}, which is the share of each of the {} "
        "streams: competition between streams is in the end-to-end times alone.",
        threads, threads == 1 ? "" : "s", streams));
  }
  return single;
}

// What was asked for and is not what OpenVINO does.
std::vector<std::string> differences(const ov::CompiledModel& model, const CompileOptions& options,
                                     const std::string& engine) {
  std::vector<std::string> sentences;
  const std::string precision = element_type_name(model.get_property(ov::hint::inference_precision));
  const bool chosen = !options.precision.empty() && options.precision != "model";
  if (chosen && precision != options.precision) {
    sentences.push_back(fmt::format("Precision {} was asked for; {} computes in {} on this CPU.", options.precision,
                                    engine, precision));
  }
  const int threads = model.get_property(ov::inference_num_threads);
  if (options.threads && threads != *options.threads) {
    sentences.push_back(fmt::format("{} threads were asked for; {} uses {}.", *options.threads, engine, threads));
  }
  const int streams = static_cast<int>(model.get_property(ov::num_streams).num);
  if (options.streams && streams != *options.streams) {
    sentences.push_back(fmt::format("{} streams were asked for; {} uses {}.", *options.streams, engine, streams));
  }
  return sentences;
}

}  // namespace

ov::Core& OpenVinoBackend::core() {
  if (core_ == nullptr) {
    IttCollector::instance().offer();
    core_ = std::make_unique<ov::Core>();
  }
  return *core_;
}

Result<ProbeResult> OpenVinoBackend::probe() {
  try {
    ProbeResult result;
    result.engine_name = "OpenVINO";
    result.engine_version = engine_version();
    result.devices.push_back({"cpu", core().get_property(kDevice, ov::device::full_name), DeviceKind::cpu});
    return result;
  } catch (const std::exception& e) {
    Error error = openvino_error(e.what(), {}, engine_sentence_name(),
                                 fmt::format("{} has no usable CPU plugin", engine_sentence_name()));
    error.code = ErrorCode::unavailable;
    return tl::unexpected<Error>(std::move(error));
  }
}

Result<std::unique_ptr<CompiledModel>> OpenVinoBackend::compile(const ModelSource& source,
                                                                const CompileOptions& options) {
  if (const Status device = check_device(options.device); !device) return forward_error(device);
  const std::string engine = engine_sentence_name();
  const std::string file = printable(source.path.string());
  std::string doing = fmt::format("{} could not read {}", engine, file);
  try {
    const std::shared_ptr<ov::Model> model = core().read_model(source.path);
    doing = fmt::format("{} could not give {} the input shapes that were asked for", engine, file);
    reshape_to(*model, options.shapes);
    if (const std::string open = inputs_with_open_shape(*model); !open.empty()) {
      return fail(fmt::format("{}: the shape of input {} is not fixed", file, open), "Give it with --shape.");
    }
    doing = fmt::format("{} could not compile {}", engine, file);
    OpenVinoModel::Setup setup{
        source.graph, options, core().get_property(kDevice, ov::device::full_name), engine_version(), engine, {}, {}};
    const bool streams = options.hint == PerformanceHint::throughput || options.streams.value_or(1) > 1;
    if ((options.layer_timing || options.tracing) && streams)
      setup.options = one_stream(core(), model, options, setup.notes);
    const auto properties = compile_properties(setup.options);
    if (!properties) return forward_error(properties);
    ov::CompiledModel compiled = core().compile_model(model, kDevice, *properties);
    IttCollector::instance().withdraw();
    for (std::string& difference : differences(compiled, setup.options, engine)) {
      setup.warnings.push_back(std::move(difference));
    }
    return std::unique_ptr<CompiledModel>(std::make_unique<OpenVinoModel>(std::move(compiled), std::move(setup)));
  } catch (const std::exception& e) {
    return tl::unexpected<Error>(openvino_error(e.what(), source.graph, engine, doing));
  }
}

Result<Environment> OpenVinoBackend::describe_device(const std::string& device) {
  if (const Status known = check_device(device); !known) return forward_error(known);
  try {
    Environment environment;
    environment.backend = name();
    environment.engine_name = "OpenVINO";
    environment.engine_version = engine_version();
    environment.device_kind = DeviceKind::cpu;
    environment.device_name = core().get_property(kDevice, ov::device::full_name);
    environment.threads = default_threads(core());
    return environment;
  } catch (const std::exception& e) {
    return tl::unexpected<Error>(openvino_error(e.what(), {}, engine_sentence_name(),
                                                fmt::format("{} could not describe the CPU", engine_sentence_name())));
  }
}

Result<MeasuredCeilings> OpenVinoBackend::measure_ceilings(const CeilingsRequest& request, Progress& progress,
                                                           const StopFlag& stop) {
  if (const Status known = check_device(request.device); !known) return forward_error(known);
  try {
    return measure_cpu(core(), core().get_property(kDevice, ov::device::full_name), request, progress, stop);
  } catch (const std::exception& e) {
    return tl::unexpected<Error>(openvino_error(e.what(), {}, engine_sentence_name(),
                                                fmt::format("{} could not measure the CPU", engine_sentence_name())));
  }
}

}  // namespace trtprof::openvino
