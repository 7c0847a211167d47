// Traced inferences made by hand, for tests of what reads them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trtprof/backend/backend.h"

namespace trtprof::test {

// One thing that happened; times in microseconds since the clock's beginning.
[[nodiscard]] Activity activity_at(ActivityKind kind, std::string name, double start_us, double end_us);

// Synthetic: an inference as a GPU runs it on one stream, with the shape of a MobileNetV2 at batch 1 (input and output
// copied, `kernels` kernels of about 3 us in two launches a layer, a launching call each or one for all as a CUDA
// graph, one synchronisation). Deterministic: the times of inference `number` differ a little from those of another.
struct TracedRunOptions {
  std::int64_t kernels = 55;
  bool graph = false;
  double begin_us = 1'000.0;  // of the inference
};
[[nodiscard]] TracedRun traced_inference(std::int64_t number, const TracedRunOptions& options = {});
// What a backend tells of them after the last. Names of the layers: "layer 0", "layer 1", ...
[[nodiscard]] TraceFacts facts_of_traced_inferences(const TracedRunOptions& options = {});

// A GPU's profile whose layer run has those layers and whose timeline is made of `inferences` of them. Its layers are
// what a profiler of layers would say: longer than their kernels by its own cost.
[[nodiscard]] Profile traced_profile(std::int64_t inferences = 12, const TracedRunOptions& options = {});

}  // namespace trtprof::test
