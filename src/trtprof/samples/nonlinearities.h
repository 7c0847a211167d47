// Activation functions in place, for the networks that the sample generators run while they make them.
//
// exp() may differ between C libraries in the last bit. Here it is a polynomial whose every step is one exact product
// of two floats, one addition in double and one rounding, so that a seed gives the same model everywhere.
#pragma once

#include "trtprof/samples/activations.h"

namespace trtprof::samples {

// 1 / (1 + exp(-x)), within 1e-6 of it.
[[nodiscard]] float logistic(float x);

void relu(Activations& x);
void sigmoid(Activations& x);
void swish(Activations& x);         // x * sigmoid(x)
void hard_sigmoid(Activations& x);  // x / 6 + 1 / 2, but at least 0 and at most 1
void hard_swish(Activations& x);    // x * hard_sigmoid(x)

}  // namespace trtprof::samples
