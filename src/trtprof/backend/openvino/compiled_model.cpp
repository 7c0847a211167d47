#include "trtprof/backend/openvino/compiled_model.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <utility>

#include <fmt/format.h>
#include <openvino/runtime/properties.hpp>

#include "trtprof/backend/openvino/itt_collector.h"
#include "trtprof/backend/openvino_error.h"
#include "trtprof/base/steady_time.h"
#include "trtprof/base/tensor.h"
#include "trtprof/base/text.h"

namespace trtprof::openvino {
namespace {

// Begins and ends recorded before the number of layers is known: 32 k layers, 1.5 MB.
constexpr std::size_t kFirstTraceCapacity = std::size_t{1} << 16;
// A model whose loops run more often than this is not traced: 400 MB.
constexpr std::size_t kMaxTraceCapacity = std::size_t{1} << 24;

// The ONNX name where the port has it among its names.
template <class Ports>
std::vector<TensorDesc> port_descs(const Ports& ports, const std::vector<ValueInfo>& values) {
  std::vector<TensorDesc> descs;
  for (const auto& port : ports) {
    TensorDesc desc;
    const auto& names = port.get_names();
    const auto known = std::find_if(values.begin(), values.end(),
                                    [&](const ValueInfo& value) { return names.count(value.name) != 0; });
    if (known != values.end()) {
      desc.name = known->name;
    } else if (!names.empty()) {
      desc.name = *std::min_element(names.begin(), names.end());
    } else {
      desc.name = port.get_node()->get_friendly_name();
    }
    desc.element_type = element_type_name(port.get_element_type());
    const ov::PartialShape& shape = port.get_partial_shape();
    if (shape.rank().is_static()) {
      for (const ov::Dimension& d : shape) desc.shape.push_back(d.is_static() ? d.get_length() : -1);
    }
    const auto type = element_type_from_string(desc.element_type);
    const auto count = element_count(desc.shape);
    if (shape.is_static() && type && count && bits_of(*type) > 0) desc.bytes = (*count * bits_of(*type) + 7) / 8;
    descs.push_back(std::move(desc));
  }
  return descs;
}

std::optional<std::size_t> index_of(const std::vector<TensorDesc>& descs, const std::string& name) {
  const auto it = std::ranges::find_if(descs, [&](const TensorDesc& desc) { return desc.name == name; });
  if (it == descs.end()) return std::nullopt;
  return static_cast<std::size_t>(it - descs.begin());
}

const char* why_no_trace() {
  return IttCollector::instance().displaced() ? "INTEL_LIBITTNOTIFY64 names another collector"
                                              : "this build of OpenVINO does not report to the collector";
}

Activity activity_of(ActivityKind kind, std::string name, std::int64_t begin_ns, std::int64_t end_ns) {
  Activity activity;
  activity.kind = kind;
  activity.name = std::move(name);
  activity.start = static_cast<double>(begin_ns) * 1e-9;
  activity.end = static_cast<double>(end_ns) * 1e-9;
  return activity;
}

std::string names_of(const std::vector<TensorDesc>& descs) {
  std::vector<std::string> names;
  names.reserve(descs.size());
  for (const TensorDesc& desc : descs) names.push_back(printable(desc.name));
  return fmt::format("{}", fmt::join(names, ", "));
}

std::size_t request_count(const ov::CompiledModel& model, const CompileOptions& options) {
  const bool one = options.layer_timing || options.tracing ||
                   (options.hint == PerformanceHint::latency && options.streams.value_or(1) <= 1);
  return one ? 1 : std::max<std::size_t>(1, model.get_property(ov::optimal_number_of_infer_requests));
}

// Settings in force that change times, by OpenVINO's names. Those a version does not know are left out.
std::map<std::string, std::string> properties_of(const ov::CompiledModel& model) {
  static constexpr std::array<const char*, 8> names = {"PERFORMANCE_HINT",
                                                       "EXECUTION_MODE_HINT",
                                                       "INFERENCE_PRECISION_HINT",
                                                       "ENABLE_CPU_PINNING",
                                                       "ENABLE_HYPER_THREADING",
                                                       "SCHEDULING_CORE_TYPE",
                                                       "DYNAMIC_QUANTIZATION_GROUP_SIZE",
                                                       "OPTIMAL_NUMBER_OF_INFER_REQUESTS"};
  std::map<std::string, std::string> properties;
  for (const char* name : names) {
    try {
      properties[name] = model.get_property(name).as<std::string>();
    } catch (const std::exception&) {
      continue;
    }
  }
  return properties;
}

}  // namespace

OpenVinoModel::OpenVinoModel(ov::CompiledModel model, Setup setup)
    : model_(std::move(model)),
      setup_(std::move(setup)),
      pool_(model_, request_count(model_, setup_.options)),
      inputs_(port_descs(model_.inputs(), setup_.graph.inputs)),
      outputs_(port_descs(model_.outputs(), setup_.graph.outputs)),
      trace_capacity_(kFirstTraceCapacity) {}

Error OpenVinoModel::error_of(const char* what, const char* doing) const {
  return openvino_error(what, setup_.graph, setup_.engine, fmt::format("{} could not {}", setup_.engine, doing));
}

Status OpenVinoModel::set_input(const std::string& name, const Tensor& tensor) {
  const auto index = index_of(inputs_, name);
  if (!index) {
    return fail(fmt::format("the model has no input '{}'", printable(name)), "Inputs: " + names_of(inputs_));
  }
  const TensorDesc& desc = inputs_[*index];
  if (to_string(tensor.type) != desc.element_type || tensor.shape != desc.shape) {
    return fail(fmt::format("input '{}' wants {} {}, not {} {}", printable(name), desc.element_type,
                            shape_to_string(desc.shape), to_string(tensor.type), shape_to_string(tensor.shape)));
  }
  try {
    pool_.drain();
    for (ov::InferRequest& request : pool_.requests()) {
      ov::Tensor target = request.get_input_tensor(*index);
      if (target.get_element_type() == ov::element::string || target.get_byte_size() != tensor.data.size()) {
        return fail(fmt::format("input '{}' takes {} bytes of {}, not {}", printable(name), target.get_byte_size(),
                                desc.element_type, tensor.data.size()));
      }
      if (!tensor.data.empty()) std::memcpy(target.data(), tensor.data.data(), tensor.data.size());
    }
  } catch (const std::exception& e) {
    return tl::unexpected<Error>(error_of(e.what(), "take an input"));
  }
  return {};
}

Result<RunTimes> OpenVinoModel::run_once() {
  try {
    return pool_.next();
  } catch (const std::exception& e) {
    return tl::unexpected<Error>(error_of(e.what(), "run the model"));
  }
}

// The trace of one inference. Where it did not fit, room is made and the inference runs again.
OpenVinoModel::RecordedRun OpenVinoModel::run_recorded() {
  for (;;) {
    IttCollector& collector = IttCollector::instance();
    collector.begin(trace_capacity_);
    RecordedRun run;
    try {
      run.begin_ns = steady_nanoseconds();
      run.times = pool_.next();
      run.end_ns = steady_nanoseconds();
    } catch (...) {
      static_cast<void>(collector.end());
      throw;
    }
    IttCollector::Recording recording = collector.end();
    if (recording.lost == 0 || trace_capacity_ >= kMaxTraceCapacity) {
      run.trace = std::move(recording.spans);
      run.lost = recording.lost;
      return run;
    }
    trace_capacity_ = std::min(kMaxTraceCapacity, 2 * (trace_capacity_ + recording.lost));
  }
}

// After the first inference with layer timing.
void OpenVinoModel::learn_layers(const std::vector<LayerSpan>& trace) {
  const auto profiling = pool_.latest().get_profiling_info();
  table_ = LayerTable::after_inference(model_, setup_.graph, profiling, trace);
  table_is_final_ = true;
  traced_ = !trace.empty();
  if (!traced_) {
    setup_.warnings.push_back(fmt::format(
        "Single layer times are not available because {}: layers have only OpenVINO's own averages, which are cut to "
        "whole microseconds and count the warm-up in; layers under one microsecond are missing.",
        why_no_trace()));
  } else if (const std::size_t missing = table_->missing_in(trace); missing > 0) {
    setup_.warnings.push_back(
        fmt::format("{} of {} layers ran without a trace and show no time.", missing, table_->layers().size()));
  }
}

Result<ProfiledRun> OpenVinoModel::run_once_profiled() {
  if (!setup_.options.layer_timing) return fail("the model was compiled without layer timing");
  try {
    const RecordedRun run = run_recorded();
    if (!table_is_final_) learn_layers(run.trace);
    ProfiledRun result;
    result.total = run.times.total;
    if (traced_) result.layer_seconds = table_->seconds_of(run.trace);
    return result;
  } catch (const std::exception& e) {
    return tl::unexpected<Error>(error_of(e.what(), "run the model with layer timing"));
  }
}

Status OpenVinoModel::can_trace() const {
  if (IttCollector::instance().displaced()) return unavailable(why_no_trace());
  return {};
}

Result<TracedRun> OpenVinoModel::run_once_traced() {
  if (!setup_.options.tracing) return fail("the model was compiled without tracing");
  try {
    const RecordedRun run = run_recorded();
    if (!table_is_final_) learn_layers(run.trace);
    if (!traced_) return unavailable(why_no_trace());
    TracedRun traced;
    traced.times = run.times;
    traced.activities.push_back(activity_of(ActivityKind::inference, "infer", run.begin_ns, run.end_ns));
    const std::vector<std::optional<std::size_t>> layers = table_->layers_of(run.trace);
    for (std::size_t i = 0; i < run.trace.size(); ++i) {
      if (!layers[i]) continue;
      const LayerSpan& span = run.trace[i];
      const std::string& name = table_->layers()[*layers[i]].name;
      Activity& activity =
          traced.activities.emplace_back(activity_of(ActivityKind::layer, name, span.begin_ns, span.end_ns));
      activity.layer = name;
      activity.thread = span.thread;
    }
    lost_ += static_cast<std::int64_t>(run.lost);
    return traced;
  } catch (const std::exception& e) {
    return tl::unexpected<Error>(error_of(e.what(), "run the model with tracing"));
  }
}

TraceFacts OpenVinoModel::trace_facts() const {
  TraceFacts facts;
  facts.source = "OpenVINO's ITT tasks";
  facts.lost_records = lost_;
  return facts;
}

Result<std::vector<Layer>> OpenVinoModel::layers() {
  try {
    if (!table_) table_ = LayerTable::from_runtime_model(model_, setup_.graph);
    return table_->layers();
  } catch (const std::exception& e) {
    return tl::unexpected<Error>(error_of(e.what(), "list the model's layers"));
  }
}

std::vector<std::string> OpenVinoModel::not_executed() {
  return table_ ? table_->not_executed() : std::vector<std::string>{};
}

std::vector<std::optional<double>> OpenVinoModel::reported_layer_seconds() {
  if (!table_is_final_) return {};
  try {
    return table_->reported_seconds(pool_.latest().get_profiling_info());
  } catch (const std::exception&) {
    return {};
  }
}

std::string OpenVinoModel::timing_method() const {
  const std::size_t requests = pool_.size();
  if (requests == 1) {
    return "Each sample is one call of infer(), as benchmark_app times it under its latency hint, by the steady clock.";
  }
  return fmt::format(
      "{} requests are kept in flight; each sample is the latency of one of them from start_async() to its completion "
      "callback, as benchmark_app times it, by the steady clock.",
      requests);
}

std::string OpenVinoModel::layer_timing_method() const {
  if (table_is_final_ && !traced_) {
    return "OpenVINO's own averages per layer since the model was compiled, in whole microseconds.";
  }
  return "Each sample is a layer's begin to its end within one inference, by OpenVINO's ITT tasks and the steady "
         "clock.";
}

Result<Tensor> OpenVinoModel::output(const std::string& name) {
  const auto index = index_of(outputs_, name);
  if (!index) {
    return fail(fmt::format("the model has no output '{}'", printable(name)), "Outputs: " + names_of(outputs_));
  }
  try {
    pool_.drain();
    const ov::Tensor source = pool_.latest().get_output_tensor(*index);
    const auto type = element_type_from_string(element_type_name(source.get_element_type()));
    if (!type || bits_of(*type) == 0) {
      return fail(fmt::format("output '{}' is of type {}, which cannot be read", printable(name),
                              source.get_element_type().get_type_name()));
    }
    Tensor tensor;
    tensor.type = *type;
    for (const std::size_t d : source.get_shape()) tensor.shape.push_back(static_cast<std::int64_t>(d));
    tensor.data.resize(source.get_byte_size());
    if (!tensor.data.empty()) std::memcpy(tensor.data.data(), source.data(), tensor.data.size());
    return tensor;
  } catch (const std::exception& e) {
    return tl::unexpected<Error>(error_of(e.what(), "give an output"));
  }
}

void OpenVinoModel::describe(Environment& environment) const {
  environment.backend = "openvino";
  environment.engine_name = "OpenVINO";
  environment.engine_version = setup_.engine_version;
  environment.device_kind = DeviceKind::cpu;
  environment.device_name = setup_.device_name;
  try {
    environment.precision = element_type_name(model_.get_property(ov::hint::inference_precision));
    environment.threads = model_.get_property(ov::inference_num_threads);
    environment.streams = static_cast<int>(model_.get_property(ov::num_streams).num);
  } catch (const std::exception&) {
    environment.precision.clear();  // a property that this version does not have is not known
  }
  environment.properties = properties_of(model_);
}

}  // namespace trtprof::openvino
