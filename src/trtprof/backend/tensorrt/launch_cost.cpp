#include "trtprof/backend/tensorrt/launch_cost.h"

#include <algorithm>

#include <fmt/format.h>

#include "trtprof/backend/ceiling_figures.h"
#include "trtprof/backend/tensorrt/ceiling_kernels.h"

namespace trtprof::tensorrt {
namespace {

// Between a short and a long chain the costs of beginning and ending drop out.
constexpr int kShort = 200;
constexpr int kLong = 1200;

Status launch_chain(int kernels, cudaStream_t stream) {
  for (int i = 0; i < kernels; ++i) {
    if (Status launched = cuda_check(launch_nothing(stream), "a kernel's launch"); !launched) return launched;
  }
  return {};
}

Result<CudaGraphExec> chain_graph(int kernels, cudaStream_t stream) {
  if (Status begun =
          cuda_check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
      !begun) {
    return forward_error(begun);
  }
  const Status launched = launch_chain(kernels, stream);
  cudaGraph_t raw = nullptr;
  const cudaError_t ended = cudaStreamEndCapture(stream, &raw);
  const CudaGraph graph(raw);
  if (!launched) return forward_error(launched);
  if (Status status = cuda_check(ended, "cudaStreamEndCapture"); !status) return forward_error(status);
  cudaGraphExec_t executable = nullptr;
  if (Status made = cuda_check(cudaGraphInstantiate(&executable, graph.get(), 0), "cudaGraphInstantiate"); !made) {
    return forward_error(made);
  }
  CudaGraphExec owner(executable);
  if (Status uploaded = cuda_check(cudaGraphUpload(executable, stream), "cudaGraphUpload"); !uploaded) {
    return forward_error(uploaded);
  }
  return owner;
}

// Seconds a kernel, from two chains. Noise can make the long one the faster, once: then there is no such sample.
Result<double> marginal(const GpuTimer& timer, const GpuTimer::Enqueue& few, const GpuTimer::Enqueue& many) {
  const auto least = timer.seconds(few);
  if (!least) return least;
  const auto most = timer.seconds(many);
  if (!most) return most;
  return std::max(*most - *least, 1e-9) / (kLong - kShort);
}

// sample_runs() adds up the marginal seconds, which are a small part of those that a sample takes.
constexpr double kMarginalShare = 1e-4;

}  // namespace

Result<CeilingFigure> measure_launch_cost(const GpuTimer& timer, double seconds, const StopFlag& stop) {
  const auto samples = sample_runs(seconds * kMarginalShare, stop, [&] {
    return marginal(
        timer, [](cudaStream_t stream) { return launch_chain(kShort, stream); },
        [](cudaStream_t stream) { return launch_chain(kLong, stream); });
  });
  if (!samples) return forward_error(samples);
  return cost_figure(
      CeilingKind::launch_cost, *samples,
      fmt::format("empty kernels launched one after the other on a stream, {} more of them", kLong - kShort));
}

Result<CeilingFigure> measure_graph_node_cost(const GpuTimer& timer, double seconds, const StopFlag& stop) {
  const auto few = chain_graph(kShort, timer.stream());
  if (!few) return forward_error(few);
  const auto many = chain_graph(kLong, timer.stream());
  if (!many) return forward_error(many);
  const auto launch = [](cudaGraphExec_t graph) {
    return [graph](cudaStream_t stream) { return cuda_check(cudaGraphLaunch(graph, stream), "cudaGraphLaunch"); };
  };
  const auto samples = sample_runs(seconds * kMarginalShare, stop,
                                   [&] { return marginal(timer, launch(few->get()), launch(many->get())); });
  if (!samples) return forward_error(samples);
  return cost_figure(CeilingKind::graph_node_cost, *samples,
                     fmt::format("empty kernels one after the other in a CUDA graph, {} more of them", kLong - kShort));
}

}  // namespace trtprof::tensorrt
