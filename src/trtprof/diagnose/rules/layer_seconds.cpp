#include "trtprof/diagnose/rules/layer_seconds.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/diagnose/rules/inference_times.h"
#include "trtprof/diagnose/time_shares.h"

namespace trtprof::rules {
namespace {

// Within this, the layers add up to the time that they ran in, and nothing needs to be said of it.
constexpr double kAddsUp = 0.99;

}  // namespace

std::optional<std::string> why_no_layer_times(const Subject& subject) {
  if (!subject.profile.layer_run || subject.roofline == nullptr) return "the profile has no layer run";
  if (subject.account == nullptr || !(subject.inference_seconds() > 0.0)) return "the profile has no inference's time";
  if (!(subject.roofline->seconds > 0.0)) return "no layer of the layer run has a time";
  return std::nullopt;
}

LayerSeconds::LayerSeconds(const Subject& subject) : subject_(subject) {
  if (subject.roofline == nullptr || subject.account == nullptr) return;
  total_ = subject.roofline->seconds + subject.roofline->seconds_of_no_layer;
  const InferenceParts parts = parts_of(subject.profile, *subject.account);
  factor_ = InferenceTimes(subject).fit();
  if (parts.paced_by_launches()) host_leaves_ = std::max(parts.inside - *parts.enqueue, 0.0);
}

double LayerSeconds::of(std::size_t layer) const {
  return subject_.roofline->layers[layer].seconds.value_or(0.0);
}

double LayerSeconds::share(double seconds) const {
  return total_ > 0.0 ? seconds / total_ : 0.0;
}

double LayerSeconds::lost(std::size_t layer, double share_of_limit) const {
  const LayerRoofline& roof = subject_.roofline->layers[layer];
  if (!roof.seconds || !roof.ideal_seconds) return 0.0;
  return std::max(in_inference(*roof.seconds) - *roof.ideal_seconds / share_of_limit, 0.0);
}

Gain LayerSeconds::at_most(double seconds, std::string how) const {
  Gain gain{0.0, seconds, GainBasis::bound, std::move(how)};
  if (factor_ < kAddsUp) {
    gain.how += fmt::format("; {} adds up to {}, of which {} fit into the inference", basis_of_times(subject_),
                            format_duration(total_), format_duration(factor_ * total_));
  }
  if (host_leaves_ && *host_leaves_ < gain.high) {
    gain.high = *host_leaves_;
    gain.how += fmt::format("; of {} of the device, only {} show while the host takes as long to launch the kernels",
                            format_duration(seconds), format_duration(*host_leaves_));
  }
  return gain;
}

std::string_view basis_of_times(const Subject& subject) {
  return subject.roofline != nullptr && subject.roofline->from_timeline ? "the kernels' timestamps"
                                                                        : "the engine's layer timing";
}

bool on_cpu(const Subject& subject) {
  return subject.profile.environment.device_kind == DeviceKind::cpu;
}

}  // namespace trtprof::rules
