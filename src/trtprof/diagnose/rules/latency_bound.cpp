#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/diagnose/rules/device_fill.h"
#include "trtprof/diagnose/rules/inference_times.h"
#include "trtprof/diagnose/rules/layer_seconds.h"
#include "trtprof/diagnose/rules/measured_again.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof::rules {
namespace {

// Severity::major begins here, and a few small layers are in every network: MobileNetV2 of batch 64 has 5.5 %.
constexpr double kMuch = 0.1;
constexpr std::size_t kNamed = 5;

Finding finding_of(const Subject& subject, const SmallLayers& small, const InferenceTimes& times) {
  Finding finding;
  const double share = times.share(small.seconds);
  const auto count = static_cast<std::int64_t>(small.layers.size());
  finding.title = fmt::format("{} too small to fill the device take {} of an inference", counted(count, "layer"),
                              format_percent(share, 1));
  finding.explanation =
      fmt::format("They take {} each, {} in all.", format_duration(small.seconds / static_cast<double>(count)),
                  format_duration(small.seconds));
  finding.evidence = {
      {"layers too small to fill the device, of end to end", share, "1", names_of(subject.profile, small.layers)}};
  if (small.multiprocessors && small.median_blocks) {
    finding.explanation +=
        fmt::format(" Half of that time is in kernels of {:.0f} blocks or fewer, for {} multiprocessors.",
                    *small.median_blocks, *small.multiprocessors);
    finding.evidence.push_back({"multiprocessors", static_cast<double>(*small.multiprocessors), "1", {}});
    finding.evidence.push_back({"blocks of a kernel, median by time", *small.median_blocks, "1", {}});
  }
  for (std::size_t i = 0; i < std::min(kNamed, small.layers.size()); ++i) {
    const LayerRoofline& roof = subject.roofline->layers[small.layers[i]];
    finding.evidence.push_back(
        {"time of a layer", *roof.seconds, "s", {subject.profile.layer_run->layers[small.layers[i]].name}});
  }
  if (small.ideal > 0.0) {
    const double gain = std::max(small.seconds - small.ideal, 0.0);
    finding.explanation += fmt::format(" Their bytes and arithmetic, where known, need {} at the device's limits.",
                                       format_duration(small.ideal));
    finding.gain = LayerSeconds(subject).at_most(
        gain,
        fmt::format("these layers' time without the {} that the device's limits leave them at the least; starting "
                    "and draining a kernel is not in that limit",
                    format_duration(small.ideal)));
    finding.severity = severity_of(finding.gain->high, subject.inference_seconds());
  }
  finding.action =
      "Give each kernel more to do: a larger batch, several inferences side by side, or fewer kernels by fusing "
      "layers.";
  finding.commands = measured_again(subject.profile, {"--streams 4"});
  return finding;
}

}  // namespace

RuleAnswer latency_bound(const Subject& subject) {
  if (subject.profile.environment.device_kind == DeviceKind::cpu) {
    return RuleAnswer::no("it ran on a CPU: kernels of a GPU are what may be too small to fill it");
  }
  if (subject.inference_seconds() <= 0.0) return RuleAnswer::not_known("the profile holds no time of an inference");
  if (subject.roofline == nullptr) return RuleAnswer::not_known("the profile holds no layers");
  if (!subject.roofline->from_timeline) {
    return RuleAnswer::not_known(
        "without a timeline neither the kernels' own times nor their blocks are known: profile without --no-timeline");
  }
  const SmallLayers small = small_layers(subject);
  const InferenceTimes times(subject);
  if (times.share(small.seconds) < kMuch) {
    if (small.layers.empty()) return RuleAnswer::no("no layer is too small to fill the device");
    return RuleAnswer::no(fmt::format("{} too small to fill the device take {} of an inference",
                                      counted(static_cast<std::int64_t>(small.layers.size()), "layer"),
                                      format_percent(times.share(small.seconds), 1)));
  }
  return finding_of(subject, small, times);
}

}  // namespace trtprof::rules
