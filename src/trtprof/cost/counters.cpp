// Counters of the operators whose arithmetic is a multiple of their elements, and of a few odd ones.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "trtprof/cost/operator_table.h"

namespace trtprof::counting {

Arithmetic count_linear(const OperatorFacts& facts, const OperatorRow& row) {
  double flops = 0.0;
  if (row.per_input != 0.0) {
    const auto count = input_elements(facts, 0);
    if (!count) {
      return missing_shape(facts);
    }
    flops += row.per_input * *count;
  }
  if (row.per_output != 0.0) {
    const auto count = output_elements(facts, 0);
    if (!count) {
      return missing_shape(facts);
    }
    flops += row.per_output * *count;
  }
  return flops_only(std::max(flops, 0.0));  // nothing reduced to a neutral element takes no operation
}

Arithmetic count_unknown(const OperatorFacts& facts, const OperatorRow& row) {
  return unknown(fmt::format("{}: {}", facts.op_type, row.unknown_reason));
}

Arithmetic count_variadic(const OperatorFacts& facts, const OperatorRow& row) {
  const auto count = output_elements(facts, 0);
  if (!count || facts.inputs.empty()) {
    return missing_shape(facts);
  }
  return flops_only(*count * (static_cast<double>(facts.inputs.size() - 1) + row.per_output));
}

Arithmetic count_gelu(const OperatorFacts& facts, const OperatorRow&) {
  const auto count = output_elements(facts, 0);
  if (!count) {
    return missing_shape(facts);
  }
  // x/2 (1 + erf(x / sqrt 2)) has 5; x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) has 9.
  return flops_only(*count * (text_attribute(facts, "approximate", "none") == "tanh" ? 9.0 : 5.0));
}

Arithmetic count_scatter(const OperatorFacts& facts, const OperatorRow&) {
  if (text_attribute(facts, "reduction", "none") == "none") {
    return flops_only(0.0);
  }
  const auto updates = input_elements(facts, 2);
  return updates ? flops_only(*updates) : missing_shape(facts);
}

Arithmetic count_negative_log_likelihood(const OperatorFacts& facts, const OperatorRow&) {
  const auto targets = input_elements(facts, 1);
  return targets ? flops_only(2.0 * *targets) : missing_shape(facts);  // * weight, sum
}

Arithmetic count_determinant(const OperatorFacts& facts, const OperatorRow&) {
  const Dims* shape = input_shape(facts, 0);
  const auto matrices = output_elements(facts, 0);
  if (shape == nullptr || shape->empty() || !matrices) {
    return missing_shape(facts);
  }
  return flops_only(*matrices * 2.0 / 3.0 * std::pow(static_cast<double>(shape->back()), 3));  // by LU decomposition
}

}  // namespace trtprof::counting
