// Quantise: / scale, round, + zero point, and two comparisons to saturate. Dequantise: - zero point, * scale.
#include "trtprof/cost/operator_table.h"

namespace trtprof::counting {

Arithmetic count_quantize(const OperatorFacts& facts, const OperatorRow&) {
  const auto count = input_elements(facts, 0);
  return count ? flops_only(*count * (input(facts, 2) != nullptr ? 5.0 : 4.0)) : missing_shape(facts);
}

Arithmetic count_dequantize(const OperatorFacts& facts, const OperatorRow&) {
  const auto count = input_elements(facts, 0);
  return count ? flops_only(*count * (input(facts, 2) != nullptr ? 2.0 : 1.0)) : missing_shape(facts);
}

}  // namespace trtprof::counting
