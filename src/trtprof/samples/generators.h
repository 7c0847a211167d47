// What a sample generator is. A new kind is a file that defines `const Generator& NAME()` and one line below.
// "efficientnet-b0" is what the user says, efficientnet_b0 its function.
#pragma once

#include <cstdint>

#include <onnx/onnx_pb.h>

#include "trtprof/samples/request.h"
#include "trtprof/samples/samples.h"

// Every kind, in the order in which they are listed.
#define TRTPROF_SAMPLE_KINDS(KIND) \
  KIND(mobilenetv2)                \
  KIND(resnet50)                   \
  KIND(mobilenetv3)                \
  KIND(efficientnet_b0)            \
  KIND(transformer)                \
  KIND(transfer)

namespace trtprof::samples {

// Of the options that not every kind has, those that this one does; any other is a usage error. Batch and seed are
// everyone's.
struct Takes {
  bool width = false;
  bool resolution = false;
  bool classes = false;
  bool fold_batch_norm = false;
};
inline constexpr Takes kConvnetOptions = {.width = true, .resolution = true, .classes = true, .fold_batch_norm = true};

struct Generator {
  SampleKind kind;
  Takes takes = {};
  std::int64_t smallest_resolution = 1;  // below it the network runs out of pixels
  onnx::ModelProto (*make)(const Request& request) = nullptr;
  std::int64_t default_resolution = 224;
  double largest_width = 4.0;  // with the most classes, the model still fits in an ONNX file (2 GB)
};

#define TRTPROF_DECLARE_SAMPLE_KIND(name) [[nodiscard]] const Generator& name();
TRTPROF_SAMPLE_KINDS(TRTPROF_DECLARE_SAMPLE_KIND)
#undef TRTPROF_DECLARE_SAMPLE_KIND

}  // namespace trtprof::samples
