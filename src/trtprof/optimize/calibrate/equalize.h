// Channels of an activation brought to like ranges, so that one scale serves them all: cross-layer equalisation (Nagel
// et al., ICCV 2019, section 4.1) by what the activations are on data rather than by the weights, which have a scale
// for each channel here anyway.
//
// Where a linear layer makes a value and a convolution alone reads it, with nothing but Relu, LeakyRelu or Clip from 0
// between them, a factor on a channel of the first is undone by its inverse in the second: the same function. A Clip
// has its limit for all channels, so no channel is raised to where the data would meet it.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "trtprof/backend/backend.h"
#include "trtprof/base/error.h"
#include "trtprof/base/stop_flag.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/optimize/calibrate/quantize.h"
#include "trtprof/optimize/precision/range_analysis.h"

namespace trtprof {

struct EqualizedValue {
  std::string value;
  std::string from;        // display name of the layer that makes it
  std::string to;          // of the convolution that reads it
  std::size_t raised = 0;  // channels whose factor is above 1
  double largest_factor = 1.0;
};

// Of each channel of a value, by its name. Powers of two, 1 where nothing is done.
using ChannelFactors = std::map<std::string, std::vector<double>>;

struct Equalization {
  std::vector<EqualizedValue> values;
  std::vector<BlockedNode> left;  // convolutions whose input could not be equalised, with the reason
  ChannelFactors factors = {};    // of the values
};

// Changes weights of `model`. The ranges are those of `count` inferences. Factors go up to the range of the largest
// channel; before a convolution that adds channels up, to the square root of that, so that its weights keep half of
// what they had (as G. Xiao et al., "SmoothQuant", ICML 2023, with alpha 0.5).
[[nodiscard]] Result<Equalization> equalize(Backend& backend, OnnxModel& model, const BoundShapes& shapes,
                                            std::size_t count, const InputSource& inputs, const StopFlag& stop);

// The same by factors that were found before. Fails, and may have changed some weights by then, for factors of values
// that this model does not have so.
[[nodiscard]] Result<Equalization> equalize_by(OnnxModel& model, const ChannelFactors& factors);

}  // namespace trtprof
