#include <algorithm>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/diagnose/rules/device_fill.h"
#include "trtprof/diagnose/rules/inference_times.h"
#include "trtprof/diagnose/rules/measured_again.h"
#include "trtprof/diagnose/rules/rules.h"
#include "trtprof/diagnose/time_shares.h"

namespace trtprof::rules {
namespace {

// Most of an inference decides what a batch does to it.
constexpr double kMost = 0.5;
// Blocks for each multiprocessor from which on the last ones, which leave some idle, no longer count: a kernel of 8
// rounds of blocks wastes an eighth of its time at most.
constexpr double kManyRounds = 8.0;
// Severity::major begins here.
constexpr double kMuch = 0.05;

struct Batch {
  const Subject& subject;
  InferenceParts parts;
  InferenceTimes times;
  std::int64_t size = 1;
};

// The smallest power of two times the batch for which half of the small layers' time has a block for each
// multiprocessor, were blocks to grow with the batch.
std::int64_t larger_batch(const SmallLayers& small, std::int64_t batch) {
  double factor = 2.0;
  if (small.multiprocessors && small.median_blocks && *small.median_blocks > 0.0) {
    const double wanted = static_cast<double>(*small.multiprocessors) / *small.median_blocks;
    factor = std::exp2(std::ceil(std::log2(std::max(wanted, 2.0))));
  }
  return batch * static_cast<std::int64_t>(factor);
}

Finding too_small(const Batch& batch, const SmallLayers& small, double constant) {
  const std::int64_t larger = larger_batch(small, batch.size);
  Finding finding;
  finding.title = fmt::format("a batch of {} leaves the device unfilled for {} of an inference", batch.size,
                              format_percent(batch.times.share(constant), 1));
  finding.explanation =
      fmt::format("{} of {} layers too small to fill the device", format_duration(small.seconds), small.layers.size());
  if (batch.parts.gaps > 0.0)
    finding.explanation += fmt::format(", and {} of gaps,", format_duration(*batch.parts.gaps));
  finding.explanation += " hardly grow with the batch until it is full.";
  finding.evidence = {{"time that hardly grows with the batch, of end to end", batch.times.share(constant), "1", {}},
                      {"batch", static_cast<double>(batch.size), "1", {}}};
  if (small.multiprocessors && small.median_blocks) {
    finding.explanation += fmt::format(
        " Half of these layers' time is in kernels of {:.0f} blocks or fewer, for {} multiprocessors: at a batch of {} "
        "each "
        "would have a block, were blocks to grow with the batch.",
        *small.median_blocks, *small.multiprocessors, larger);
    finding.evidence.push_back({"blocks of a kernel, median by time", *small.median_blocks, "1", {}});
    finding.evidence.push_back({"multiprocessors", static_cast<double>(*small.multiprocessors), "1", {}});
  }
  const double gain = std::max(constant - small.ideal_of_items, 0.0);
  if (batch.subject.ceilings != nullptr && small.ideal_of_items > 0.0) {
    finding.gain =
        Gain{0.0, gain, GainBasis::bound,
             fmt::format("what an inference of this batch takes as a part of a far larger one, at the least: "
                         "these layers' {} at the device's limits, weights read once; the larger batch itself "
                         "takes longer than this one",
                         format_duration(small.ideal_of_items))};
    finding.severity = severity_of(gain, batch.subject.inference_seconds());
  }
  finding.action = fmt::format(
      "Where requests can wait for one another, gather them: profile batches from {} on until the time of an item no "
      "longer falls. It takes a model, and an engine, whose batch dimension is open or of that size.",
      larger);
  finding.commands = measured_again(batch.subject.profile, {fmt::format("--batch {}", larger)});
  return finding;
}

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
  const auto l2 = l2_bytes_of(batch.subject.profile);
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
  finding.severity = severity_of(gain, batch.subject.inference_seconds());
}

Finding saturated(const Batch& batch, double grows, double rounds) {
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

RuleAnswer judge(const Batch& batch) {
  const Subject& subject = batch.subject;
  const SmallLayers small = small_layers(subject);
  const double constant = small.seconds + batch.parts.gaps.value_or(0.0);
  if (!small.layers.empty() && batch.times.share(constant) >= kMost) return too_small(batch, small, constant);
  std::vector<std::size_t> bound;
  for (const LayerRoofline& roof : subject.roofline->layers) {
    if (roof.bound == LayerBound::memory || roof.bound == LayerBound::compute) bound.push_back(roof.layer);
  }
  const double grows = batch.times.of(bound);
  const auto blocks = median_blocks(*subject.roofline, bound);
  const double rounds = blocks && small.multiprocessors ? *blocks / static_cast<double>(*small.multiprocessors) : 0.0;
  if (batch.size > 1 && batch.times.share(grows) >= kMost && rounds >= kManyRounds)
    return saturated(batch, grows, rounds);
  std::string reason = fmt::format(
      "of an inference of batch {}, {} hardly grow with the batch (layers too small to fill the device, gaps) "
      "and {} grow with it (layers bound by memory or arithmetic",
      batch.size, format_percent(batch.times.share(constant), 1), format_percent(batch.times.share(grows), 1));
  reason += rounds > 0.0 ? fmt::format(", {:.1f} blocks a multiprocessor)", rounds) : ")";
  return RuleAnswer::no(std::move(reason));
}

}  // namespace

RuleAnswer batch_size(const Subject& subject) {
  const Profile& profile = subject.profile;
  if (profile.environment.device_kind == DeviceKind::cpu) {
    return RuleAnswer::no("it ran on a CPU: how much of a GPU a batch fills is what this rule tells");
  }
  if (subject.inference_seconds() <= 0.0) return RuleAnswer::no("the profile holds no time of an inference");
  if (!profile.model.batch || *profile.model.batch < 1) {
    return RuleAnswer::no("the model's batch is not known: its first input has no leading dimension that says it");
  }
  if (subject.roofline == nullptr || !subject.roofline->from_timeline) {
    return RuleAnswer::no(
        fmt::format("without a timeline it is not known what of an inference of batch {} leaves the device unfilled: "
                    "profile without "
                    "--no-timeline",
                    *profile.model.batch));
  }
  if (subject.account->of_layer_run) {
    return RuleAnswer::no("the profile holds no end-to-end run: an inference is known with layer timing in it alone");
  }
  return judge({subject, parts_of(profile, *subject.account), InferenceTimes(subject), *profile.model.batch});
}

}  // namespace trtprof::rules
