// Which operators the time goes to: the three patterns of how an inference's time is spread.
#pragma once

#include <string_view>
#include <vector>

#include "trtprof/diagnose/accounting.h"
#include "trtprof/diagnose/evidence.h"
#include "trtprof/diagnose/roofline.h"

namespace trtprof {

enum class Pattern {
  convolution_dominated,  // half of the layers' time or more is in convolutions of any kind
  transfer_bound,         // half of the inference or more is copies
  operator_diverse,       // spread as if over two classes of operators or more: no one of them is the problem
  one_class_dominated,    // of another class than convolution
  unknown,                // no times of layers, or most of it in blocks that tell nothing
};

struct TimeByClass {
  LayerClass layer_class = LayerClass::other;
  double seconds = 0.0;
  double share = 0.0;  // of all layers, and of kernels that belong to none
  std::size_t layers = 0;
};

struct PatternVerdict {
  Pattern pattern = Pattern::unknown;
  std::vector<TimeByClass> classes;  // largest first
  std::vector<Evidence> evidence;
};

// Copies as the account has them; layers by the times that the roofline used.
[[nodiscard]] PatternVerdict pattern_of(const Profile& profile, const TimeAccount& account, const Roofline* roofline);

[[nodiscard]] std::string_view to_string(Pattern pattern);

}  // namespace trtprof
