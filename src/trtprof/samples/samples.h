// Sample models made from nothing: no download, the same bytes for the same options.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/model/onnx_model.h"

namespace trtprof {

struct SampleOptions {
  double width = 1.0;                     // channel multiplier
  std::int64_t resolution = 224;          // input height and width in pixels
  std::optional<std::int64_t> batch = 1;  // nullopt: dynamic, the symbol "batch"
  bool fold_batch_norm = false;           // into the convolutions; default: separate nodes, as exporters leave them
  std::int64_t classes = 1000;
  std::uint64_t seed = 1;
};

struct SampleKind {
  std::string name;         // "mobilenetv2"
  std::string description;  // one line, with its source
};

[[nodiscard]] std::vector<SampleKind> sample_kinds();

// ErrorCode::usage for an unknown kind (with those there are) or a value out of range.
[[nodiscard]] Result<OnnxModel> make_sample(const std::string& kind, const SampleOptions& options);

}  // namespace trtprof
