// Convolutions of every kind. Padding is counted as if it were data, as every counter does.
#include "trtprof/cost/operator_table.h"

namespace trtprof::counting {

namespace {

// Products that one output value sums: input channels of its group times the kernel's area. From the weight's shape
// [out channels, in channels / groups, kernel...], or from kernel and groups where the weight is not told.
std::optional<double> products_per_output(const OperatorFacts& facts, std::size_t weight_index) {
  if (const Dims* weight = input_shape(facts, weight_index)) {
    return weight->size() < 2 ? std::nullopt : std::optional(product(*weight, 1));
  }
  const Dims* x = input_shape(facts, 0);
  if (x == nullptr || x->size() < 2 || facts.kernel.empty() || facts.groups < 1) {
    return std::nullopt;
  }
  return static_cast<double>((*x)[1]) / static_cast<double>(facts.groups) * product(facts.kernel);
}

Arithmetic count_with_weight(const OperatorFacts& facts, const OperatorRow& row, std::size_t weight_index) {
  const auto outputs = output_elements(facts, 0);
  const auto products = products_per_output(facts, weight_index);
  return outputs && products ? multiply_adds(*outputs * *products, *outputs * row.per_output) : missing_shape(facts);
}

}  // namespace

Arithmetic count_convolution(const OperatorFacts& facts, const OperatorRow& row) {
  return count_with_weight(facts, row, 1);
}

Arithmetic count_quantized_convolution(const OperatorFacts& facts, const OperatorRow& row) {
  return count_with_weight(facts, row, 3);
}

// Every input value is multiplied with the weights of its group, [in channels, out channels / groups, kernel...]; what
// falls outside the cropped output is counted, as engines compute it.
Arithmetic count_transposed_convolution(const OperatorFacts& facts, const OperatorRow&) {
  const auto inputs = input_elements(facts, 0);
  if (const Dims* weight = input_shape(facts, 1); inputs && weight != nullptr && weight->size() >= 2) {
    return multiply_adds(*inputs * product(*weight, 1));
  }
  const Dims* y = output_shape(facts, 0);
  if (!inputs || y == nullptr || y->size() < 2 || facts.kernel.empty() || facts.groups < 1) {
    return missing_shape(facts);
  }
  return multiply_adds(*inputs * static_cast<double>((*y)[1]) / static_cast<double>(facts.groups) *
                       product(facts.kernel));
}

// A convolution over values interpolated at the offsets: one sample per input channel, kernel position and output
// position, times the mask where there is one.
Arithmetic count_deformable_convolution(const OperatorFacts& facts, const OperatorRow&) {
  const Dims* x = input_shape(facts, 0);
  const Dims* weight = input_shape(facts, 1);
  const Dims* y = output_shape(facts, 0);
  if (x == nullptr || weight == nullptr || y == nullptr) {
    return missing_shape(facts);
  }
  if (x->size() < 3 || weight->size() != x->size() || y->size() != x->size()) {
    return unexpected_shapes(facts);
  }
  const double samples =
      static_cast<double>((*x)[0]) * static_cast<double>((*x)[1]) * product(*weight, 2) * product(*y, 2);
  const double per_sample = interpolation_flops("linear", static_cast<int>(x->size()) - 2).value_or(0.0) +
                            (input(facts, 4) != nullptr ? 1.0 : 0.0);
  return multiply_adds(product(*y) * product(*weight, 1), samples * per_sample);
}

Arithmetic count_causal_convolution(const OperatorFacts& facts, const OperatorRow& row) {
  const auto outputs = output_elements(facts, 0);
  const auto products = products_per_output(facts, 1);
  if (!outputs || !products) {
    return missing_shape(facts);
  }
  const bool activated = text_attribute(facts, "activation", "none") != "none";
  return multiply_adds(*outputs * *products, *outputs * (activated ? 5.0 : row.per_output));
}

}  // namespace trtprof::counting
