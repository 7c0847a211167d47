#include "trtprof/import/pytorch_events.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "trtprof/import/json_stream.h"
#include "trtprof/profile/kernel_name.h"

namespace trtprof {
namespace {

using nlohmann::json;

// More than this many events of a trace are no profile of anything that a person would look at.
constexpr std::size_t kMostEvents = 50'000'000;

// Traces of PyTorch before 1.8, or built without Kineto, name no categories but processes.
std::string category_of(const TraceEvent& event) {
  if (!event.category.empty()) return event.category == "Operator" ? "cpu_op" : event.category;
  if (event.thread.starts_with("CPU functions/")) return "cpu_op";
  return event.thread.starts_with("CUDA functions/") ? "kernel" : "";
}

std::optional<std::int64_t> whole(const json& args, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    const auto number = member_number(args, key);
    if (number && *number >= 0.0 && *number < 9e15) return static_cast<std::int64_t>(*number);
  }
  return std::nullopt;
}

// "Memcpy HtoD (Pinned -> Device)"
void describe_copy(const std::string& name, Activity& activity) {
  const auto has = [&](std::string_view part) { return name.find(part) != std::string::npos; };
  activity.name = has("HtoD") ? "host to device" : has("DtoH") ? "device to host" : "device to device";
  if (activity.name != "device to device")
    activity.memory = has("Pinned") ? "pinned" : has("Pageable") ? "pageable" : "";
}

KernelLaunch launch_of(const std::string& name, const json& args) {
  KernelLaunch launch;
  launch.name = demangled(name);
  const auto numbers = [&](const char* key) {
    const auto found = args.find(key);
    auto read = found == args.end() ? std::nullopt : whole_numbers(*found);
    return read && read->size() == 3 ? *read : std::vector<std::int64_t>{};
  };
  launch.grid = numbers("grid");
  launch.block = numbers("block");
  launch.registers_per_thread = whole(args, {"registers per thread"});
  return launch;
}

}  // namespace

Status PytorchEvents::add(const json& value) {
  auto event = complete_event(value, ++events);
  if (!event) return forward_error(event);
  if (!*event) return {};
  if (operators.size() + calls.size() + device.size() + modules.size() > kMostEvents) {
    return fail(fmt::format("it has more than {} events", kMostEvents));
  }
  static const json none = json::object();
  const auto found = value.find("args");
  const json& args = found != value.end() && found->is_object() ? *found : none;
  const std::string category = category_of(**event);
  if (category == "cpu_op") add_operator(**event, args);
  if (category == "cuda_runtime" || category == "cuda_driver" || category == "Runtime") add_call(**event, args);
  for (const char* kind : {"kernel", "Kernel", "gpu_memcpy", "Memcpy", "gpu_memset", "Memset"}) {
    if (category == kind) add_device(**event, args);
  }
  if (category == "user_annotation" && (*event)->name.starts_with("ProfilerStep#")) {
    steps.push_back({names.index((*event)->name), span_of(**event)});
  }
  if (category == "python_function" && (*event)->name.starts_with("nn.Module: ")) {
    modules.push_back({names.index((*event)->name.substr(11)), span_of(**event)});
  }
  return {};
}

TraceSpan PytorchEvents::span_of(const TraceEvent& event) {
  if (!origin_) origin_ = event.start;
  return {threads.index(event.thread), event.start - *origin_, event.duration};
}

void PytorchEvents::add_operator(const TraceEvent& event, const json& args) {
  spans.push_back(span_of(event));
  operators.push_back(
      {names.index(event.name), inputs_of(args), whole(args, {"External id", "external id", "External ID"})});
}

std::uint32_t PytorchEvents::inputs_of(const json& args) {
  const auto dims = args.find("Input Dims");
  if (dims == args.end() || !dims->is_array()) return kNoInputs;
  const auto types = args.find("Input type");
  const bool typed = types != args.end() && types->is_array() && types->size() == dims->size();
  const std::uint32_t index = input_texts_.index(dims->dump() + (typed ? types->dump() : ""));
  if (index < inputs.size()) return index;
  std::vector<TensorDesc>& tensors = inputs.emplace_back();
  for (std::size_t i = 0; i < dims->size(); ++i) {
    const std::string type = typed && (*types)[i].is_string() ? (*types)[i].get<std::string>() : "";
    auto shape = dimensions((*dims)[i]);
    if (!shape || shape->empty() || type == "ScalarList" || type == "Scalar") continue;
    TensorDesc& tensor = tensors.emplace_back();
    tensor.element_type = element_type_of(type);
    tensor.shape = std::move(*shape);
  }
  return index;
}

void PytorchEvents::add_call(const TraceEvent& event, const json& args) {
  const TraceSpan span = span_of(event);
  Call& call = calls.emplace_back();
  call.thread = span.thread;
  call.activity.kind =
      event.name.find("Synchronize") == std::string::npos ? ActivityKind::host_call : ActivityKind::synchronization;
  call.activity.name = event.name;
  call.activity.start = span.start;
  call.activity.end = span.start + span.duration;
  call.activity.correlation = whole(args, {"correlation"});
}

void PytorchEvents::add_device(const TraceEvent& event, const json& args) {
  const TraceSpan span = span_of(event);
  Device& work = device.emplace_back();
  work.id = whole(args, {"External id", "external id", "External ID"});
  Activity& activity = work.activity;
  activity.start = span.start;
  activity.end = span.start + span.duration;
  activity.stream = whole(args, {"stream"});
  activity.correlation = whole(args, {"correlation"});
  if (event.category == "gpu_memcpy" || event.category == "Memcpy") {
    activity.kind = ActivityKind::copy;
    describe_copy(event.name, activity);
  } else if (event.category == "gpu_memset" || event.category == "Memset") {
    activity.kind = ActivityKind::fill;
    activity.name = "memset";
  } else {
    activity.kind = ActivityKind::kernel;
    KernelLaunch launch = launch_of(event.name, args);
    activity.name = launch.name;
    activity.kernel = launches.index(std::move(launch));
    return;
  }
  if (const auto bytes = whole(args, {"bytes"})) activity.bytes = static_cast<std::uint64_t>(*bytes);
}

}  // namespace trtprof
