// What a sample generator is. A new kind is a file that defines `const Generator& NAME()` and one line below.
#pragma once

#include <cstdint>

#include <onnx/onnx_pb.h>

#include "trtprof/samples/samples.h"

// Every kind, in the order in which they are listed.
#define TRTPROF_SAMPLE_KINDS(KIND) KIND(mobilenetv2)

namespace trtprof::samples {

struct Generator {
  SampleKind kind;
  std::int64_t smallest_resolution = 1;  // below it the network runs out of pixels
  onnx::ModelProto (*make)(const SampleOptions& options) = nullptr;
};

#define TRTPROF_DECLARE_SAMPLE_KIND(name) [[nodiscard]] const Generator& name();
TRTPROF_SAMPLE_KINDS(TRTPROF_DECLARE_SAMPLE_KIND)
#undef TRTPROF_DECLARE_SAMPLE_KIND

}  // namespace trtprof::samples
