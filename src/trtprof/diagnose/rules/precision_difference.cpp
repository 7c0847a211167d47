#include "trtprof/diagnose/rules/precision_difference.h"

#include <algorithm>
#include <optional>

#include "trtprof/diagnose/rules/convolution_shape.h"
#include "trtprof/diagnose/rules/layer_alignment.h"
#include "trtprof/profile/layer_kernels.h"
#include "trtprof/profile/layer_times.h"

namespace trtprof::rules {
namespace {

// TensorRT's INT8 tensor-core kernels take channels by 32 and pad what is missing (its "thirty-two wide" layout).
constexpr std::int64_t kInt8Channels = 32;

struct Measured {
  double seconds = 0.0;
  double half_width = 0.0;  // of the median's 95 % interval
};

Measured measured(const SampleSeries& series) {
  const auto summary = summary_of(series);
  if (!summary) return {};
  const double half =
      summary->median_interval ? (summary->median_interval->high - summary->median_interval->low) / 2 : 0;
  return {summary->median, half};
}

std::vector<Measured> layer_times(const Profile& profile, bool by_kernels) {
  const LayerRun& run = *profile.layer_run;
  std::vector<Measured> times(run.layers.size());
  if (!by_kernels) {
    for (std::size_t i = 0; i < times.size(); ++i) {
      times[i] = measured(run.layers[i].time);
      times[i].seconds = layer_seconds(run.layers[i]).value_or(0.0);
    }
    return times;
  }
  const auto kernels = kernels_by_layer(run, *profile.timeline);
  for (std::size_t i = 0; i < times.size(); ++i) {
    times[i].seconds = kernels[i].gpu_seconds.value_or(0.0);
    for (const std::size_t k : kernels[i].kernels)
      times[i].half_width += measured(profile.timeline->kernels[k].time).half_width;
  }
  return times;
}

bool has_kernels_of_layers(const Profile& profile) {
  if (!profile.timeline) return false;
  const auto layers = kernels_by_layer(*profile.layer_run, *profile.timeline);
  return std::ranges::any_of(layers, [](const LayerKernels& layer) { return !layer.kernels.empty(); });
}

double seconds_of(const TimeAccount& account, std::initializer_list<TermKind> kinds) {
  double seconds = 0.0;
  for (const TermKind kind : kinds) {
    const TimeTerm* term = account.find(kind);
    if (term != nullptr) seconds += term->seconds.value_or(0.0);
  }
  return seconds;
}

bool only_quantizes(const Layer& layer) {
  return layer.layer_class == LayerClass::quantize ||
         (!layer.origin_nodes.empty() && std::ranges::all_of(layer.origin_nodes, [](const OriginNode& node) {
           return node.op_type == "QuantizeLinear" || node.op_type == "DequantizeLinear";
         }));
}

bool misfits_tensor_cores(const ConvolutionShape& shape) {
  return shape.in_channels % kInt8Channels != 0 || shape.out_channels % kInt8Channels != 0;
}

class Attribution {
 public:
  Attribution(const Subject& subject, PrecisionDifference& result)
      : subject_(subject),
        result_(result),
        here_(subject.profile.layer_run->layers),
        there_(subject.counterpart->layer_run->layers),
        here_times_(layer_times(subject.profile, result.from_timelines)),
        there_times_(layer_times(*subject.counterpart, result.from_timelines)) {}

  void run() {
    double total = 0.0;
    double matched = 0.0;
    for (const AlignedLayers& group : align_layers(*subject_.profile.layer_run, *subject_.counterpart->layer_run)) {
      attribute(group);
      const double seconds = sum(group.left, here_times_).seconds;
      total += seconds;
      if (!group.right.empty()) matched += seconds;
    }
    result_.matched = total > 0.0 ? matched / total : 0.0;
    for (CauseSum& cause : result_.causes) {
      std::ranges::stable_sort(cause.slower, std::ranges::greater{}, &SlowerLayer::seconds);
    }
  }

 private:
  static Measured sum(const std::vector<std::size_t>& layers, const std::vector<Measured>& times) {
    Measured result;
    for (const std::size_t layer : layers) {
      result.seconds += times[layer].seconds;
      result.half_width += times[layer].half_width;
    }
    return result;
  }

  static std::size_t with_time(const std::vector<std::size_t>& layers, const std::vector<Measured>& times) {
    return static_cast<std::size_t>(
        std::ranges::count_if(layers, [&](std::size_t layer) { return times[layer].seconds > 0.0; }));
  }

  void attribute(const AlignedLayers& group) {
    const Measured here = sum(group.left, here_times_);
    const Measured there = sum(group.right, there_times_);
    CauseSum& cause = result_.causes[static_cast<std::size_t>(cause_of(group))];
    const double more = here.seconds - there.seconds;
    cause.seconds += more;
    cause.layers += with_time(group.left, here_times_);
    if (!group.left.empty() && more > here.half_width + there.half_width) {
      cause.slower.push_back({here_[longest(group.left)].name, more});
    }
  }

  [[nodiscard]] std::size_t longest(const std::vector<std::size_t>& layers) const {
    return *std::ranges::max_element(layers, {}, [&](std::size_t layer) { return here_times_[layer].seconds; });
  }

  [[nodiscard]] PrecisionCause cause_of(const AlignedLayers& group) const {
    const bool left = !group.left.empty();
    const Layer& layer = left ? here_[longest(group.left)] : there_[group.right.front()];
    if (only_quantizes(layer)) return PrecisionCause::quantize;
    if (layer.layer_class == LayerClass::reformat || layer.layer_class == LayerClass::cast) {
      return PrecisionCause::reformats;
    }
    if (left && std::ranges::none_of(group.left, [&](std::size_t i) { return computes_in_int8(here_[i]); })) {
      return PrecisionCause::stayed_float;
    }
    if (!group.right.empty() && with_time(group.left, here_times_) > with_time(group.right, there_times_)) {
      return PrecisionCause::lost_fusions;
    }
    if (!is_convolution(layer.layer_class)) return PrecisionCause::others;
    const ConvolutionShape shape = convolution_shape(layer, subject_.model);
    const ConvolutionKind kind = kind_of(layer, shape);
    if (kind == ConvolutionKind::depthwise || kind == ConvolutionKind::grouped) return PrecisionCause::grouped;
    return misfits_tensor_cores(shape) ? PrecisionCause::channels : PrecisionCause::others;
  }

  const Subject& subject_;
  PrecisionDifference& result_;
  const std::vector<Layer>& here_;
  const std::vector<Layer>& there_;
  std::vector<Measured> here_times_;
  std::vector<Measured> there_times_;
};

}  // namespace

double PrecisionDifference::slower() const {
  double seconds = 0.0;
  for (const CauseSum& cause : causes) {
    for (const SlowerLayer& layer : cause.slower) seconds += layer.seconds;
  }
  return seconds;
}

bool computes_in_int8(const Layer& layer) {
  return layer.precision == "i8" || layer.precision == "u8";
}

bool computes_in_int8(const Profile& profile) {
  return profile.layer_run && std::ranges::any_of(profile.layer_run->layers, [](const Layer& layer) {
           return computes_in_int8(layer) && !only_quantizes(layer) && layer.layer_class != LayerClass::reformat;
         });
}

PrecisionDifference precision_difference(const Subject& subject, const TimeAccount& other_account) {
  PrecisionDifference result;
  result.end_to_end = subject.account->end_to_end - other_account.end_to_end;
  result.other_end_to_end = other_account.end_to_end;
  result.from_timelines = has_kernels_of_layers(subject.profile) && has_kernels_of_layers(*subject.counterpart);
  const auto copies = {TermKind::host_to_device, TermKind::device_to_host};
  result.copies = seconds_of(*subject.account, copies) - seconds_of(other_account, copies);
  if (result.from_timelines) {
    const auto gaps = {TermKind::gaps};
    result.gaps = seconds_of(*subject.account, gaps) - seconds_of(other_account, gaps);
  }
  Attribution(subject, result).run();
  result.unexplained = result.end_to_end - result.copies - result.gaps;
  for (const CauseSum& cause : result.causes) result.unexplained -= cause.seconds;
  return result;
}

}  // namespace trtprof::rules
