// Normalisations, per element; the few operations per row or channel (the division by n, the root) are left out.
#include <algorithm>

#include "trtprof/cost/operator_table.h"

namespace trtprof::counting {

namespace {

constexpr double kStatistics = 5.0;  // sum, - mean, square, sum, * 1/deviation

}  // namespace

// Inference: scale and shift, worked out once per channel from the four statistics.
Arithmetic count_batch_normalization(const OperatorFacts& facts, const OperatorRow&) {
  const auto count = input_elements(facts, 0);
  if (!count) {
    return missing_shape(facts);
  }
  return flops_only(*count * (int_attribute(facts, "training_mode", 0) != 0 ? kStatistics + 2.0 : 2.0));
}

Arithmetic count_layer_normalization(const OperatorFacts& facts, const OperatorRow&) {
  const auto count = input_elements(facts, 0);
  if (!count) {
    return missing_shape(facts);
  }
  const double scale = input(facts, 1) != nullptr ? 1.0 : 0.0;
  const double bias = input(facts, 2) != nullptr ? 1.0 : 0.0;
  return flops_only(*count * (kStatistics + scale + bias));
}

// x / (bias + alpha / size * sum of squares of `size` neighbours) ^ beta
Arithmetic count_local_response_normalization(const OperatorFacts& facts, const OperatorRow&) {
  const auto count = input_elements(facts, 0);
  if (!count) {
    return missing_shape(facts);
  }
  const auto size = static_cast<double>(std::max<std::int64_t>(int_attribute(facts, "size", 1), 1));
  return flops_only(*count * (1.0 + (size - 1.0) + 4.0));
}

}  // namespace trtprof::counting
