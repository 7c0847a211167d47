// A stream of inferences: one execution context, CUDA streams for copies in, compute and copies out, and slots that
// take turns, so that the next inference is queued while one runs. Times are taken as trtexec takes them: by events
// around the copies and the compute, the enqueue by the host's clock.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "trtprof/backend/backend.h"
#include "trtprof/backend/tensorrt/binding.h"
#include "trtprof/backend/tensorrt/cuda.h"
#include "trtprof/backend/tensorrt/loaded_engine.h"
#include "trtprof/backend/tensorrt/tracer.h"

namespace trtprof::tensorrt {

struct StreamOptions {
  BoundShapes shapes;
  LaunchOptions launch;
  std::size_t slots = 2;  // inferences queued at once
  std::size_t l2_bytes = 0;
  nvinfer1::IProfiler* profiler = nullptr;  // then plain launches, one at a time
  // Both or none: the engine names its layers to the tracer, and a graph's nodes are learnt as it is captured.
  Tracer* tracer = nullptr;
  TensorrtTrace* trace = nullptr;
};

class InferenceStream {
 public:
  [[nodiscard]] static Result<std::unique_ptr<InferenceStream>> make(LoadedEngine& engine, StreamOptions options);
  InferenceStream(const InferenceStream&) = delete;
  InferenceStream& operator=(const InferenceStream&) = delete;
  // Waits for what is queued.
  ~InferenceStream();

  [[nodiscard]] const std::vector<Binding>& bindings() const { return bindings_; }
  [[nodiscard]] std::size_t slot_count() const { return slots_.size(); }
  [[nodiscard]] nvinfer1::IExecutionContext& context() const { return *context_; }

  // Into every slot, host and device.
  [[nodiscard]] Status set_input(std::size_t binding, const void* data, std::size_t bytes);
  // Captures the CUDA graphs, where they are wanted; after the inputs are set and before the first start(). What stands
  // in the way is told by graph_refusal().
  [[nodiscard]] Status prepare();
  [[nodiscard]] bool uses_graph() const { return uses_graph_; }
  [[nodiscard]] const std::string& graph_refusal() const { return graph_refusal_; }

  [[nodiscard]] Status start(std::size_t slot);
  // Waits for it. Nothing may be asked of a slot that was not started.
  [[nodiscard]] Result<RunTimes> finish(std::size_t slot);
  [[nodiscard]] Status wait_for_all();

  // Of the last inference that slot finished: shape as run, bytes to host memory.
  [[nodiscard]] Result<Tensor> output(std::size_t slot, std::size_t binding);

 private:
  class OutputAllocator;
  struct Events {
    Event input_begin, input_end, compute_begin, compute_end, output_begin, output_end;
  };
  struct Slot {
    std::vector<DeviceMemory> device;  // by binding; empty for those on the host
    std::vector<HostMemory> host;
    std::vector<std::unique_ptr<OutputAllocator>> allocators;
    Events events;
    CudaGraphExec graph;
    double enqueue_seconds = 0.0;
    double host_to_device_seconds = 0.0;  // of blocking copies
  };

  InferenceStream(LoadedEngine& engine, StreamOptions options);
  [[nodiscard]] Status make_context();
  [[nodiscard]] Status make_slot(Slot& slot);
  [[nodiscard]] Status set_addresses(Slot& slot);
  [[nodiscard]] Status start_copies_in(Slot& slot);
  [[nodiscard]] Status start_compute(Slot& slot);
  [[nodiscard]] Status start_copies_out(Slot& slot);
  [[nodiscard]] Status enqueue(Slot& slot);
  [[nodiscard]] Status capture(Slot& slot);
  [[nodiscard]] Status run_before_capture();
  [[nodiscard]] Status learn_capture();
  [[nodiscard]] Status copy(Slot& slot, bool inputs, bool blocking);
  [[nodiscard]] Error run_error(const char* call);

  LoadedEngine& engine_;
  StreamOptions options_;
  Stream input_stream_;
  Stream compute_stream_;
  Stream output_stream_;
  std::vector<std::vector<std::int64_t>> shape_tensor_values_;
  std::unique_ptr<nvinfer1::IExecutionContext> context_;
  std::vector<Binding> bindings_;
  DeviceMemory flush_;  // written over to empty the L2 cache
  std::vector<Slot> slots_;
  const Slot* addressed_ = nullptr;  // whose memory the context has
  bool uses_graph_ = false;
  std::string graph_refusal_;
};

}  // namespace trtprof::tensorrt
