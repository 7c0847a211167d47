// Values taken between others: Resize, GridSample.
#include <fmt/format.h>

#include "trtprof/cost/operator_table.h"

namespace trtprof::counting {

// Only axes that change are interpolated.
Arithmetic count_resize(const OperatorFacts& facts, const OperatorRow&) {
  const Dims* x = input_shape(facts, 0);
  const Dims* y = output_shape(facts, 0);
  if (x == nullptr || y == nullptr) {
    return missing_shape(facts);
  }
  if (x->size() != y->size()) {
    return unexpected_shapes(facts);
  }
  int axes = 0;
  bool shrinks = false;
  for (std::size_t i = 0; i < x->size(); ++i) {
    axes += (*x)[i] != (*y)[i] ? 1 : 0;
    shrinks = shrinks || (*y)[i] < (*x)[i];
  }
  const std::string mode = text_attribute(facts, "mode", "nearest");
  if (shrinks && mode != "nearest" && int_attribute(facts, "antialias", 0) != 0) {
    return unknown(fmt::format("{}: the reach of an antialiasing filter depends on the scales", facts.op_type));
  }
  const auto per_output = interpolation_flops(mode, axes);
  return per_output ? flops_only(product(*y) * *per_output)
                    : unknown(fmt::format("{}: the mode \"{}\" is not known", facts.op_type, mode));
}

Arithmetic count_grid_sample(const OperatorFacts& facts, const OperatorRow&) {
  const Dims* x = input_shape(facts, 0);
  const auto outputs = output_elements(facts, 0);
  if (x == nullptr || !outputs) {
    return missing_shape(facts);
  }
  const std::string mode = text_attribute(facts, "mode", "linear");
  const auto per_output = interpolation_flops(mode, static_cast<int>(x->size()) - 2);
  return per_output && x->size() > 2 ? flops_only(*outputs * *per_output) : unexpected_shapes(facts);
}

}  // namespace trtprof::counting
