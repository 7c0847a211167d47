// What a convolution convolves, from the model's node or, without a model, from the layer's tensors. Private to the
// rules.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/diagnose/known_model.h"
#include "trtprof/profile/profile.h"

namespace trtprof::rules {

enum class ConvolutionKind { depthwise, grouped, pointwise, full, unknown };

struct ConvolutionShape {
  std::int64_t in_channels = 0;  // 0: not known
  std::int64_t out_channels = 0;
  std::vector<std::int64_t> in_spatial;  // empty: not known, as all below
  std::vector<std::int64_t> out_spatial;
  std::vector<std::int64_t> kernel;
  std::vector<std::int64_t> strides;  // the model's, or what the sizes tell
  std::int64_t groups = 0;            // 0: not known
};

// `model` may be null.
[[nodiscard]] ConvolutionShape convolution_shape(const Layer& layer, const KnownModel* model);
[[nodiscard]] ConvolutionKind kind_of(const Layer& layer, const ConvolutionShape& shape);

// "144 channels, 56x56, kernel 3x3, stride 1": what is known of it.
[[nodiscard]] std::string to_text(const ConvolutionShape& shape);

}  // namespace trtprof::rules
