// Do the outputs hold numbers? Private to measure/.
#pragma once

#include <cstdint>

#include "trtprof/backend/backend.h"
#include "trtprof/measure/remarks.h"

namespace trtprof {

struct NonFiniteCount {
  std::uint64_t nan = 0;
  std::uint64_t infinite = 0;
};

// Of f64, f32, f16 and bf16; other types have none.
[[nodiscard]] NonFiniteCount count_non_finite(const Tensor& tensor);

// A note for every output that holds NaN or infinity, or cannot be read. Call after a run.
[[nodiscard]] Remarks output_remarks(CompiledModel& model);

}  // namespace trtprof
