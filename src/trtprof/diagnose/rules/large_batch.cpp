#include <algorithm>
#include <cstdint>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/diagnose/device_properties.h"
#include "trtprof/diagnose/rules/batch.h"
#include "trtprof/diagnose/rules/measured_again.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof::rules {
namespace {

// Most of an inference decides what a batch does to it.
constexpr double kMost = 0.5;
// Blocks for each multiprocessor from which on the last ones, which leave some idle, no longer count: a kernel of 8
// rounds of blocks wastes an eighth of its time at most.
constexpr double kManyRounds = 8.0;
// Severity::major begins here.
constexpr double kMuch = 0.05;

// Layers at the memory whose inputs and outputs are larger than the L2 cache.
struct BeyondL2 {
  std::vector<std::size_t> layers;
  double seconds = 0.0;
  double largest_item = 0.0;  // bytes
  double from_l2 = 0.0;       // seconds, at the L2's bandwidth where that is known
};

BeyondL2 beyond_l2(const Batch& batch, double l2) {
  const CeilingFigure* rate =
      batch.subject.ceilings == nullptr ? nullptr : batch.subject.ceilings->find(CeilingKind::cache_bandwidth);
  BeyondL2 beyond;
  for (const LayerRoofline& roof : batch.subject.roofline->layers) {
    if (roof.bound != LayerBound::memory || !roof.bytes) continue;
    const double bytes = *roof.bytes - batch.subject.costs[roof.layer].cost.weight_bytes.value_or(0.0);
    if (bytes <= l2) continue;
    beyond.layers.push_back(roof.layer);
    beyond.largest_item = std::max(beyond.largest_item, bytes / static_cast<double>(batch.size));
    if (rate != nullptr) beyond.from_l2 += std::min(*roof.bytes / rate->value, *roof.seconds);
  }
  beyond.seconds = batch.times.of(beyond.layers);
  return beyond;
}

void add_l2(const Batch& batch, Finding& finding) {
  const auto l2 = l2_bytes(batch.subject.profile.environment);
  if (!l2) return;
  const BeyondL2 beyond = beyond_l2(batch, *l2);
  if (batch.times.share(beyond.seconds) < kMuch) return;
  const auto fits = static_cast<std::int64_t>(*l2 / beyond.largest_item);
  finding.explanation +=
      fmt::format(" {} bound by the memory, {} of an inference, read and write more than the {} of the L2 cache",
                  counted(static_cast<std::int64_t>(beyond.layers.size()), "layer"),
                  format_percent(batch.times.share(beyond.seconds), 1), format_bytes(static_cast<std::uint64_t>(*l2)));
  finding.explanation += fits > 0 ? fmt::format("; up to a batch of {} the largest of them would fit.", fits)
                                  : ", the largest of them for a single item already.";
  finding.evidence.push_back({"layers beyond the L2 cache, of end to end", batch.times.share(beyond.seconds), "1",
                              names_of(batch.subject.profile, beyond.layers)});
  if (beyond.from_l2 <= 0.0 || fits == 0) return;
  const double gain = std::max(beyond.seconds - beyond.from_l2, 0.0);
  finding.gain =
      Gain{0.0, gain, GainBasis::bound,
           "the bytes of layers beyond the L2 cache at its bandwidth, summed over smaller batches of the same "
           "items"};
  // Nothing tells that the cache would keep them: a hint, however much it is.
  finding.severity = std::max(severity_of(gain, batch.subject.inference_seconds()), Severity::minor);
}

Finding saturated(const Batch& batch) {
  const double grows = batch.grows;
  const double rounds = batch.rounds;
  Finding finding;
  finding.title = fmt::format("a batch of {} is more than the device needs to be full", batch.size);
  finding.explanation = fmt::format(
      "{} of an inference are layers bound by memory or arithmetic, which grow with the batch; half of their time is "
      "in "
      "kernels of {:.0f} blocks a multiprocessor or more. A smaller batch has a shorter latency, and of these layers "
      "the "
      "same time an item.",
      format_percent(batch.times.share(grows), 1), rounds);
  finding.evidence = {
      {"layers that grow with the batch, of end to end", batch.times.share(grows), "1", {}},
      {"blocks of a kernel, of multiprocessors, median by time", rounds, "1", {}},
      {"batch", static_cast<double>(batch.size), "1", {}},
      {"latency of an item", batch.subject.inference_seconds() / static_cast<double>(batch.size), "s", {}}};
  add_l2(batch, finding);
  const std::int64_t smaller = std::max<std::int64_t>(batch.size / 2, 1);
  finding.action = fmt::format(
      "Where latency counts, profile smaller batches, from {} down, until the time of an item rises; for throughput "
      "alone a larger batch gains nothing of these layers.",
      smaller);
  finding.commands = measured_again(batch.subject.profile, {fmt::format("--batch {}", smaller)});
  return finding;
}

}  // namespace

RuleAnswer large_batch(const Subject& subject) {
  WhyNoBatch why;
  const auto batch = batch_of(subject, why);
  if (!batch) return why.known ? RuleAnswer::no(why.reason) : RuleAnswer::not_known(why.reason);
  const bool full = batch->times.share(batch->grows) >= kMost && batch->rounds >= kManyRounds;
  if (batch->size == 1 || !full) return RuleAnswer::no(batch->summary());
  return saturated(*batch);
}

}  // namespace trtprof::rules
