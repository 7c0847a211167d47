#include <cstdint>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/diagnose/rules/inference_times.h"
#include "trtprof/diagnose/rules/measured_again.h"
#include "trtprof/diagnose/rules/rules.h"
#include "trtprof/diagnose/time_shares.h"
#include "trtprof/profile/layer_times.h"

namespace trtprof::rules {
namespace {

// Severity::major begins here. Kernels in a CUDA graph leave gaps of less than 1 % of MobileNetV2's compute on an H200.
constexpr double kManyGaps = 0.05;

std::string kernels_against_launches(const Profile& profile, const InferenceParts& parts) {
  const double kernels = profile.timeline ? static_cast<double>(profile.timeline->kernels.size()) : 0.0;
  if (kernels == 0.0 || !parts.device_busy) return "";
  const std::string each = format_duration(*parts.device_busy / kernels);
  if (parts.graph || !parts.enqueue) return fmt::format(" {:.0f} kernels take {} each.", kernels, each);
  return fmt::format(" {:.0f} kernels take {} each, launching one takes the host {}.", kernels, each,
                     format_duration(*parts.enqueue / kernels));
}

void add_evidence(const Profile& profile, const InferenceParts& parts, Finding& finding) {
  if (parts.enqueue) finding.evidence.push_back({"enqueueing", *parts.enqueue, "s", {}});
  finding.evidence.push_back({"compute", parts.inside, "s", {}});
  if (parts.gaps)
    finding.evidence.push_back({"gaps between kernels, without what tracing added", *parts.gaps, "s", {}});
  if (profile.timeline && !profile.timeline->kernels.empty()) {
    finding.evidence.push_back({"kernels", static_cast<double>(profile.timeline->kernels.size()), "1", {}});
  }
}

void advise(const Profile& profile, const InferenceParts& parts, Finding& finding) {
  if (parts.graph) {
    finding.action =
        "The graph is in place: have fewer kernels (fuse what the engine left apart), or run several inferences side "
        "by "
        "side.";
    finding.commands = measured_again(profile, {"--streams 2"});
  } else {
    finding.action =
        "Capture the inference in a CUDA graph and launch that, which is what this program does without --no-graph; "
        "where capture fails, have fewer kernels, or a larger batch.";
    finding.commands = measured_again(profile, {}, {"--no-graph"});
  }
}

Finding with_gaps(const Profile& profile, const InferenceParts& parts) {
  Finding finding;
  const double gaps = *parts.gaps;
  finding.title = fmt::format("the device waits for launches for {} of an inference, {}",
                              format_percent(gaps / parts.end_to_end, 1), format_duration(gaps));
  finding.explanation =
      fmt::format("Of {} of compute the device runs something for {}.{}", format_duration(parts.inside),
                  format_duration(*parts.device_busy), kernels_against_launches(profile, parts));
  if (parts.graph) {
    finding.explanation += " It was launched as a CUDA graph, and still waits between kernels.";
  } else if (parts.enqueue) {
    finding.explanation +=
        fmt::format(" Enqueueing takes {}, {} of compute: the host {}.", format_duration(*parts.enqueue),
                    format_percent(*parts.enqueue / parts.inside, 1),
                    parts.paced_by_launches() ? "sets the pace" : "is ahead of the device");
  }
  finding.gain = Gain{0.0, gaps, GainBasis::bound,
                      "compute without the time in which kernels, copies and fills ran by their timestamps: all of the "
                      "gaps"};
  finding.severity = severity_of(gaps, parts.end_to_end);
  return finding;
}

// Enqueueing alone tells that the host sets the pace, not what of compute is waiting.
Finding without_timeline(const Subject& subject, const InferenceParts& parts) {
  Finding finding;
  finding.title = fmt::format("enqueueing takes {} of compute: the host sets the pace",
                              format_percent(*parts.enqueue / parts.inside, 1));
  finding.explanation = fmt::format(
      "Enqueueing takes {}, compute {}. Without a timeline it is not known for how much of it the device runs nothing.",
      format_duration(*parts.enqueue), format_duration(parts.inside));
  const Roofline* roofline = subject.roofline;
  // A bound only where every layer has an ideal time.
  const bool complete = roofline != nullptr && roofline->seconds > 0.0 &&
                        roofline->seconds_with_ideal >= (1.0 - kWorthSaying) * roofline->seconds;
  if (complete && roofline->ideal_seconds < parts.inside) {
    finding.gain = Gain{0.0, parts.inside - roofline->ideal_seconds, GainBasis::bound,
                        fmt::format("compute without the {} that the device's limits leave to the layers at the least; "
                                    "a timeline bounds it closer",
                                    format_duration(roofline->ideal_seconds))};
    finding.severity = severity_of(finding.gain->high, parts.end_to_end);
  }
  return finding;
}

std::string why_not(const InferenceParts& parts) {
  std::string text;
  if (parts.graph) text = "the kernels are launched as one CUDA graph";
  if (parts.gaps) {
    text += fmt::format("{}the device runs nothing for {} of an inference ({})", text.empty() ? "" : "; ",
                        format_duration(*parts.gaps), format_percent(*parts.gaps / parts.end_to_end, 1));
  }
  if (!parts.graph && parts.enqueue && parts.inside > 0.0) {
    text += fmt::format("{}enqueueing takes {} of compute", text.empty() ? "" : ", ",
                        format_percent(*parts.enqueue / parts.inside, 1));
  }
  if (text.empty()) return "neither gaps nor the time to enqueue are known: profile with a timeline";
  if (!parts.gaps) text += "; without a timeline gaps are not known";
  return text;
}

}  // namespace

RuleAnswer launch_bound(const Subject& subject) {
  const Profile& profile = subject.profile;
  if (profile.environment.device_kind == DeviceKind::cpu) {
    return RuleAnswer::no("it ran on a CPU: nothing is launched on a device");
  }
  if (subject.inference_seconds() <= 0.0) return RuleAnswer::not_known("the profile holds no time of an inference");
  if (subject.account->of_layer_run) {
    return RuleAnswer::not_known(
        "the profile holds no end-to-end run: gaps are not known of an inference without layer timing");
  }
  const InferenceParts parts = parts_of(profile, *subject.account);
  const bool gaps = parts.gaps && *parts.gaps >= kManyGaps * parts.end_to_end;
  if (!gaps && (parts.gaps || !parts.paced_by_launches())) return RuleAnswer::no(why_not(parts));
  Finding finding = gaps ? with_gaps(profile, parts) : without_timeline(subject, parts);
  add_evidence(profile, parts, finding);
  advise(profile, parts, finding);
  return finding;
}

}  // namespace trtprof::rules
