// Weights that have no place in the type: those beyond 65504, scales of quantization under 2^-14. What a
// BatchNormalization has of them does not count: see batch_norm.h.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>

#include "trtprof/optimize/precision/convert_precision.h"
#include "trtprof/optimize/precision/typed_graph.h"

namespace trtprof::precision {

class LargeWeights {
 public:
  LargeWeights(const TypedGraph& graph, const PrecisionOptions& options, const std::filesystem::path& model_path);

  // Why the node cannot have its weights in the type, with the figure; "" where it can. Not an overflow: a number past
  // kMaskMagnitude in an operator that adds or selects (a mask: -1e9, the lowest float), and a limit of Clip, Min and
  // Max, which mean the same at the largest finite value.
  [[nodiscard]] std::string reason(int node) const;

  static constexpr double kMaskMagnitude = 1e8;

 private:
  struct Extent {
    double smallest = 0.0;                 // magnitude, but for zeros
    bool rounded = false;                  // f16 does not have every number exactly
    double largest = 0.0;                  // magnitude of the finite values
    std::optional<double> largest_number;  // of those under kMaskMagnitude
  };
  [[nodiscard]] const Extent* extent_of(int value) const;  // nullptr: no f32 constant, or it cannot be read

  const TypedGraph& graph_;
  const PrecisionOptions& options_;
  std::unordered_map<int, Extent> extents_;
};

}  // namespace trtprof::precision
