// Sample models made from nothing: no download, the same bytes for the same options.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/model/onnx_model.h"

namespace trtprof {

// nullopt of what not every kind has: the kind's own.
struct SampleOptions {
  std::optional<double> width = {};             // channel multiplier; 1
  std::optional<std::int64_t> resolution = {};  // input height and width in pixels; 224, of "transfer" 2048
  std::optional<std::int64_t> batch = 1;        // nullopt: dynamic, the symbol "batch"
  bool fold_batch_norm = false;              // into the convolutions; default: separate nodes, as exporters leave them
  std::optional<std::int64_t> classes = {};  // 1000
  std::uint64_t seed = 1;
};

struct SampleKind {
  std::string name;         // "mobilenetv2"
  std::string description;  // one line, with its source
};

[[nodiscard]] std::vector<SampleKind> sample_kinds();

// ErrorCode::usage for an unknown kind (with those there are), an option that the kind does not take, or a value out of
// range.
[[nodiscard]] Result<OnnxModel> make_sample(const std::string& kind, const SampleOptions& options);

}  // namespace trtprof
