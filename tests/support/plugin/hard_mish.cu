#include <cuda_fp16.h>

#include "hard_mish.h"

namespace trtprof::test {
namespace {

constexpr unsigned kThreads = 256;
constexpr std::size_t kMostBlocks = 65535;

template <class Element>
__global__ void hard_mish_kernel(const Element* input, Element* output, std::size_t count) {
  const std::size_t step = std::size_t{gridDim.x} * blockDim.x;
  for (std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += step) {
    const float x = static_cast<float>(input[i]);
    output[i] = static_cast<Element>(0.5F * x * fminf(2.0F, fmaxf(0.0F, x + 2.0F)));
  }
}

template <class Element>
cudaError_t launch(const void* input, void* output, std::size_t count, cudaStream_t stream) {
  if (count == 0) return cudaSuccess;
  const std::size_t blocks = (count + kThreads - 1) / kThreads;
  const auto grid = static_cast<unsigned>(blocks < kMostBlocks ? blocks : kMostBlocks);
  hard_mish_kernel<<<grid, kThreads, 0, stream>>>(static_cast<const Element*>(input), static_cast<Element*>(output),
                                                  count);
  return cudaGetLastError();
}

}  // namespace

cudaError_t hard_mish(const void* input, void* output, std::size_t count, bool half, cudaStream_t stream) {
  return half ? launch<__half>(input, output, count, stream) : launch<float>(input, output, count, stream);
}

}  // namespace trtprof::test
