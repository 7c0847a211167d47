#include <algorithm>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/diagnose/rules/batch.h"
#include "trtprof/diagnose/rules/measured_again.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof::rules {
namespace {

// Most of an inference decides what a batch does to it.
constexpr double kMost = 0.5;

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

Finding too_small(const Batch& batch) {
  const SmallLayers& small = batch.small;
  const double constant = batch.constant;
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

}  // namespace

RuleAnswer small_batch(const Subject& subject) {
  WhyNoBatch why;
  const auto batch = batch_of(subject, why);
  if (!batch) return why.known ? RuleAnswer::no(why.reason) : RuleAnswer::not_known(why.reason);
  if (batch->small.layers.empty() || batch->times.share(batch->constant) < kMost) {
    return RuleAnswer::no(batch->summary());
  }
  return too_small(*batch);
}

}  // namespace trtprof::rules
