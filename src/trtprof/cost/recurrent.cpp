// RNN, GRU and LSTM with their default activations, every sequence at its full length.
#include "trtprof/cost/operator_table.h"

namespace trtprof::counting {

// X [steps, batch, input] (or batch first), W [directions, gates * hidden, input], R [directions, gates * hidden,
// hidden]: each step multiplies with all of W and R. row.per_output is the FLOPs per hidden value and step.
Arithmetic count_recurrent(const OperatorFacts& facts, const OperatorRow& row) {
  const Dims* x = input_shape(facts, 0);
  const Dims* w = input_shape(facts, 1);
  const Dims* r = input_shape(facts, 2);
  if (x == nullptr || w == nullptr || r == nullptr) {
    return missing_shape(facts);
  }
  if (x->size() != 3 || w->size() != 3 || r->size() != 3 || (*w)[0] != (*r)[0] || (*w)[1] != (*r)[1] ||
      (*w)[2] != (*x)[2]) {
    return unexpected_shapes(facts);
  }
  const double steps = static_cast<double>((*x)[0]) * static_cast<double>((*x)[1]);
  const double hidden_values = static_cast<double>((*w)[0]) * static_cast<double>((*r)[2]);
  const bool peepholes = row.op_type == "LSTM" && input(facts, 7) != nullptr;
  const double other = steps * hidden_values * (row.per_output + (peepholes ? 6.0 : 0.0));
  return multiply_adds(steps * (product(*w) + product(*r)), other);
}

}  // namespace trtprof::counting
