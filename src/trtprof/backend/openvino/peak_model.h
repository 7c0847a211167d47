// Models that keep the arithmetic units of a CPU busy, and how fast this engine runs them.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <openvino/core/model.hpp>
#include <openvino/runtime/core.hpp>

#include "trtprof/base/error.h"
#include "trtprof/base/stop_flag.h"
#include "trtprof/profile/device_ceilings.h"

namespace trtprof::openvino {

// A chain of equal layers with weights, in the precision asked for as far as a model tells it (8 bits do, by
// quantizers; the others are a setting of the engine).
struct PeakModel {
  std::shared_ptr<ov::Model> model;
  double operations = 0.0;  // of the chain, a multiply-add being two
  std::string what;         // "8 products of 2048 x 2048 matrices"
};
[[nodiscard]] PeakModel matrix_products(std::size_t side, bool int8);
[[nodiscard]] PeakModel convolutions(std::size_t batch, bool int8);

// "f32", "bf16", "f16", "i8".
struct PeakRequest {
  CeilingKind kind = CeilingKind::fp32_peak;
  std::string precision;
  double seconds = 0.5;
};
// What the engine reaches in its matrix products or convolutions, by its own layer times, the better of the two.
// ErrorCode::unavailable where it computes in another precision here.
[[nodiscard]] Result<CeilingFigure> measure_peak(ov::Core& core, const PeakRequest& request, const StopFlag& stop);

}  // namespace trtprof::openvino
