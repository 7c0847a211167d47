// Kernels that measure what a GPU can do. Compiled by nvcc; each call enqueues on the stream and returns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cuda_runtime_api.h>

namespace trtprof::tensorrt {

// Multiply-adds in FP32: `blocks` blocks of fma_threads() threads, each `iterations` times fma_per_iteration() of
// them. `sink` takes one float a thread at most.
[[nodiscard]] int fma_threads();
[[nodiscard]] int fma_per_iteration();
[[nodiscard]] cudaError_t launch_fma(int blocks, int iterations, float* sink, cudaStream_t stream);

// Reads of `bytes` (a multiple of 16) from the L2 cache, past L1, `rounds` times, by as many blocks as run at once.
[[nodiscard]] cudaError_t launch_l2_reads(const void* data, std::size_t bytes, int rounds, int multiprocessors,
                                          std::uint32_t* sink, cudaStream_t stream);

[[nodiscard]] cudaError_t launch_nothing(cudaStream_t stream);

enum class FillType { f32, f16, bf16, f8_e4m3, i8 };
// Values spread evenly from -1 to 1 (i8: over all of its range), not the zeros for which a GPU needs less power.
[[nodiscard]] cudaError_t launch_fill(void* data, std::size_t count, FillType type, cudaStream_t stream);

// One thread that runs for `cycles` of the clock of its multiprocessor: those, and the nanoseconds that they took, into
// counts[0] and counts[1]. Right behind other work it tells at what clock that work ran.
[[nodiscard]] cudaError_t launch_clock_probe(std::uint64_t cycles, std::uint64_t* counts, cudaStream_t stream);

}  // namespace trtprof::tensorrt
