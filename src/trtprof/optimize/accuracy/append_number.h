// A number as an element of a tensor.
#pragma once

#include <cstddef>
#include <vector>

#include "trtprof/base/tensor.h"

namespace trtprof {

// Floats round to nearest, integers towards zero, bytes stop at their limits. False for types that inputs of models
// here do not have.
[[nodiscard]] bool append_number(std::vector<std::byte>& data, ElementType type, double number);

}  // namespace trtprof
