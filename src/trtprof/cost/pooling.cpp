// Pooling over windows. Padding is counted as if it were data.
#include <algorithm>

#include "trtprof/cost/operator_table.h"

namespace trtprof::counting {

namespace {

// FLOPs per output value from the window's area.
template <class PerOutput>
Arithmetic count_windows(const OperatorFacts& facts, PerOutput per_output) {
  const auto outputs = output_elements(facts, 0);
  if (!outputs || facts.kernel.empty()) {
    return missing_shape(facts);
  }
  return flops_only(*outputs * per_output(product(facts.kernel)));
}

}  // namespace

Arithmetic count_max_pool(const OperatorFacts& facts, const OperatorRow&) {
  return count_windows(facts, [](double area) { return std::max(area - 1.0, 0.0); });
}

Arithmetic count_average_pool(const OperatorFacts& facts, const OperatorRow&) {
  return count_windows(facts, [](double area) { return area; });  // area - 1 additions, a division
}

Arithmetic count_lp_pool(const OperatorFacts& facts, const OperatorRow&) {
  return count_windows(facts, [](double area) { return 2.0 * area; });  // powers, additions, the root
}

// sampling_ratio^2 bilinear samples a value, then their mean or maximum.
Arithmetic count_roi_align(const OperatorFacts& facts, const OperatorRow&) {
  const auto outputs = output_elements(facts, 0);
  const auto ratio = static_cast<double>(int_attribute(facts, "sampling_ratio", 0));
  if (ratio <= 0.0) {
    return unknown("RoiAlign: with sampling_ratio 0 the number of samples depends on the regions");
  }
  if (!outputs) {
    return missing_shape(facts);
  }
  const double samples = ratio * ratio;
  return flops_only(*outputs * samples * (interpolation_flops("linear", 2).value_or(0.0) + 1.0));
}

}  // namespace trtprof::counting
