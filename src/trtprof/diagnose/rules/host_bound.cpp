#include <algorithm>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/diagnose/rules/copies.h"
#include "trtprof/diagnose/rules/inference_times.h"
#include "trtprof/diagnose/rules/measured_again.h"
#include "trtprof/diagnose/rules/rules.h"
#include "trtprof/diagnose/time_shares.h"
#include "trtprof/profile/layer_times.h"

namespace trtprof::rules {
namespace {

// Queued inferences of an H200 follow one another within 1 % to 2 % of compute, and within 9 % of the copies where
// these are longer. From a tenth on nobody is left but the host.
constexpr double kIdle = 0.1;
// Severity::major begins here.
constexpr double kOutside = 0.05;

struct Pace {
  double interval = 0.0;
  double longest = 0.0;  // that the device takes over one inference, copies in turn where they are not beside compute
  [[nodiscard]] double idle() const { return std::max(interval - longest, 0.0); }
};

Pace pace_of(const Subject& subject, const InferenceParts& parts) {
  Pace pace{*parts.interval, parts.inside};
  const std::vector<Copies> copies = copies_of(subject);
  // Copies of pageable memory, and blocking ones, come in turn with compute.
  const bool in_turn = std::ranges::any_of(copies, &Copies::pageable) ||
                       copies_as_run(subject.profile).find("blocking") != std::string::npos;
  for (const Copies& each : copies) pace.longest = std::max(pace.longest, each.seconds);
  if (in_turn) pace.longest = std::max(pace.longest, parts.end_to_end);
  return pace;
}

RuleAnswer on_gpu(const Subject& subject, const InferenceParts& parts) {
  if (!parts.interval) {
    return RuleAnswer::not_known(
        "one inference was queued at a time, so that what the host does between them is in no time; without "
        "--no-overlap "
        "and blocking copies several are");
  }
  const Pace pace = pace_of(subject, parts);
  const double share = pace.interval > 0.0 ? pace.idle() / pace.interval : 0.0;
  if (share < kIdle) {
    return RuleAnswer::no(fmt::format("inferences complete every {}, and their longest part takes the device {}",
                                      format_duration(pace.interval), format_duration(pace.longest)));
  }
  Finding finding;
  finding.title =
      fmt::format("the device waits for the host for {} of the time between inferences", format_percent(share, 1));
  finding.explanation = fmt::format("Inferences complete every {}, but no part of one takes the device longer than {}.",
                                    format_duration(pace.interval), format_duration(pace.longest));
  finding.evidence = {{"time from one completion to the next", pace.interval, "s", {}},
                      {"longest part of an inference", pace.longest, "s", {}}};
  if (parts.enqueue) {
    finding.evidence.push_back({"enqueueing", *parts.enqueue, "s", {}});
    finding.explanation += fmt::format(" Of that the host enqueues for {}, and does other things for {}.",
                                       format_duration(std::min(*parts.enqueue, pace.interval)),
                                       format_duration(std::max(pace.interval - *parts.enqueue, 0.0)));
  }
  finding.gain = Gain{0.0, pace.idle(), GainBasis::bound,
                      "the time from one completion to the next without the longest part of an inference: throughput "
                      "alone, not the latency of one"};
  finding.severity = severity_of(pace.idle(), subject.inference_seconds());
  finding.action =
      "Keep more inferences queued, do the host's work (decoding, pre- and post-processing) on other threads, and wait "
      "for "
      "the device by spinning where a core can be spared.";
  finding.commands = measured_again(subject.profile, {"--spin"});
  if (!parts.graph) {
    finding.action += " A CUDA graph takes the launches off the host.";
    finding.commands = measured_again(subject.profile, {"--spin"}, {"--no-graph"});
  }
  return finding;
}

// A CPU's runtime: what an inference takes beside its layers, bounded from both runs.
RuleAnswer on_cpu(const Subject& subject) {
  const Profile& profile = subject.profile;
  const double end_to_end = subject.inference_seconds();
  const double layers = profile.layer_run ? layer_sum(*profile.layer_run) : 0.0;
  if (layers <= 0.0)
    return RuleAnswer::not_known("the profile holds no times of layers: what lies outside of them is not known");
  if (subject.account->of_layer_run)
    return RuleAnswer::not_known("the profile holds no end-to-end run beside its layer run");
  const double outside = end_to_end - layers;
  const double share = outside / end_to_end;
  if (subject.account->interval) {
    return RuleAnswer::not_known(
        "several inferences ran side by side: what one of them takes beside its layers is not only the host");
  }
  if (outside <= 0.0) {
    return RuleAnswer::no(fmt::format("the layers add up to {}, an inference takes {}: nothing is left for the host",
                                      format_duration(layers), format_duration(end_to_end)));
  }
  if (share < kOutside || outside <= subject.account->uncertainty) {
    return RuleAnswer::no(
        fmt::format("{} of an inference lie outside of its layers, {}; the measurement is known to +-{}",
                    format_percent(share, 1), format_duration(outside), format_duration(subject.account->uncertainty)));
  }
  Finding finding;
  finding.title = fmt::format("{} of an inference lie outside of its layers", format_percent(share, 1));
  finding.explanation = fmt::format(
      "An inference takes {}, its {} layers add up to {}: the rest is the runtime's, between the layers and around "
      "them.",
      format_duration(end_to_end), profile.layer_run->layers.size(), format_duration(layers));
  finding.evidence = {{"outside of the layers, of end to end", share, "1", {}},
                      {"outside of the layers", outside, "s", {}}};
  finding.gain = Gain{0.0, outside, GainBasis::bound,
                      "end to end without the sum of the layers' medians, which has the cost of layer timing in it"};
  finding.severity = severity_of(outside, end_to_end);
  finding.action =
      "Have fewer and larger layers, try fewer threads (each layer waits for the last of them), and where throughput "
      "counts run inferences side by side.";
  finding.commands = measured_again(profile, {"--threads 1"});
  for (std::string& line : measured_again(profile, {"--hint throughput"})) finding.commands.push_back(std::move(line));
  return finding;
}

}  // namespace

RuleAnswer host_bound(const Subject& subject) {
  if (subject.inference_seconds() <= 0.0) return RuleAnswer::not_known("the profile holds no time of an inference");
  if (subject.profile.environment.device_kind == DeviceKind::cpu) return on_cpu(subject);
  return on_gpu(subject, parts_of(subject.profile, *subject.account));
}

}  // namespace trtprof::rules
