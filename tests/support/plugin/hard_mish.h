// y = x / 2 * min(2, max(0, x + 2)), elementwise.
#pragma once

#include <cstddef>
#include <cuda_runtime_api.h>

namespace trtprof::test {

// Of f32, or of f16 where `half`. Returns what the launch returned.
cudaError_t hard_mish(const void* input, void* output, std::size_t count, bool half, cudaStream_t stream);

}  // namespace trtprof::test
