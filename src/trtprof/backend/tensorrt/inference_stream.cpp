#include "trtprof/backend/tensorrt/inference_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "trtprof/backend/tensorrt/data_types.h"
#include "trtprof/base/outside_profiler.h"
#include "trtprof/base/steady_time.h"
#include "trtprof/base/text.h"

namespace trtprof::tensorrt {
namespace {

Status record(const Event& event, const Stream& stream) {
  return cuda_check(cudaEventRecord(event.get(), stream.get()), "cudaEventRecord");
}

Status wait_in(const Stream& stream, const Event& event) {
  return cuda_check(cudaStreamWaitEvent(stream.get(), event.get(), 0), "cudaStreamWaitEvent");
}

}  // namespace

// Gives outputs of unknown shape the memory that the most they can be needs.
class InferenceStream::OutputAllocator final : public nvinfer1::IOutputAllocator {
 public:
  explicit OutputAllocator(const DeviceMemory& memory) : memory_(memory) {}
  void* reallocateOutputAsync(const char* /*name*/, void* /*current*/, std::uint64_t size, std::uint64_t /*alignment*/,
                              cudaStream_t /*stream*/) noexcept override {
    return size <= memory_.size() ? memory_.data() : nullptr;
  }
  void notifyShape(const char* /*name*/, const nvinfer1::Dims& dims) noexcept override { dims_ = dims; }
  [[nodiscard]] std::vector<std::int64_t> shape() const { return shape_of(dims_); }

 private:
  const DeviceMemory& memory_;
  nvinfer1::Dims dims_{};
};

InferenceStream::InferenceStream(LoadedEngine& engine, StreamOptions options)
    : engine_(engine), options_(std::move(options)) {}

InferenceStream::~InferenceStream() {
  static_cast<void>(wait_for_all());
}

Result<std::unique_ptr<InferenceStream>> InferenceStream::make(LoadedEngine& engine, StreamOptions options) {
  std::unique_ptr<InferenceStream> stream(new InferenceStream(engine, std::move(options)));
  for (Stream* cuda : {&stream->input_stream_, &stream->compute_stream_, &stream->output_stream_}) {
    auto made = make_stream();
    if (!made) return forward_error(made);
    *cuda = std::move(*made);
  }
  if (const Status made = stream->make_context(); !made) return forward_error(made);
  auto bindings = bind_engine(engine, *stream->context_, stream->options_.shapes, stream->compute_stream_.get(),
                              stream->shape_tensor_values_);
  if (!bindings) return forward_error(bindings);
  stream->bindings_ = std::move(*bindings);
  if (stream->options_.launch.cold_l2) {
    // Twice the cache: whatever its replacement does, nothing of the last inference is left.
    auto flush = DeviceMemory::allocate(2 * stream->options_.l2_bytes, "a buffer to flush the L2 cache");
    if (!flush) return forward_error(flush);
    stream->flush_ = std::move(*flush);
  }
  stream->slots_.resize(stream->options_.slots);
  for (Slot& slot : stream->slots_) {
    if (const Status made = stream->make_slot(slot); !made) return forward_error(made);
  }
  return stream;
}

Status InferenceStream::make_context() {
  context_.reset(engine_.engine().createExecutionContext());
  if (context_ != nullptr) {
    // Ranges cost a little each; who looks at them gets a range for every layer.
    const bool watched = options_.tracer != nullptr || outside_profiler().has_value();
    static_cast<void>(context_->setNvtxVerbosity(watched ? nvinfer1::ProfilingVerbosity::kDETAILED
                                                         : nvinfer1::ProfilingVerbosity::kNONE));
    if (options_.profiler != nullptr) {
      context_->setProfiler(options_.profiler);
      context_->setEnqueueEmitsProfile(false);  // asynchronous; reportToProfiler() tells the times
    }
    return {};
  }
  const std::string reason = engine_.logger().take_error();
  std::size_t free = 0;
  std::size_t total = 0;
  std::string room;
  if (cudaMemGetInfo(&free, &total) == cudaSuccess) {
    room = fmt::format(" ({} of {} are free)", bytes_text(free), bytes_text(total));
  }
  const auto wanted = static_cast<std::size_t>(std::max<std::int64_t>(engine_.engine().getDeviceMemorySizeV2(), 0));
  return fail(fmt::format("{} could not be given an execution context, which takes {} of device memory{}{}{}",
                          engine_.file(), bytes_text(wanted), room, reason.empty() ? "" : ": ", reason),
              "Use fewer streams or a smaller batch, or free the memory that other processes hold.");
}

Status InferenceStream::make_slot(Slot& slot) {
  slot.device.resize(bindings_.size());
  slot.host.resize(bindings_.size());
  slot.allocators.resize(bindings_.size());
  for (std::size_t i = 0; i < bindings_.size(); ++i) {
    const Binding& binding = bindings_[i];
    if (binding.host) continue;
    const std::string what = fmt::format("{} '{}'", binding.input ? "input" : "output", printable(binding.name));
    auto device = DeviceMemory::allocate(binding.bytes, what);
    if (!device) return forward_error(device);
    slot.device[i] = std::move(*device);
    auto host = HostMemory::allocate(binding.bytes, options_.launch.pageable, what);
    if (!host) return forward_error(host);
    slot.host[i] = std::move(*host);
    std::memset(slot.host[i].data(), 0, binding.bytes);
    if (binding.data_dependent) slot.allocators[i] = std::make_unique<OutputAllocator>(slot.device[i]);
  }
  Events& events = slot.events;
  for (Event* event : {&events.input_begin, &events.input_end, &events.compute_begin, &events.compute_end,
                       &events.output_begin, &events.output_end}) {
    auto made = make_event(options_.launch.spin);
    if (!made) return forward_error(made);
    *event = std::move(*made);
  }
  return {};
}

Status InferenceStream::set_addresses(Slot& slot) {
  if (addressed_ == &slot) return {};
  for (std::size_t i = 0; i < bindings_.size(); ++i) {
    const Binding& binding = bindings_[i];
    const char* name = binding.name.c_str();
    const bool set = binding.host             ? true
                     : binding.data_dependent ? context_->setOutputAllocator(name, slot.allocators[i].get())
                                              : context_->setTensorAddress(name, slot.device[i].data());
    if (!set) return tl::unexpected<Error>(run_error("setTensorAddress"));
  }
  addressed_ = &slot;
  return {};
}

Error InferenceStream::run_error(const char* call) {
  // What CUDA knows, first: TensorRT's words are often a consequence.
  const cudaError_t code = cudaPeekAtLastError();
  const std::string reason = engine_.logger().take_error();
  if (code != cudaSuccess) {
    return cuda_error(code, call, reason.empty() ? std::string{} : fmt::format("({})", reason));
  }
  return {ErrorCode::failed,
          fmt::format("{} failed for {}: {}", call, engine_.file(), reason.empty() ? "no reason given" : reason),
          {}};
}

Status InferenceStream::set_input(std::size_t index, const void* data, std::size_t bytes) {
  if (const Status idle = wait_for_all(); !idle) return idle;
  for (Slot& slot : slots_) {
    std::memcpy(slot.host[index].data(), data, bytes);
    const Status copied = cuda_check(cudaMemcpy(slot.device[index].data(), data, bytes, cudaMemcpyHostToDevice),
                                     "cudaMemcpy", fmt::format("for input '{}'", printable(bindings_[index].name)));
    if (!copied) return copied;
  }
  return {};
}

Status InferenceStream::enqueue(Slot& slot) {
  if (slot.graph != nullptr) {
    return cuda_check(cudaGraphLaunch(slot.graph.get(), compute_stream_.get()), "cudaGraphLaunch");
  }
  if (!context_->enqueueV3(compute_stream_.get())) return tl::unexpected<Error>(run_error("enqueueV3"));
  return {};
}

Status InferenceStream::copy(Slot& slot, bool inputs, bool blocking) {
  cudaStream_t stream = inputs ? input_stream_.get() : output_stream_.get();
  for (std::size_t i = 0; i < bindings_.size(); ++i) {
    const Binding& binding = bindings_[i];
    if (binding.host || binding.input != inputs) continue;
    void* to = inputs ? slot.device[i].data() : slot.host[i].data();
    const void* from = inputs ? slot.host[i].data() : slot.device[i].data();
    std::size_t bytes = binding.bytes;
    if (binding.data_dependent) {
      const auto count = element_count(slot.allocators[i]->shape());
      if (count) bytes = std::min(bytes, (*count * bits_of_type(binding.type) + 7) / 8);
    }
    const auto direction = inputs ? cudaMemcpyHostToDevice : cudaMemcpyDeviceToHost;
    const Status copied = blocking ? cuda_check(cudaMemcpy(to, from, bytes, direction), "cudaMemcpy")
                                   : cuda_check(cudaMemcpyAsync(to, from, bytes, direction, stream), "cudaMemcpyAsync");
    if (!copied) return copied;
  }
  return {};
}

Status InferenceStream::start_copies_in(Slot& slot) {
  const Events& events = slot.events;
  if (Status done = record(events.input_begin, input_stream_); !done) return done;
  if (Status done = copy(slot, true, false); !done) return done;
  if (Status done = record(events.input_end, input_stream_); !done) return done;
  return wait_in(compute_stream_, events.input_end);
}

Status InferenceStream::start_copies_out(Slot& slot) {
  const Events& events = slot.events;
  if (Status done = wait_in(output_stream_, events.compute_end); !done) return done;
  if (Status done = record(events.output_begin, output_stream_); !done) return done;
  if (Status done = copy(slot, false, false); !done) return done;
  return record(events.output_end, output_stream_);
}

Status InferenceStream::start_compute(Slot& slot) {
  cudaStream_t stream = compute_stream_.get();
  if (flush_.size() > 0) {
    const Status flushed = cuda_check(cudaMemsetAsync(flush_.data(), 0, flush_.size(), stream), "cudaMemsetAsync");
    if (!flushed) return flushed;
  }
  if (slot.graph == nullptr) {
    if (Status addressed = set_addresses(slot); !addressed) return addressed;
  }
  if (Status done = record(slot.events.compute_begin, compute_stream_); !done) return done;
  const double begun = steady_seconds();
  if (Status queued = enqueue(slot); !queued) return queued;
  slot.enqueue_seconds = steady_seconds() - begun;
  return record(slot.events.compute_end, compute_stream_);
}

Status InferenceStream::start(std::size_t index) {
  Slot& slot = slots_[index];
  const LaunchOptions& launch = options_.launch;
  const bool overlapped = launch.transfers && !launch.synchronous_transfers;
  if (overlapped) {
    if (Status done = start_copies_in(slot); !done) return done;
  } else if (launch.transfers) {
    const double begun = steady_seconds();
    if (Status copied = copy(slot, true, true); !copied) return copied;
    slot.host_to_device_seconds = steady_seconds() - begun;
  }
  if (Status done = start_compute(slot); !done) return done;
  return overlapped ? start_copies_out(slot) : Status{};
}

Result<RunTimes> InferenceStream::finish(std::size_t index) {
  Slot& slot = slots_[index];
  const Events& events = slot.events;
  const LaunchOptions& launch = options_.launch;
  const bool copies = launch.transfers && !launch.synchronous_transfers;
  const Event& last = copies ? events.output_end : events.compute_end;
  if (const Status done = cuda_check(cudaEventSynchronize(last.get()), "cudaEventSynchronize"); !done) {
    return forward_error(done);
  }
  RunTimes times;
  times.enqueue = slot.enqueue_seconds;
  const auto compute = seconds_between(events.compute_begin.get(), events.compute_end.get());
  if (!compute) return forward_error(compute);
  times.compute = *compute;
  if (copies) {
    const auto in = seconds_between(events.input_begin.get(), events.input_end.get());
    if (!in) return forward_error(in);
    const auto out = seconds_between(events.output_begin.get(), events.output_end.get());
    if (!out) return forward_error(out);
    times.host_to_device = *in;
    times.device_to_host = *out;
  } else if (launch.transfers) {
    const double begun = steady_seconds();
    if (const Status copied = copy(slot, false, true); !copied) return forward_error(copied);
    times.host_to_device = slot.host_to_device_seconds;
    times.device_to_host = steady_seconds() - begun;
  }
  times.total = times.host_to_device.value_or(0.0) + *times.compute + times.device_to_host.value_or(0.0);
  return times;
}

Status InferenceStream::wait_for_all() {
  Status status;
  for (const Stream* stream : {&input_stream_, &compute_stream_, &output_stream_}) {
    if (*stream == nullptr) continue;
    const Status waited = cuda_check(cudaStreamSynchronize(stream->get()), "cudaStreamSynchronize");
    if (!waited && status) status = waited;
  }
  return status;
}

Result<Tensor> InferenceStream::output(std::size_t index, std::size_t binding_index) {
  if (const Status idle = wait_for_all(); !idle) return forward_error(idle);
  const Slot& slot = slots_[index];
  const Binding& binding = bindings_[binding_index];
  Tensor tensor;
  tensor.type = element_type_of(binding.type);
  if (tensor.type == ElementType::unknown) {
    return fail(fmt::format("output '{}' is of type {}, which cannot be read", printable(binding.name),
                            type_name(binding.type)));
  }
  tensor.shape = binding.data_dependent ? slot.allocators[binding_index]->shape() : binding.shape;
  const std::size_t bytes = (element_count(tensor.shape).value_or(0) * bits_of(tensor.type) + 7) / 8;
  if (!binding.data_dependent && bytes != binding.bytes) {
    return fail(fmt::format("output '{}' has the padded layout {}, which cannot be read as a tensor",
                            printable(binding.name), binding.layout));
  }
  tensor.data.resize(bytes);
  const Status copied =
      cuda_check(cudaMemcpy(tensor.data.data(), slot.device[binding_index].data(), bytes, cudaMemcpyDeviceToHost),
                 "cudaMemcpy", fmt::format("for output '{}'", printable(binding.name)));
  if (!copied) return forward_error(copied);
  return tensor;
}

}  // namespace trtprof::tensorrt
