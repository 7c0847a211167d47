// One figure for each channel of values inside a model, over data: computed by the engine in the same inference, so
// that nothing larger than a row of numbers is read from it. Private to calibrate/.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "trtprof/backend/backend.h"
#include "trtprof/base/error.h"
#include "trtprof/base/stop_flag.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/optimize/precision/range_analysis.h"

namespace trtprof::quantization {

enum class ChannelFigure {
  largest_magnitude,  // over all inferences
  mean,               // over all inferences
};

struct ChannelRequest {
  std::string value;  // f32, of the main graph
  std::size_t rank = 4;
  std::size_t axis = 1;  // that the channels lie on
};

// What data a model is looked at with.
struct CalibrationFeed {
  Backend& backend;
  const BoundShapes& shapes;
  std::size_t count;  // inferences
  const InputSource& inputs;
  const StopFlag& stop;
};

// By value, a number for each channel; values with numbers that are not finite are not there. `model` is changed: it
// gets the nodes that reduce.
[[nodiscard]] Result<std::map<std::string, std::vector<double>>> channel_figures(
    OnnxModel& model, std::span<const ChannelRequest> requests, ChannelFigure figure, const CalibrationFeed& feed);

}  // namespace trtprof::quantization
