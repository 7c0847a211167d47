// Values that were seen to be too large for the type, and sums inside an operator that would be.
#pragma once

#include <string>

#include "trtprof/optimize/precision/convert_precision.h"
#include "trtprof/optimize/precision/typed_graph.h"

namespace trtprof::precision {

class Overflows {
 public:
  Overflows(const TypedGraph& graph, const PrecisionOptions& options);

  // Why the node cannot compute in the type, with the figure; "" where nothing is known against it.
  [[nodiscard]] std::string reason(int node) const;

 private:
  [[nodiscard]] const ValueRange* range_of(int value) const;  // nullptr: not measured
  [[nodiscard]] std::string value_too_large(const TypedNode& node) const;
  [[nodiscard]] std::string sum_too_large(const TypedNode& node) const;

  const TypedGraph& graph_;
  const PrecisionOptions& options_;
  double limit_;
};

}  // namespace trtprof::precision
