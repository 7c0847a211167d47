// Fourier transforms, by the customary count of a radix-2 transform: 5 n log2 n for complex, half of it for real input
// (Frigo and Johnson, "The Design and Implementation of FFTW3", Proc. IEEE 93(2), 2005).
#include <algorithm>
#include <cmath>

#include "trtprof/cost/operator_table.h"

namespace trtprof::counting {

namespace {

double transform_flops(double length, bool complex) {
  return length <= 1.0 ? 0.0 : (complex ? 5.0 : 2.5) * length * std::log2(length);
}

}  // namespace

// Input [..., n, ..., 1 or 2]. Since opset 20 the axis is an input, whose value the facts do not hold; left out it is 1
// before and -2 since, the same for the usual [batch, n, 1 or 2].
Arithmetic count_fourier_transform(const OperatorFacts& facts, const OperatorRow&) {
  const Dims* x = input_shape(facts, 0);
  const Dims* y = output_shape(facts, 0);
  if (x == nullptr || y == nullptr) {
    return missing_shape(facts);
  }
  const auto rank = static_cast<std::int64_t>(x->size());
  if (input(facts, 2) != nullptr || (rank != 3 && !has_attribute(facts, "axis"))) {
    return unknown("DFT: the axis it works along is not known");
  }
  const bool onesided = int_attribute(facts, "onesided", 0) != 0;
  if (onesided && input(facts, 1) != nullptr) {
    return unknown("DFT: its length is the value of an input");
  }
  std::int64_t axis = int_attribute(facts, "axis", 1);
  axis += axis < 0 ? rank : 0;
  if (rank < 2 || y->size() != x->size() || axis < 0 || axis >= rank - 1) {
    return unexpected_shapes(facts);
  }
  const auto at = static_cast<std::size_t>(axis);
  // One side of a spectrum is shorter than the signal, on whichever end of the transform it is.
  const std::int64_t length = onesided ? std::max((*x)[at], (*y)[at]) : (*y)[at];
  double transforms = 1.0;
  for (std::size_t i = 0; i + 1 < x->size(); ++i) {
    transforms *= i == at ? 1.0 : static_cast<double>((*x)[i]);
  }
  const bool complex = !onesided && x->back() == 2;
  return flops_only(transforms * transform_flops(static_cast<double>(length), complex));
}

// Signal [batch, n, 1 or 2] to [batch, frames, bins, 2]; each frame is multiplied with the window first.
Arithmetic count_short_time_fourier_transform(const OperatorFacts& facts, const OperatorRow&) {
  const Dims* x = input_shape(facts, 0);
  const Dims* y = output_shape(facts, 0);
  if (x == nullptr || y == nullptr) {
    return missing_shape(facts);
  }
  if (x->size() < 2 || y->size() != 4) {
    return unexpected_shapes(facts);
  }
  const Dims* window = input_shape(facts, 2);
  double length = 0.0;
  if (window != nullptr && window->size() == 1) {
    length = static_cast<double>((*window)[0]);
  } else if (input(facts, 2) == nullptr && input(facts, 3) == nullptr) {
    length = static_cast<double>((*x)[1]);
  } else if (int_attribute(facts, "onesided", 1) == 0) {
    length = static_cast<double>((*y)[2]);
  } else {
    return unknown("STFT: the length of its frames is the value of an input");
  }
  const bool complex = x->size() == 3 && x->back() == 2;
  const double frames = static_cast<double>((*y)[0]) * static_cast<double>((*y)[1]);
  const double windowing = input(facts, 2) == nullptr ? 0.0 : length * (complex ? 2.0 : 1.0);
  return flops_only(frames * (windowing + transform_flops(length, complex)));
}

}  // namespace trtprof::counting
