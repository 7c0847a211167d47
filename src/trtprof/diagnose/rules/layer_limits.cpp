#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/diagnose/rules/command_line.h"
#include "trtprof/diagnose/rules/inference_times.h"
#include "trtprof/diagnose/rules/layer_seconds.h"
#include "trtprof/diagnose/rules/rules.h"
#include "trtprof/profile/layer_name.h"

namespace trtprof::rules {
namespace {

// Of a limit. The best published network of depthwise layers reaches 85 % of the memory's bandwidth (MLPerf Inference
// 0.5, MobileNet in INT8 on four Titan RTX); a little less is what one may ask of every layer.
constexpr double kReachable = 0.8;
constexpr std::size_t kNamed = 3;

struct BoundSum {
  std::size_t layers = 0;
  double seconds = 0.0;  // as measured
  double gain = 0.0;     // of the inference, at kReachable of the limit
};

struct Limits {
  std::array<BoundSum, 4> by_bound;  // LayerBound
  std::vector<std::size_t> losing;   // bound by memory or compute, the largest loss first

  [[nodiscard]] const BoundSum& of(LayerBound bound) const { return by_bound[static_cast<std::size_t>(bound)]; }
};

Limits limits_of(const Subject& subject, const LayerSeconds& times) {
  Limits limits;
  for (const LayerRoofline& roof : subject.roofline->layers) {
    if (!roof.seconds || *roof.seconds <= 0.0) continue;
    const LayerBound bound = roof.bound;
    BoundSum& sum = limits.by_bound[static_cast<std::size_t>(bound)];
    ++sum.layers;
    sum.seconds += *roof.seconds;
    if (bound != LayerBound::memory && bound != LayerBound::compute) continue;
    sum.gain += times.lost(roof.layer, kReachable);
    if (roof.lost_seconds.value_or(0.0) > 0.0) limits.losing.push_back(roof.layer);
  }
  std::ranges::stable_sort(limits.losing, [&](std::size_t a, std::size_t b) {
    return *subject.roofline->layers[a].lost_seconds > *subject.roofline->layers[b].lost_seconds;
  });
  return limits;
}

std::string bounds_text(const Limits& limits, const LayerSeconds& times) {
  constexpr std::array<std::pair<LayerBound, std::string_view>, 4> bounds{
      {{LayerBound::memory, "bound by memory"},
       {LayerBound::compute, "bound by arithmetic"},
       {LayerBound::latency, "too small for the device"},
       {LayerBound::unknown, "whose limit is not known"}}};
  std::string text;
  for (const auto& [bound, what] : bounds) {
    const BoundSum& sum = limits.of(bound);
    if (sum.layers == 0) continue;
    text += fmt::format("{}{} {}: {} ({})", text.empty() ? "" : ", ",
                        counted(static_cast<std::int64_t>(sum.layers), "layer"), what, format_duration(sum.seconds),
                        format_percent(times.share(sum.seconds), 0));
  }
  return text;
}

std::string worst_text(const Subject& subject, const std::vector<std::size_t>& losing) {
  std::string text;
  for (std::size_t i = 0; i < std::min(losing.size(), kNamed); ++i) {
    const LayerRoofline& roof = subject.roofline->layers[losing[i]];
    text += fmt::format("{}{} {} (at {} of the {} limit)", text.empty() ? "" : ", ",
                        readable_name(subject.profile.layer_run->layers[losing[i]]),
                        format_duration(*roof.lost_seconds), format_percent(*roof.share, 0), to_string(roof.bound));
  }
  return text;
}

std::string action_for(const Limits& limits) {
  if (limits.of(LayerBound::memory).gain >= limits.of(LayerBound::compute).gain) {
    return "Layers bound by memory gain from moving less (fusion, a narrower type) and from kernels that read every "
           "value once; begin with the largest loss.";
  }
  return "Layers bound by arithmetic gain from a precision with a higher peak and from kernels that use the matrix "
         "units; begin with the largest loss.";
}

Finding finding_of(const Subject& subject, const LayerSeconds& times, const Limits& limits, double gain) {
  const BoundSum& memory = limits.of(LayerBound::memory);
  const BoundSum& compute = limits.of(LayerBound::compute);
  const bool mostly_memory = memory.seconds >= compute.seconds;
  Finding finding;
  finding.title = fmt::format(
      "layers bound by {} take {} of the layers' time; at {} of their limits all layers would "
      "take {} less",
      mostly_memory ? "memory" : "arithmetic",
      format_percent(times.share(mostly_memory ? memory.seconds : compute.seconds), 0), format_percent(kReachable, 0),
      format_duration(gain));
  finding.explanation =
      fmt::format("Against {}, {}. The largest losses, against the whole limit: {}.", subject.roofline->device,
                  bounds_text(limits, times), worst_text(subject, limits.losing));
  finding.evidence = {{"layers bound by memory", memory.seconds, "s", {}},
                      {"layers bound by arithmetic", compute.seconds, "s", {}},
                      {"layers too small for the device", limits.of(LayerBound::latency).seconds, "s", {}},
                      {"layers whose limit is not known", limits.of(LayerBound::unknown).seconds, "s", {}}};
  for (const std::size_t layer : limits.losing) {
    const LayerRoofline& roof = subject.roofline->layers[layer];
    finding.evidence.push_back(
        {fmt::format("lost, at {} of the {} limit", format_percent(*roof.share, 0), to_string(roof.bound)),
         *roof.lost_seconds,
         "s",
         {subject.profile.layer_run->layers[layer].name}});
  }
  finding.gain = times.at_most(
      gain, fmt::format("if each layer that memory or arithmetic binds ran at {} of its limit, and those above stayed "
                        "as they are",
                        format_percent(kReachable, 0)));
  finding.severity = severity_of(finding.gain->high, subject.inference_seconds());
  finding.action = action_for(limits);
  if (!on_cpu(subject)) finding.commands.push_back(command_line("counters", subject.profile.model.path));
  finding.commands.push_back(command_line("inspect", subject.profile.model.path));
  return finding;
}

}  // namespace

RuleAnswer layer_limits(const Subject& subject) {
  if (const auto reason = why_no_layer_times(subject)) return RuleAnswer::not_known(*reason);
  if (subject.ceilings == nullptr) {
    return RuleAnswer::not_known(fmt::format(
        "the limits of {} are not known, so it is not known what binds a layer",
        subject.profile.environment.device_name.empty() ? "the device" : subject.profile.environment.device_name));
  }
  if (!(subject.roofline->seconds_with_ideal > 0.0)) {
    return RuleAnswer::not_known(
        fmt::format("what the layers must cost is not known, so neither is their distance from the "
                    "limits of {}: give the ONNX model with --model",
                    subject.roofline->device));
  }
  const LayerSeconds times(subject);
  const Limits limits = limits_of(subject, times);
  const double gain = limits.of(LayerBound::memory).gain + limits.of(LayerBound::compute).gain;
  if (gain < kWorthSaying * subject.inference_seconds()) {
    return RuleAnswer::no(
        fmt::format("{}; at {} of their limits those bound by memory or arithmetic would take {} less",
                    bounds_text(limits, times), format_percent(kReachable, 0), format_duration(gain)));
  }
  return finding_of(subject, times, limits, gain);
}

}  // namespace trtprof::rules
