#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/diagnose/rules/command_line.h"
#include "trtprof/diagnose/rules/inference_times.h"
#include "trtprof/diagnose/rules/precision_difference.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof::rules {
namespace {

// Of this profile's layers' time: below, the two are hardly of one model.
constexpr double kSameModel = 0.5;

struct CauseText {
  PrecisionCause cause;
  std::string_view what;
  std::string_view advice;
};

constexpr std::array<CauseText, kPrecisionCauses> kTexts{{
    {PrecisionCause::reformats, "changes of layout and type",
     "Keep neighbours in one precision, so that fewer changes of type are needed."},
    {PrecisionCause::quantize, "Q/DQ not fused into layers",
     "Place Q/DQ directly before the layers that take them, so that the builder fuses them."},
    {PrecisionCause::stayed_float, "layers that stayed in float",
     "Quantise the layers that stayed in float on both sides, or let them be FP16 (--weak int8,fp16)."},
    {PrecisionCause::lost_fusions, "fusions that INT8 lost",
     "Take the Q/DQ out from between nodes that the other precision fuses."},
    {PrecisionCause::grouped, "depthwise and grouped convolutions",
     "Leave depthwise and grouped convolutions in FP16, where they are slower in INT8: no Q/DQ around them."},
    {PrecisionCause::channels, "convolutions with channels that are no multiple of 32",
     "Pad the channels of these convolutions to a multiple of 32, or leave them in FP16."},
    {PrecisionCause::others, "other layers", "Leave the layers that are slower in INT8 in the other precision."},
}};

std::string signed_duration(double seconds) {
  return (seconds < 0.0 ? "-" : "+") + format_duration(std::abs(seconds));
}

bool same_inputs(const Profile& a, const Profile& b) {
  const auto shapes = [](const Profile& profile) {
    std::vector<std::vector<std::int64_t>> found;
    found.reserve(profile.model.inputs.size());
    for (const TensorDesc& tensor : profile.model.inputs) found.push_back(tensor.shape);
    return found;
  };
  return shapes(a) == shapes(b);
}

std::string precision_of(const Profile& profile) {
  return profile.environment.precision.empty() ? "the other precision" : profile.environment.precision;
}

// Why the two cannot be held against each other.
std::optional<std::string> why_not_comparable(const Subject& subject) {
  if (subject.counterpart == nullptr) {
    return "nothing to compare with: give the profile of the same model in another precision, analyze PROFILE "
           "--against OTHER";
  }
  const Profile& other = *subject.counterpart;
  if (subject.account == nullptr) return "the profile has no inference's time";
  if (!other.layer_run) return "the other profile has no layer run";
  if (subject.profile.end_to_end.has_value() != other.end_to_end.has_value()) {
    return "only one of the profiles has an end-to-end run";
  }
  if (computes_in_int8(other)) return "the other profile computes in INT8 too";
  if (other.environment.device_name != subject.profile.environment.device_name) {
    return fmt::format("the other profile is of another device, {}", other.environment.device_name);
  }
  if (!same_inputs(subject.profile, other)) return "the other profile's inputs have other shapes";
  return std::nullopt;
}

void add_cause(const Subject& subject, const CauseText& text, const CauseSum& sum, Finding& finding) {
  if (sum.layers == 0 && sum.seconds == 0.0) return;
  std::vector<std::string> slower;
  slower.reserve(sum.slower.size());
  for (const SlowerLayer& layer : sum.slower) slower.push_back(layer.name);
  finding.evidence.push_back({fmt::format("INT8 against the other: {}", text.what), sum.seconds, "s", slower});
  finding.explanation += fmt::format(", {} {}", text.what, signed_duration(sum.seconds));
  double seconds = 0.0;
  for (const SlowerLayer& layer : sum.slower) seconds += layer.seconds;
  if (!slower.empty()) {
    finding.explanation += fmt::format(" ({} slower by {})", slower.size(), format_duration(seconds));
  }
  if (seconds >= kWorthSaying * subject.inference_seconds()) {
    finding.action += (finding.action.empty() ? "" : " ") + std::string(text.advice);
  }
}

void explain(const Subject& subject, const PrecisionDifference& difference, Finding& finding) {
  finding.evidence = {{"inference, INT8", subject.account->end_to_end, "s", {}},
                      {"inference, " + precision_of(*subject.counterpart), difference.other_end_to_end, "s", {}},
                      {"INT8 against the other: inference", difference.end_to_end, "s", {}},
                      {"INT8 against the other: copies", difference.copies, "s", {}}};
  finding.explanation =
      fmt::format("The difference of {} by cause, layers {}: copies {}", signed_duration(difference.end_to_end),
                  difference.from_timelines ? "by the kernels' timestamps" : "by the engine's layer timing in both",
                  signed_duration(difference.copies));
  if (difference.from_timelines) {
    finding.evidence.push_back({"INT8 against the other: gaps between kernels", difference.gaps, "s", {}});
    finding.explanation += fmt::format(", gaps between kernels {}", signed_duration(difference.gaps));
  }
  // The cause that costs most first.
  std::array<CauseText, kPrecisionCauses> texts = kTexts;
  std::ranges::stable_sort(texts, std::ranges::greater{},
                           [&](const CauseText& text) { return difference.of(text.cause).seconds; });
  for (const CauseText& text : texts) add_cause(subject, text, difference.of(text.cause), finding);
  finding.evidence.push_back({"INT8 against the other: unexplained", difference.unexplained, "s", {}});
  finding.explanation += fmt::format(", unexplained {}.", signed_duration(difference.unexplained));
}

std::string copies_advice(const Subject& subject, const PrecisionDifference& difference, std::string_view before) {
  if (difference.copies < kWorthSaying * subject.inference_seconds()) return {};
  const auto type = [](const Profile& profile) {
    return profile.model.inputs.empty() ? std::string() : profile.model.inputs.front().element_type;
  };
  const std::string here = type(subject.profile);
  const std::string there = type(*subject.counterpart);
  if (here == there) return {};
  return fmt::format("{}Build it with inputs in {} as the other has them, not {}: its copies take {} more.", before,
                     there, here, format_duration(difference.copies));
}

Finding finding_of(const Subject& subject, const PrecisionDifference& difference) {
  const Profile& other = *subject.counterpart;
  const bool faster = difference.end_to_end < -kWorthSaying * difference.other_end_to_end;
  const double slower = difference.slower();
  Finding finding;
  const std::string both = fmt::format("{} against {}", format_duration(subject.account->end_to_end),
                                       format_duration(difference.other_end_to_end));
  finding.title = faster ? fmt::format("parts of INT8 are {} slower than {}, though all is faster: {}",
                                       format_duration(slower), precision_of(other), both)
                         : fmt::format("INT8 is no faster than {}: {}", precision_of(other), both);
  explain(subject, difference, finding);
  const double whole = std::max(difference.end_to_end, 0.0);
  finding.gain = Gain{whole, std::max(slower, whole), GainBasis::measured,
                      "low: the other precision for all; high: it for the layers that are slower in INT8 than their "
                      "counterparts, the changes of type between them not counted"};
  finding.severity = severity_of(finding.gain->high, subject.inference_seconds());
  finding.action += copies_advice(subject, difference, finding.action.empty() ? "" : " ");
  if (finding.action.empty()) finding.action = "Use the other precision: INT8 costs accuracy and gains nothing here.";
  finding.commands = {command_line("inspect", subject.profile.model.path)};
  if (subject.model != nullptr && !subject.model->onnx().path().empty() &&
      difference.of(PrecisionCause::stayed_float).seconds > 0.0) {
    finding.commands.push_back(command_line("build", subject.model->onnx().path().string()) + " --weak int8,fp16");
  }
  return finding;
}

}  // namespace

RuleAnswer int8_slower(const Subject& subject) {
  if (!computes_in_int8(subject.profile)) return RuleAnswer::no("no layer computes in INT8");
  if (const auto reason = why_not_comparable(subject)) return RuleAnswer::not_known(*reason);
  const auto other_account = account_of(*subject.counterpart);
  if (!other_account || !(other_account->end_to_end > 0.0)) {
    return RuleAnswer::not_known("the other profile has no inference's time");
  }
  const PrecisionDifference difference = precision_difference(subject, *other_account);
  if (difference.matched < kSameModel) {
    return RuleAnswer::not_known(
        fmt::format("only {} of the layers' time is in layers that the other profile has too: it is of "
                    "another model, or tells no nodes",
                    format_percent(difference.matched, 0)));
  }
  const bool faster = difference.end_to_end < -kWorthSaying * difference.other_end_to_end;
  const double slower = difference.slower();
  if (faster && slower < kWorthSaying * subject.inference_seconds()) {
    return RuleAnswer::no(fmt::format("INT8 takes {} where {} takes {}, and layers slower than there make up {}",
                                      format_duration(subject.account->end_to_end), precision_of(*subject.counterpart),
                                      format_duration(difference.other_end_to_end), format_duration(slower)));
  }
  return finding_of(subject, difference);
}

}  // namespace trtprof::rules
