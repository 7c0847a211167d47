#include "trtprof/diagnose/rules/batch.h"

#include <vector>

#include <fmt/format.h>

#include "trtprof/base/format.h"

namespace trtprof::rules {
namespace {

std::string missing(const Subject& subject) {
  const Profile& profile = subject.profile;
  if (subject.inference_seconds() <= 0.0) return "the profile holds no time of an inference";
  if (!profile.model.batch || *profile.model.batch < 1) {
    return "the model's batch is not known: its first input has no leading dimension that says it";
  }
  if (subject.roofline == nullptr || !subject.roofline->from_timeline) {
    return fmt::format(
        "without a timeline it is not known what of an inference of batch {} leaves the device unfilled: profile "
        "without --no-timeline",
        *profile.model.batch);
  }
  if (subject.account->of_layer_run) {
    return "the profile holds no end-to-end run: an inference is known with layer timing in it alone";
  }
  return {};
}

}  // namespace

std::string Batch::summary() const {
  return fmt::format(
      "of an inference of batch {}, {} hardly grow with the batch (layers too small to fill the device, gaps) and {} "
      "grow with it (layers bound by memory or arithmetic{})",
      size, format_percent(times.share(constant), 1), format_percent(times.share(grows), 1),
      rounds > 0.0 ? fmt::format(", {:.1f} blocks a multiprocessor", rounds) : std::string());
}

std::optional<Batch> batch_of(const Subject& subject, WhyNoBatch& why) {
  if (subject.profile.environment.device_kind == DeviceKind::cpu) {
    why = {"it ran on a CPU: how much of a GPU a batch fills is what this rule tells", true};
    return std::nullopt;
  }
  why = {missing(subject), false};
  if (!why.reason.empty()) return std::nullopt;
  Batch batch{subject, parts_of(subject.profile, *subject.account), InferenceTimes(subject),
              *subject.profile.model.batch, small_layers(subject)};
  batch.constant = batch.small.seconds + batch.parts.gaps.value_or(0.0);
  std::vector<std::size_t> bound;
  for (const LayerRoofline& roof : subject.roofline->layers) {
    if (roof.bound == LayerBound::memory || roof.bound == LayerBound::compute) bound.push_back(roof.layer);
  }
  batch.grows = batch.times.of(bound);
  const auto blocks = median_blocks(*subject.roofline, bound);
  if (blocks && batch.small.multiprocessors) batch.rounds = *blocks / static_cast<double>(*batch.small.multiprocessors);
  return batch;
}

}  // namespace trtprof::rules
