// In what a model was to be computed. Private to rules/.
#pragma once

#include <string>

#include "trtprof/diagnose/subject.h"

namespace trtprof::rules {

enum class AskedBy {
  user,    // on the command line of the run
  engine,  // the engine's own setting, or the narrowest precision that its layers with arithmetic have
};

struct AskedPrecision {
  std::string precision;  // "f16"; empty: nothing tells
  AskedBy by = AskedBy::engine;
  std::string basis;  // a clause: "--precision f32 of the command line"
};

[[nodiscard]] AskedPrecision asked_precision(const Subject& subject);

// Of a floating-point or quantised type, TF32 as FP32; 0 for others.
[[nodiscard]] int bits_of_precision(const std::string& precision);

// It computes: no conversion, nothing that only moves data.
[[nodiscard]] bool has_arithmetic(const Layer& layer);

}  // namespace trtprof::rules
