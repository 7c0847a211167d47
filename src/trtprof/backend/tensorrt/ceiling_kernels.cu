#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>

#include "trtprof/backend/tensorrt/ceiling_kernels.h"

namespace trtprof::tensorrt {
namespace {

constexpr int kThreads = 256;
// Independent chains of a thread: with 8 warps on each quarter of a multiprocessor more than the latency of a
// multiply-add needs.
constexpr int kChains = 8;
constexpr int kUnroll = 16;
constexpr int kReadsInFlight = 4;

__global__ void __launch_bounds__(kThreads) fma_kernel(float* sink, int iterations, float factor, float addend) {
  float values[kChains];
#pragma unroll
  for (int k = 0; k < kChains; ++k) values[k] = static_cast<float>(threadIdx.x + k);
  for (int i = 0; i < iterations; ++i) {
#pragma unroll
    for (int j = 0; j < kUnroll; ++j) {
#pragma unroll
      for (int k = 0; k < kChains; ++k) values[k] = fmaf(values[k], factor, addend);
    }
  }
  float sum = 0.0F;
#pragma unroll
  for (int k = 0; k < kChains; ++k) sum += values[k];
  // Never true of finite values; the compiler cannot know.
  if (sum == addend * 3e38F) sink[blockIdx.x * blockDim.x + threadIdx.x] = sum;
}

__global__ void __launch_bounds__(kThreads)
    l2_kernel(const uint4* data, std::size_t count, int rounds, std::uint32_t* sink) {
  std::uint32_t sum = 0;
  const std::size_t stride = static_cast<std::size_t>(gridDim.x) * blockDim.x;
  const std::size_t first = static_cast<std::size_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  for (int round = 0; round < rounds; ++round) {
    std::size_t i = first;
    for (; i + (kReadsInFlight - 1) * stride < count; i += kReadsInFlight * stride) {
      uint4 values[kReadsInFlight];
#pragma unroll
      for (int k = 0; k < kReadsInFlight; ++k) values[k] = __ldcg(data + i + k * stride);
#pragma unroll
      for (int k = 0; k < kReadsInFlight; ++k) sum += values[k].x ^ values[k].y ^ values[k].z ^ values[k].w;
    }
    for (; i < count; i += stride) {
      const uint4 value = __ldcg(data + i);
      sum += value.x ^ value.y ^ value.z ^ value.w;
    }
  }
  if (sum == 0x9e3779b9U) sink[0] = sum;
}

__global__ void nothing_kernel() {}

// Weyl sequence through the finalizer of MurmurHash3.
__device__ std::uint32_t random_bits(std::size_t index) {
  auto bits = static_cast<std::uint32_t>(index * 0x9e3779b9U + 0x7f4a7c15U);
  bits ^= bits >> 16;
  bits *= 0x85ebca6bU;
  bits ^= bits >> 13;
  bits *= 0xc2b2ae35U;
  return bits ^ (bits >> 16);
}

template <class T>
__global__ void fill_kernel(T* data, std::size_t count) {
  const std::size_t stride = static_cast<std::size_t>(gridDim.x) * blockDim.x;
  for (std::size_t i = static_cast<std::size_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += stride) {
    const float value = static_cast<float>(random_bits(i)) * (2.0F / 4294967296.0F) - 1.0F;
    if constexpr (sizeof(T) == 1 && std::is_same_v<T, signed char>) {
      data[i] = static_cast<signed char>(value * 127.0F);
    } else {
      data[i] = static_cast<T>(value);
    }
  }
}

template <class T>
cudaError_t fill(void* data, std::size_t count, cudaStream_t stream) {
  fill_kernel<T><<<1024, kThreads, 0, stream>>>(static_cast<T*>(data), count);
  return cudaGetLastError();
}

__global__ void clock_kernel(std::uint64_t cycles, std::uint64_t* counts) {
  std::uint64_t begin_ns = 0;
  std::uint64_t end_ns = 0;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(begin_ns)::"memory");
  const long long begin = clock64();
  long long now = begin;
  while (static_cast<std::uint64_t>(now - begin) < cycles) now = clock64();
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(end_ns)::"memory");
  counts[0] = static_cast<std::uint64_t>(now - begin);
  counts[1] = end_ns - begin_ns;
}

}  // namespace

int fma_threads() {
  return kThreads;
}

int fma_per_iteration() {
  return kChains * kUnroll;
}

cudaError_t launch_fma(int blocks, int iterations, float* sink, cudaStream_t stream) {
  fma_kernel<<<blocks, kThreads, 0, stream>>>(sink, iterations, 0.999F, 0.001F);
  return cudaGetLastError();
}

cudaError_t launch_l2_reads(const void* data, std::size_t bytes, int rounds, int multiprocessors, std::uint32_t* sink,
                            cudaStream_t stream) {
  int resident = 0;
  const cudaError_t asked = cudaOccupancyMaxActiveBlocksPerMultiprocessor(&resident, l2_kernel, kThreads, 0);
  if (asked != cudaSuccess) return asked;
  l2_kernel<<<multiprocessors*(resident > 0 ? resident : 1), kThreads, 0, stream>>>(
      static_cast<const uint4*>(data), bytes / sizeof(uint4), rounds, sink);
  return cudaGetLastError();
}

cudaError_t launch_nothing(cudaStream_t stream) {
  nothing_kernel<<<1, 32, 0, stream>>>();
  return cudaGetLastError();
}

cudaError_t launch_fill(void* data, std::size_t count, FillType type, cudaStream_t stream) {
  switch (type) {
    case FillType::f32:
      return fill<float>(data, count, stream);
    case FillType::f16:
      return fill<__half>(data, count, stream);
    case FillType::bf16:
      return fill<__nv_bfloat16>(data, count, stream);
    case FillType::f8_e4m3:
      return fill<__nv_fp8_e4m3>(data, count, stream);
    case FillType::i8:
      return fill<signed char>(data, count, stream);
  }
  return cudaErrorInvalidValue;
}

cudaError_t launch_clock_probe(std::uint64_t cycles, std::uint64_t* counts, cudaStream_t stream) {
  clock_kernel<<<1, 1, 0, stream>>>(cycles, counts);
  return cudaGetLastError();
}

}  // namespace trtprof::tensorrt
