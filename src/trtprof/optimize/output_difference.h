// How far the outputs of two runs lie apart.
#pragma once

#include <string>

#include "trtprof/optimize/evaluate.h"

namespace trtprof {

struct OutputDifference {
  std::string output;  // the one that differs most; empty: the model has none
  // Of floats: the largest difference over the largest absolute value of the output as it was (0 where both are 0;
  // infinity where one is NaN or infinite and the other is not the same). Of integers and bool: the share of elements
  // that differ. 0 to 1 is not the range of the first: a sign that flips gives 2.
  double error = 0.0;
  // Where they cannot be compared: a sentence on the output that is missing or has another type or shape.
  std::string contradiction;
};

[[nodiscard]] OutputDifference difference_of(const NamedTensors& before, const NamedTensors& after);

}  // namespace trtprof
