// The part of InferenceStream that captures inferences as CUDA graphs.
#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "trtprof/backend/tensorrt/inference_stream.h"
#include "trtprof/base/text.h"

namespace trtprof::tensorrt {

Status InferenceStream::prepare() {
  if (!options_.launch.graph || options_.profiler != nullptr) return {};
  const auto open = std::ranges::find_if(bindings_, [](const Binding& binding) { return binding.data_dependent; });
  if (open != bindings_.end()) {
    graph_refusal_ = fmt::format("the shape of output '{}' depends on the data", printable(open->name));
    return {};
  }
  for (Slot& slot : slots_) {
    const Status captured = capture(slot);
    if (captured) continue;
    // A device that is lost is no reason to go on without a graph.
    if (const cudaError_t code = cudaStreamSynchronize(compute_stream_.get()); code != cudaSuccess) {
      return tl::unexpected<Error>(cuda_error(code, "cudaStreamSynchronize", "after a failed graph capture"));
    }
    graph_refusal_ = captured.error().message;
    for (Slot& other : slots_) other.graph.reset();
    return {};
  }
  uses_graph_ = true;
  return {};
}

Status InferenceStream::capture(Slot& slot) {
  if (const Status addressed = set_addresses(slot); !addressed) return addressed;
  // TensorRT allocates at the first inference what a capture must not see.
  if (Status run = run_before_capture(); !run) return run;
  if (options_.tracer != nullptr) {  // the second is as all others
    if (auto skipped = options_.tracer->take(); !skipped) return forward_error(skipped);
    if (Status run = run_before_capture(); !run) return run;
    auto records = options_.tracer->take();
    if (!records) return forward_error(records);
    options_.trace->learn_stream_run(*records);
  }
  cudaStream_t stream = compute_stream_.get();
  if (Status begun =
          cuda_check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
      !begun) {
    return begun;
  }
  const bool enqueued = context_->enqueueV3(stream);
  cudaGraph_t raw = nullptr;
  const cudaError_t ended = cudaStreamEndCapture(stream, &raw);
  const CudaGraph graph(raw);
  const std::string reason = engine_.logger().take_error();
  if (!enqueued || ended != cudaSuccess) {
    static_cast<void>(cudaGetLastError());
    return fail(!reason.empty() ? reason : fmt::format("{}", cudaGetErrorString(ended)));
  }
  cudaGraphExec_t executable = nullptr;
  if (Status made = cuda_check(cudaGraphInstantiate(&executable, graph.get(), 0), "cudaGraphInstantiate"); !made) {
    return made;
  }
  slot.graph.reset(executable);
  if (Status uploaded = cuda_check(cudaGraphUpload(executable, stream), "cudaGraphUpload"); !uploaded) return uploaded;
  return options_.tracer == nullptr ? Status{} : learn_capture();
}

Status InferenceStream::run_before_capture() {
  if (!context_->enqueueV3(compute_stream_.get())) return tl::unexpected<Error>(run_error("enqueueV3"));
  return cuda_check(cudaStreamSynchronize(compute_stream_.get()), "cudaStreamSynchronize");
}

Status InferenceStream::learn_capture() {
  if (Status idle = wait_for_all(); !idle) return idle;
  auto records = options_.tracer->take();
  if (!records) return forward_error(records);
  options_.trace->learn_capture(*records);
  return {};
}

}  // namespace trtprof::tensorrt
