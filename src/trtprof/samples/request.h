// What a sample generator is asked for.
#pragma once

#include <cstdint>

#include "trtprof/samples/graph_builder.h"

namespace trtprof::samples {

// The SampleOptions that the kind takes, in range, with its defaults filled in.
struct Request {
  double width = 1.0;
  std::int64_t resolution = 224;
  Batch batch = 1;
  bool fold_batch_norm = false;
  std::int64_t classes = 1000;
  std::uint64_t seed = 1;
};

}  // namespace trtprof::samples
