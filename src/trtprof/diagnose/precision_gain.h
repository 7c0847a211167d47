// What narrower numbers could save at most, from what binds each layer.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "trtprof/diagnose/subject.h"

namespace trtprof {

enum class NarrowPrecision { f16, i8 };

struct PrecisionGain {
  NarrowPrecision to = NarrowPrecision::f16;
  // Seconds of one inference, at most: bytes shrink with the type in layers that the memory binds, arithmetic speeds up
  // by the ratio of the peaks in those that it binds, and layers bound by latency keep their time.
  double seconds = 0.0;
  double seconds_of_layers = 0.0;  // of the layers that would gain
  std::size_t layers = 0;          // how many those are
  std::size_t narrow_already = 0;  // layers that compute in that type or a narrower one
  double seconds_not_known = 0.0;  // of layers of which nobody knows what binds them
  std::string how;                 // a sentence with these figures
};

// INT8: of layers that engines quantise (convolutions, matrix products, pooling, elementwise). nullopt without a
// roofline or where no layer tells its precision.
[[nodiscard]] std::optional<PrecisionGain> precision_gain(const Subject& subject, NarrowPrecision to);

[[nodiscard]] std::string_view to_string(NarrowPrecision precision);  // "FP16"

}  // namespace trtprof
