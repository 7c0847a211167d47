// Convolutions and matrix products that run beside the tensor cores. Gain is there only where arithmetic binds: what
// waits for memory, or is too small for the device, is no faster on tensor cores.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/diagnose/device_properties.h"
#include "trtprof/diagnose/rules/command_line.h"
#include "trtprof/diagnose/rules/compute_units.h"
#include "trtprof/diagnose/rules/convolution_shape.h"
#include "trtprof/diagnose/rules/inference_times.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof::rules {
namespace {

constexpr double kVolta = 7.0;   // the first with tensor cores
constexpr double kAmpere = 8.0;  // the first with TF32

enum class Why { fp32, fp32_in_narrow, channels, vector, kernel };

struct Miss {
  std::size_t layer = 0;
  Why why = Why::kernel;
  bool arithmetic_binds = false;
  double low = 0.0;  // seconds of the inference
  double high = 0.0;
};

// "NVIDIA Deep Learning Performance Guide", requirements to use tensor cores: multiples of 8 in FP16, of 16 in INT8, of
// 4 in TF32.
std::int64_t wanted_multiple(const std::string& precision) {
  if (precision == "i8" || precision == "u8" || precision.starts_with("f8")) return 16;
  return precision == "tf32" || precision == "f32" ? 4 : 8;
}

bool odd_channels(const Layer& layer, const KnownModel* model) {
  if (!is_convolution(layer.layer_class)) return false;
  const ConvolutionShape shape = convolution_shape(layer, model);
  const std::int64_t multiple = wanted_multiple(layer.precision);
  return shape.in_channels % multiple != 0 || shape.out_channels % multiple != 0;
}

bool is_narrow(const std::string& precision) {
  return precision == "f16" || precision == "bf16" || precision == "i8" || precision.starts_with("f8");
}

const CeilingFigure* tensor_peak(const std::string& precision, const DeviceCeilings& ceilings, double capability) {
  if (precision == "i8" || precision == "u8") return ceilings.find(CeilingKind::int8_peak);
  if (precision == "f16" || precision == "bf16") return ceilings.find(CeilingKind::fp16_peak);
  return ceilings.find(capability >= kAmpere ? CeilingKind::tf32_peak : CeilingKind::fp16_peak);
}

class Search {
 public:
  Search(const Subject& subject, double capability)
      : subject_(subject), capability_(capability), times_(subject), units_(subject.profile) {
    const std::vector<Layer>& layers = subject.profile.layer_run->layers;
    narrow_engine_ = std::ranges::any_of(
        layers, [](const Layer& layer) { return is_matrix_work(layer.layer_class) && is_narrow(layer.precision); });
    for (std::size_t i = 0; i < layers.size(); ++i) {
      if (is_matrix_work(layers[i].layer_class) && times_.of(i) > 0.0) judge(i, layers[i]);
    }
  }

  std::vector<Miss> misses;
  std::vector<std::size_t> on_tensor_cores;
  std::vector<std::size_t> unknown;

  [[nodiscard]] const InferenceTimes& times() const { return times_; }
  [[nodiscard]] const UnitsOfLayers& units() const { return units_; }

 private:
  void judge(std::size_t i, const Layer& layer) {
    const Units units = units_.of(i);
    if (units == Units::tensor_cores) on_tensor_cores.push_back(i);
    if (units == Units::unknown) unknown.push_back(i);
    if (units != Units::cuda_cores) return;
    Miss miss{i, why(i, layer), false, 0.0, 0.0};
    weigh(layer, miss);
    misses.push_back(miss);
  }

  [[nodiscard]] Why why(std::size_t i, const Layer& layer) const {
    const bool vector = std::ranges::any_of(
        units_.names(i), [](const std::string& name) { return name.find("gemv") != std::string::npos; });
    if (vector) return Why::vector;
    if (layer.precision == "f32") return narrow_engine_ ? Why::fp32_in_narrow : Why::fp32;
    return odd_channels(layer, subject_.model) ? Why::channels : Why::kernel;
  }

  void weigh(const Layer& layer, Miss& miss) const {
    const LayerRoofline& roof = subject_.roofline->layers[miss.layer];
    if (subject_.ceilings == nullptr || !roof.flops || !roof.memory_seconds) return;
    const CeilingFigure* now = subject_.ceilings->find(CeilingKind::fp32_peak);
    const CeilingFigure* then = tensor_peak(layer.precision, *subject_.ceilings, capability_);
    if (now == nullptr || then == nullptr || roof.bound == LayerBound::latency) return;
    const double arithmetic = *roof.flops / now->value;
    if (arithmetic <= *roof.memory_seconds) return;
    const double limit = std::max(*roof.memory_seconds, *roof.flops / then->value);
    miss.arithmetic_binds = true;
    miss.high = std::max(times_.of(miss.layer) - limit, 0.0);
    miss.low = std::min(std::max(arithmetic - limit, 0.0), miss.high);
  }

  const Subject& subject_;
  double capability_;
  InferenceTimes times_;
  UnitsOfLayers units_;
  bool narrow_engine_ = false;
};

std::string_view words_for(Why why) {
  constexpr std::array<std::string_view, 5> words{
      "in FP32 without TF32", "in FP32 in an engine of a narrower precision",
      "with channels that are no multiple of what tensor cores take", "in products of a matrix with a vector",
      "by a kernel that does not use them"};
  return words[static_cast<std::size_t>(why)];
}

std::string reasons(const std::vector<Miss>& misses) {
  std::map<Why, std::int64_t> counts;
  for (const Miss& miss : misses) ++counts[miss.why];
  std::string text;
  for (const auto& [why, count] : counts)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, words_for(why));
  return text;
}

std::string action_for(const std::vector<Miss>& misses) {
  const auto has = [&](Why why) {
    return std::ranges::any_of(misses, [&](const Miss& miss) { return miss.why == why; });
  };
  std::string text;
  if (has(Why::fp32)) text += "Build without --no-tf32, or from a model in FP16. ";
  if (has(Why::fp32_in_narrow)) text += "Give those layers the engine's narrower precision, where accuracy allows it. ";
  if (has(Why::channels)) text += "Pad the channels to a multiple of 8 in FP16, of 16 in INT8. ";
  if (has(Why::kernel)) text += "Let the builder search longer, at optimization level 5. ";
  if (has(Why::vector)) text += "A larger batch turns products with a vector into products of matrices. ";
  text.pop_back();
  return text;
}

Finding finding_of(const Subject& subject, const Search& search, const std::vector<Miss>& bound) {
  double low = 0.0;
  double high = 0.0;
  double seconds = 0.0;
  std::vector<std::size_t> layers;
  for (const Miss& miss : bound) {
    low += miss.low;
    high += miss.high;
    seconds += search.times().of(miss.layer);
    layers.push_back(miss.layer);
  }
  const bool counted = std::ranges::any_of(layers, [&](std::size_t layer) { return search.units().counted(layer); });
  const auto others = static_cast<std::int64_t>(search.misses.size() - bound.size());
  Finding finding;
  finding.severity = severity_of(high, subject.inference_seconds());
  finding.title = fmt::format("Arithmetic binds {} without tensor cores: {} of an inference",
                              trtprof::counted(static_cast<std::int64_t>(bound.size()), "layer"),
                              format_percent(search.times().share(seconds), 1));
  finding.explanation = fmt::format(
      "Of convolutions and matrix products they take {} ({}): {}, as {} say.{}", format_duration(seconds),
      listed(names_of(subject.profile, layers)), reasons(bound),
      counted ? "hardware counters" : "the names of their kernels and their precision",
      others == 0
          ? std::string()
          : fmt::format(" Of {} more without tensor cores memory or size is the limit: those would gain nothing.",
                        others));
  finding.evidence = {{"time of layers beside the tensor cores", seconds, "s", names_of(subject.profile, layers)}};
  finding.gain = Gain{
      low, high, GainBasis::bound,
      "At most down to the limit of memory and the tensor cores' peak; the low end is the arithmetic alone, at the "
      "peak of FP32 against that of the tensor cores."};
  finding.action = action_for(bound);
  finding.commands = {command_line("inspect", subject.profile.model.path),
                      command_line("counters", subject.profile.model.path)};
  return finding;
}

std::string why_none(const Subject& subject, const Search& search) {
  const auto count = [](std::size_t number) { return counted(static_cast<std::int64_t>(number), "layer"); };
  std::string unknown = search.unknown.empty()
                            ? std::string()
                            : fmt::format("; of {} the kernels' names do not tell", count(search.unknown.size()));
  if (search.misses.empty()) {
    return fmt::format("{} of convolutions and matrix products run on the tensor cores, none beside them{}",
                       count(search.on_tensor_cores.size()), unknown);
  }
  double seconds = 0.0;
  double gain = 0.0;
  for (const Miss& miss : search.misses) {
    seconds += search.times().of(miss.layer);
    gain += miss.high;
  }
  const std::string what =
      fmt::format("{} with {} of the inference without tensor cores ({})", count(search.misses.size()),
                  format_percent(search.times().share(seconds), 1), reasons(search.misses));
  if (subject.ceilings == nullptr) {
    return what + ", but whether arithmetic binds them is not known: the device's limits are not" + unknown;
  }
  return fmt::format("{}: memory or their size is the limit, and using them would gain {}{}", what,
                     gain > 0.0 ? "at most " + format_duration(gain) : "nothing", unknown);
}

}  // namespace

RuleAnswer tensor_cores(const Subject& subject) {
  const Environment& environment = subject.profile.environment;
  if (environment.device_kind != DeviceKind::gpu) return RuleAnswer::no("the device is a CPU: it has no tensor cores");
  const auto capability = compute_capability(environment);
  if (!capability) {
    return RuleAnswer::not_known(
        "the profile does not tell the device's compute capability: whether it has tensor cores is "
        "not known");
  }
  if (*capability < kVolta) {
    return RuleAnswer::no(fmt::format("a device of compute capability {:.1f} has no tensor cores", *capability));
  }
  if (!subject.profile.layer_run || subject.roofline == nullptr) {
    return RuleAnswer::not_known("the profile has no layer run");
  }
  const Search search(subject, *capability);
  std::vector<Miss> bound;
  double high = 0.0;
  for (const Miss& miss : search.misses) {
    if (!miss.arithmetic_binds) continue;
    bound.push_back(miss);
    high += miss.high;
  }
  if (search.misses.empty() && search.on_tensor_cores.empty() && search.unknown.empty()) {
    return RuleAnswer::no("no layer with a time is a convolution or matrix product that tensor cores are for");
  }
  if (!search.times().worth_saying(high)) return RuleAnswer::no(why_none(subject, search));
  return finding_of(subject, search, bound);
}

}  // namespace trtprof::rules
