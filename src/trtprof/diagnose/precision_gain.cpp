#include "trtprof/diagnose/precision_gain.h"

#include <algorithm>

#include <fmt/format.h>

#include "trtprof/base/format.h"

namespace trtprof {
namespace {

// Bits of a number as it is stored; "tf32" is f32 in memory.
std::optional<int> bits_of(std::string_view precision) {
  if (precision == "f32" || precision == "tf32") return 32;
  if (precision == "f16" || precision == "bf16") return 16;
  if (precision == "i8" || precision == "u8" || precision.starts_with("f8")) return 8;
  return std::nullopt;
}

int bits_of(NarrowPrecision precision) {
  return precision == NarrowPrecision::f16 ? 16 : 8;
}

bool can_be_quantized(LayerClass layer_class) {
  switch (layer_class) {
    case LayerClass::convolution:
    case LayerClass::depthwise_convolution:
    case LayerClass::deconvolution:
    case LayerClass::matmul:
    case LayerClass::fully_connected:
    case LayerClass::pooling:
    case LayerClass::elementwise:
      return true;
    default:
      return false;
  }
}

CeilingKind peak_of(std::string_view precision) {
  if (precision == "tf32") return CeilingKind::tf32_peak;
  if (precision == "f16") return CeilingKind::fp16_peak;
  if (precision == "bf16") return CeilingKind::bf16_peak;
  return CeilingKind::fp32_peak;
}

// Of the layer's time, what is left at best; nullopt: nobody knows what binds it.
std::optional<double> share_left(const Subject& subject, const Layer& layer, const LayerRoofline& roof,
                                 NarrowPrecision to, int bits) {
  switch (roof.bound) {
    case LayerBound::memory:
      return static_cast<double>(bits_of(to)) / bits;
    case LayerBound::latency:
      return 1.0;
    case LayerBound::compute: {
      if (subject.ceilings == nullptr) return std::nullopt;
      const CeilingFigure* now = subject.ceilings->find(peak_of(layer.precision));
      const CeilingFigure* then =
          subject.ceilings->find(to == NarrowPrecision::f16 ? CeilingKind::fp16_peak : CeilingKind::int8_peak);
      if (now == nullptr || then == nullptr) return std::nullopt;
      return std::min(now->value / then->value, 1.0);
    }
    case LayerBound::unknown:
      break;
  }
  return std::nullopt;
}

std::string how(const PrecisionGain& gain) {
  std::string text =
      fmt::format("{} of {} would take {} less at best, as bytes and peaks of {} say",
                  gain.layers == 1 ? "1 layer" : fmt::format("{} layers", gain.layers),
                  format_duration(gain.seconds_of_layers), format_duration(gain.seconds), to_string(gain.to));
  if (gain.layers == 0) {
    text = gain.narrow_already > 0 ? fmt::format("no layer is left that {} would make faster", to_string(gain.to))
                                   : fmt::format("no layer is bound by what {} would change", to_string(gain.to));
  }
  if (gain.narrow_already > 0) {
    text += fmt::format("; {} {} computed in {} or narrower",
                        counted(static_cast<std::int64_t>(gain.narrow_already), "layer"),
                        gain.narrow_already == 1 ? "is" : "are", to_string(gain.to));
  }
  if (gain.seconds_not_known > 0.0) {
    text += fmt::format("; {} are in layers of which nothing tells what binds them",
                        format_duration(gain.seconds_not_known));
  }
  return text + '.';
}

}  // namespace

std::optional<PrecisionGain> precision_gain(const Subject& subject, NarrowPrecision to) {
  if (subject.roofline == nullptr || !subject.profile.layer_run) return std::nullopt;
  PrecisionGain gain;
  gain.to = to;
  bool told = false;
  for (const LayerRoofline& roof : subject.roofline->layers) {
    const Layer& layer = subject.profile.layer_run->layers[roof.layer];
    const std::optional<int> bits = bits_of(layer.precision);
    if (!bits || !roof.seconds) continue;
    told = true;
    if (*bits <= bits_of(to)) {
      ++gain.narrow_already;
      continue;
    }
    if (to == NarrowPrecision::i8 && !can_be_quantized(layer.layer_class)) continue;
    const std::optional<double> left = share_left(subject, layer, roof, to, *bits);
    if (!left) {
      gain.seconds_not_known += *roof.seconds;
    } else if (*left < 1.0) {
      ++gain.layers;
      gain.seconds_of_layers += *roof.seconds;
      gain.seconds += *roof.seconds * (1.0 - *left);
    }
  }
  if (!told) return std::nullopt;
  gain.how = how(gain);
  return gain;
}

std::string_view to_string(NarrowPrecision precision) {
  return precision == NarrowPrecision::f16 ? "FP16" : "INT8";
}

}  // namespace trtprof
