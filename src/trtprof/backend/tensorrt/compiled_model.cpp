#include "trtprof/backend/tensorrt/compiled_model.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "trtprof/backend/tensorrt/data_types.h"
#include "trtprof/backend/tensorrt_layers.h"
#include "trtprof/base/steady_time.h"
#include "trtprof/base/text.h"

namespace trtprof::tensorrt {
namespace {

// Queued at once on a stream: one that runs and one that waits behind it, as in trtexec.
constexpr std::size_t kSlots = 2;

std::string yes_no(bool value) {
  return value ? "on" : "off";
}

std::string transfers_text(const LaunchOptions& launch) {
  if (!launch.transfers) return "none";
  return fmt::format("{}, {} host memory", launch.synchronous_transfers ? "blocking" : "overlapped",
                     launch.pageable ? "pageable" : "page-locked");
}

}  // namespace

TensorrtModel::TensorrtModel(std::unique_ptr<LoadedEngine> engine, Setup setup)
    : engine_(std::move(engine)), setup_(std::move(setup)) {}

TensorrtModel::~TensorrtModel() {
  static_cast<void>(cudaSetDevice(setup_.device));  // what is freed is that device's
  streams_.clear();
}

Result<std::unique_ptr<CompiledModel>> TensorrtModel::make(std::unique_ptr<LoadedEngine> engine, Setup setup) {
  std::unique_ptr<TensorrtModel> model(new TensorrtModel(std::move(engine), std::move(setup)));
  if (model->setup_.options.tracing) model->start_tracer();
  if (const Status made = model->make_streams(); !made) return forward_error(made);
  return std::unique_ptr<CompiledModel>(std::move(model));
}

void TensorrtModel::start_tracer() {
  std::vector<std::string> names;
  const std::string json = engine_->inspector_json(nullptr);
  if (!json.empty()) {
    const auto layers = tensorrt_layers(json, setup_.graph, engine_->file());
    if (layers) std::ranges::transform(*layers, std::back_inserter(names), &Layer::name);
  }
  auto tracer = Tracer::start(setup_.facts.multiprocessor);
  if (!tracer) {
    no_tracer_ = tracer.error();
    return;
  }
  tracer_ = std::move(*tracer);
  trace_.emplace(names);
}

Status TensorrtModel::make_streams() {
  const CompileOptions& options = setup_.options;
  StreamOptions each;
  each.shapes = options.shapes;
  each.launch = options.launch;
  each.l2_bytes = static_cast<std::size_t>(setup_.facts.l2_bytes);
  each.profiler = options.layer_timing ? &profiler_ : nullptr;
  each.tracer = tracer_.get();
  each.trace = trace_ ? &*trace_ : nullptr;
  // Blocking copies and layer times are of one inference at a time.
  const bool alone = options.layer_timing || options.launch.synchronous_transfers || !options.launch.overlap;
  each.slots = alone ? 1 : kSlots;
  const int asked = options.streams.value_or(options.hint == PerformanceHint::throughput ? 2 : 1);
  const int count = options.layer_timing || options.tracing ? 1 : std::max(1, asked);
  for (int i = 0; i < count; ++i) {
    auto stream = InferenceStream::make(*engine_, each);
    if (!stream) return forward_error(stream);
    streams_.push_back(std::move(*stream));
  }
  if (options.layer_timing && asked > 1) {
    setup_.notes.push_back(
        fmt::format("Layers were timed one inference at a time: competition between the {} streams is in the "
                    "end-to-end times alone.",
                    asked));
  }
  return {};
}

std::vector<TensorDesc> TensorrtModel::describe_bindings(bool inputs) const {
  std::vector<TensorDesc> descs;
  for (const Binding& binding : streams_.front()->bindings()) {
    if (binding.input == inputs && !binding.host) descs.push_back(tensorrt::describe(binding));
  }
  return descs;
}

std::optional<std::size_t> TensorrtModel::find_binding(const std::string& name, bool input) const {
  const std::vector<Binding>& bindings = streams_.front()->bindings();
  const auto found =
      std::ranges::find_if(bindings, [&](const Binding& b) { return b.input == input && !b.host && b.name == name; });
  if (found == bindings.end()) return std::nullopt;
  return static_cast<std::size_t>(found - bindings.begin());
}

Status TensorrtModel::set_input(const std::string& name, const Tensor& tensor) {
  const auto index = find_binding(name, true);
  if (!index) return fail(fmt::format("the engine has no input '{}'", printable(name)));
  const Binding& binding = streams_.front()->bindings()[*index];
  if (tensor.type != element_type_of(binding.type) || tensor.shape != binding.shape) {
    return fail(fmt::format("input '{}' wants {} {}, not {} {}", printable(name), type_name(binding.type),
                            shape_to_string(binding.shape), to_string(tensor.type), shape_to_string(tensor.shape)));
  }
  if (tensor.data.size() != binding.bytes) {
    return fail(fmt::format("input '{}' has the padded layout {}, which this program does not write", printable(name),
                            binding.layout));
  }
  if (Status used = cuda_check(cudaSetDevice(setup_.device), "cudaSetDevice"); !used) return used;
  if (Status idle = drain(); !idle) return idle;
  for (const auto& stream : streams_) {
    if (Status set = stream->set_input(*index, tensor.data.data(), tensor.data.size()); !set) return set;
  }
  return {};
}

Status TensorrtModel::prepare() {
  if (Status used = cuda_check(cudaSetDevice(setup_.device), "cudaSetDevice"); !used) return used;
  if (std::exchange(prepared_, true)) return {};
  for (const auto& stream : streams_) {
    if (Status ready = stream->prepare(); !ready) return ready;
  }
  const std::string& refusal = streams_.front()->graph_refusal();
  if (!refusal.empty()) {
    setup_.notes.push_back(fmt::format("Inferences were launched without a CUDA graph: {}.", refusal));
  }
  return {};
}

Status TensorrtModel::fill_pipeline() {
  for (std::size_t slot = 0; slot < streams_.front()->slot_count(); ++slot) {
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      if (Status started = streams_[i]->start(slot); !started) return started;
      running_.push_back({i, slot});
    }
  }
  return {};
}

Status TensorrtModel::drain() {
  running_.clear();
  last_completion_.reset();
  Status status;
  for (const auto& stream : streams_) {
    const Status idle = stream->wait_for_all();
    if (!idle && status) status = idle;
  }
  return status;
}

// What is queued belongs to the samples.
void TensorrtModel::samples_end() {
  static_cast<void>(drain());
  marks_.end();
}

Result<RunTimes> TensorrtModel::run_once() {
  const InferenceMark mark;
  if (const Status ready = prepare(); !ready) return forward_error(ready);
  if (running_.empty()) {
    if (const Status started = fill_pipeline(); !started) return forward_error(started);
  }
  const Ticket ticket = running_.front();
  running_.pop_front();
  auto times = streams_[ticket.stream]->finish(ticket.slot);
  if (!times) return times;
  latest_ = ticket;
  const bool pipelined = streams_.size() * streams_.front()->slot_count() > 1;
  if (!pipelined) return times;
  const auto completed = std::chrono::steady_clock::now();
  if (last_completion_) times->interval = std::chrono::duration<double>(completed - *last_completion_).count();
  last_completion_ = completed;
  if (const Status started = streams_[ticket.stream]->start(ticket.slot); !started) return forward_error(started);
  running_.push_back(ticket);
  return times;
}

Result<ProfiledRun> TensorrtModel::run_once_profiled() {
  if (!setup_.options.layer_timing) return fail("the engine was loaded without layer timing");
  const InferenceMark mark;
  if (const Status ready = prepare(); !ready) return forward_error(ready);
  InferenceStream& stream = *streams_.front();
  profiler_.clear();
  const auto failed = [&](Error error) {
    const std::string last = profiler_.last_name();
    if (!last.empty()) error.message += fmt::format(" (after layer '{}')", printable(last));
    return tl::unexpected<Error>(std::move(error));
  };
  if (const Status started = stream.start(0); !started) return failed(started.error());
  const auto times = stream.finish(0);
  if (!times) return failed(times.error());
  if (!stream.context().reportToProfiler() || profiler_.empty()) {
    const std::string reason = engine_->logger().take_error();
    return fail(fmt::format("{} reports no layer times{}{}", kEngineName, reason.empty() ? "" : ": ", reason));
  }
  latest_ = Ticket{0, 0};
  if (!std::exchange(learned_, true)) {
    layers_.reset();
    auto known = layers();
    if (!known) return forward_error(known);
    silent_layers_ = profiler_.learn(*known);
    layers_ = std::move(*known);
  }
  ProfiledRun run;
  run.total = times->compute.value_or(times->total);  // copies are no layers
  run.layer_seconds = profiler_.layer_seconds();
  return run;
}

Status TensorrtModel::can_trace() const {
  if (tracer_ != nullptr) return {};
  if (no_tracer_) return tl::unexpected<Error>(*no_tracer_);
  return fail("the engine was loaded without tracing");
}

Result<TracedRun> TensorrtModel::run_once_traced() {
  if (const Status able = can_trace(); !able) return forward_error(able);
  if (const Status ready = prepare(); !ready) return forward_error(ready);
  InferenceStream& stream = *streams_.front();
  // What was recorded until now is of no inference.
  if (const auto before = tracer_->take(); !before) return forward_error(before);
  // Where inferences follow one another in the end-to-end run, this one follows another: with the caches and clocks,
  // and the copies beside its kernels, that it has there.
  const std::size_t slot = stream.slot_count() - 1;
  const InferenceMark mark;
  if (slot > 0) {
    if (const Status started = stream.start(0); !started) return forward_error(started);
  }
  const double begin = steady_seconds();
  if (const Status started = stream.start(slot); !started) return forward_error(started);
  // Of two, a loop waits for the one before.
  auto times = stream.finish(0);
  if (!times) return forward_error(times);
  const double calls_end = steady_seconds();
  if (slot > 0) times = stream.finish(slot);
  if (!times) return forward_error(times);
  const double end = steady_seconds();
  latest_ = Ticket{0, slot};
  if (const Status idle = stream.wait_for_all(); !idle) return forward_error(idle);
  auto records = tracer_->take();
  if (!records) return forward_error(records);
  records->begin = begin;
  records->calls_end = calls_end;
  records->end = end;
  return trace_->run(*records, *times, stream.uses_graph());
}

TraceFacts TensorrtModel::trace_facts() const {
  if (!trace_) return {};
  TraceFacts facts = trace_->facts();
  facts.source = tracer_->source();
  return facts;
}

Result<std::vector<Layer>> TensorrtModel::layers() {
  if (layers_) return *layers_;
  const std::string json = engine_description();
  auto layers = json.empty() ? Result<std::vector<Layer>>(std::vector<Layer>{})
                             : tensorrt_layers(json, setup_.graph, fmt::format("the inspector of {}", engine_->file()));
  if (layers) layers_ = *layers;
  return layers;
}

std::string TensorrtModel::engine_description() const {
  return engine_->inspector_json(&streams_.front()->context());
}

std::string TensorrtModel::timing_method() const {
  const LaunchOptions& launch = setup_.options.launch;
  const std::string parts =
      !launch.transfers ? "the GPU's compute alone" : "copies to the device, compute and copies back, added up";
  const std::string clock =
      launch.synchronous_transfers ? "CUDA events, blocking copies by the host's clock" : "CUDA events";
  const std::size_t queued = streams_.size() * streams_.front()->slot_count();
  return fmt::format("Each sample is {}, by {}, as trtexec defines latency; {} {} at once.", parts, clock,
                     queued == 1 ? "one inference is" : fmt::format("{} inferences are", queued), "queued");
}

std::string TensorrtModel::layer_timing_method() const {
  return "Each sample is what TensorRT's IProfiler reports of a layer in one inference launched without a CUDA graph.";
}

Result<Tensor> TensorrtModel::output(const std::string& name) {
  const auto index = find_binding(name, false);
  if (!index) return fail(fmt::format("the engine has no output '{}'", printable(name)));
  if (!latest_) return fail("there is no output before the first inference");
  if (const Status used = cuda_check(cudaSetDevice(setup_.device), "cudaSetDevice"); !used) return forward_error(used);
  return streams_[latest_->stream]->output(latest_->slot, *index);
}

void TensorrtModel::describe(Environment& environment) const {
  environment.backend = kBackendName;
  environment.engine_name = kEngineName;
  environment.engine_version = setup_.engine_version;
  environment.device_kind = DeviceKind::gpu;
  environment.device_name = setup_.facts.name;
  environment.streams = static_cast<int>(streams_.size());
  const auto layers = tensorrt_layers(engine_description(), setup_.graph, engine_->file());
  environment.precision = layers ? tensorrt_precision(*layers) : std::string{};
  const LaunchOptions& launch = setup_.options.launch;
  environment.properties = device_properties(setup_.device, setup_.facts);
  environment.properties.merge(std::map<std::string, std::string>{
      {"TensorRT runtime", to_string(setup_.runtime_kind)},
      {"CUDA graph", yes_no(streams_.front()->uses_graph())},
      {"transfers", transfers_text(launch)},
      {"L2 flushed between inferences", yes_no(launch.cold_l2)},
      {"waiting", launch.spin ? "spin" : "block"},
      {"activation memory",
       bytes_text(static_cast<std::size_t>(std::max<std::int64_t>(0, engine_->engine().getDeviceMemorySizeV2())))},
  });
}

std::vector<std::string> TensorrtModel::notes() const {
  return setup_.notes;
}

std::vector<std::string> TensorrtModel::warnings() const {
  std::vector<std::string> all = setup_.warnings;
  for (const std::string& warning : engine_->logger().warnings()) {
    all.push_back(fmt::format("{}: {}.", kEngineName, warning));
  }
  if (profiler_.unknown() > 0) {
    all.push_back(fmt::format("{} layer times had names that the first inference did not report; they are left out.",
                              profiler_.unknown()));
  }
  return all;
}

}  // namespace trtprof::tensorrt
