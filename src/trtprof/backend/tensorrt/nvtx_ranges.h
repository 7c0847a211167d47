// The NVTX ranges of this process, TensorRT's for its layers among them. This module is their injection library: NVTX
// asks InitializeInjectionNvtx2 in the library that NVTX_INJECTION64_PATH names, once for each library that uses NVTX.
// Being asked costs nothing, and a range costs a test of a flag until it is recorded; CUPTI, which could tell of ranges
// too, makes launches slower from the moment that it is loaded.
#pragma once

#include <vector>

#include "trtprof/backend/tensorrt_trace.h"

namespace trtprof::tensorrt {

class NvtxRanges {
 public:
  // Puts this module in place for libraries that have not used NVTX yet. An injection that is there, a profiler's,
  // stays.
  static void listen();

  // From now on ranges are kept, by a clock of the caller's. Push and pop alone: ranges that start on one thread and
  // end on another are nobody's layers.
  static void record(double (*clock)());
  static void stop();
  // Those that ended since the last take().
  [[nodiscard]] static std::vector<TraceRecords::Range> take();
};

}  // namespace trtprof::tensorrt
