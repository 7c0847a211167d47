#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/statistics.h"
#include "trtprof/diagnose/rules/measured_again.h"
#include "trtprof/diagnose/rules/rules.h"
#include "trtprof/diagnose/time_shares.h"
#include "trtprof/profile/telemetry_values.h"

namespace trtprof::rules {
namespace {

// Clocks step and waver by a few percent on their own; a clock that moves further moves the median with it.
constexpr double kUnstable = 0.05;
// Between the 5th and the 95th percentile: a single sample taken while the clock rose says nothing.
constexpr double kLow = 0.05;
constexpr double kHigh = 0.95;
constexpr std::size_t kFewest = 10;  // samples, for percentiles of that kind

struct Clocks {
  double median = 0.0;
  double low = 0.0;
  double high = 0.0;
  std::size_t samples = 0;
  [[nodiscard]] double spread() const { return median > 0.0 ? (high - low) / median : 0.0; }
};

std::optional<Clocks> clocks_of(const Telemetry& telemetry) {
  const std::vector<double> values = values_during_phases(telemetry, "sm_clock");
  if (values.empty()) return std::nullopt;
  return Clocks{percentile_of_sorted(values, 0.5), percentile_of_sorted(values, kLow),
                percentile_of_sorted(values, kHigh), values.size()};
}

// Time scales with the clock at the worst; copies of the link have one of their own.
std::optional<Gain> at_clock(const Subject& subject, double clock, double wanted, std::string_view what) {
  const double compute = parts_of(subject.profile, *subject.account).inside;
  if (!(clock > 0.0) || wanted <= clock || compute <= 0.0) return std::nullopt;
  return Gain{
      0.0, compute * (1.0 - clock / wanted), GainBasis::bound,
      fmt::format("compute at {}, {}, rather than at {}, were all of it to scale with the clock; what waits for "
                  "memory scales less",
                  format_clock(wanted), what, format_clock(clock))};
}

std::string title_of(const HeldBack& held) {
  switch (held.by) {
    case HeldBackBy::power:
      return fmt::format("a power limit held the device back for {} of the time", format_percent(held.fraction, 1));
    case HeldBackBy::temperature:
      return fmt::format("heat held the device back for {} of the time", format_percent(held.fraction, 1));
    case HeldBackBy::clock:
      break;
  }
  const bool reason = !held.evidence.empty() && held.evidence.front().unit == "1";
  return reason ? fmt::format("the device was slowed down for {} of the time", format_percent(held.fraction, 1))
                : fmt::format("the clock was {} below its highest", format_percent(held.fraction, 1));
}

std::string_view action_for(HeldBackBy by) {
  switch (by) {
    case HeldBackBy::power:
      return "Raise the power limit where that is allowed (nvidia-smi -pl), or take less power: FP16 or INT8, a "
             "smaller "
             "batch, sparse weights. Compare runs at a locked clock that the power sustains.";
    case HeldBackBy::temperature:
      return "See to cooling and to what else heats the machine; compare runs at a locked clock that the cooling "
             "sustains.";
    case HeldBackBy::clock:
      break;
  }
  return "Find out who set the clocks (nvidia-smi -q -d CLOCK,PERFORMANCE: application clocks, a lock), and compare "
         "runs "
         "at a locked clock.";
}

std::string described(const Evidence& evidence) {
  if (evidence.unit == "Hz") return fmt::format("{}: {}", evidence.quantity, format_clock(evidence.value));
  if (evidence.unit == "W") return fmt::format("{}: {}", evidence.quantity, format_power(evidence.value));
  return fmt::format("{}: {}", evidence.quantity, format_percent(evidence.value, 1));
}

Finding held_back_by(const Subject& subject, const HeldBack& held, const std::optional<Clocks>& clocks) {
  const Telemetry& telemetry = *subject.profile.telemetry;
  Finding finding;
  finding.title = title_of(held);
  finding.evidence = held.evidence;
  if (clocks && held.by != HeldBackBy::clock) {
    finding.evidence.push_back({"multiprocessor clock, median", clocks->median, "Hz", {}});
  }
  for (const Evidence& evidence : finding.evidence) {
    finding.explanation += (finding.explanation.empty() ? "" : "; ") + described(evidence);
  }
  finding.explanation += ".";
  // A locked clock is where it was wanted.
  const auto highest = telemetry.locked_sm_clock_hz ? telemetry.locked_sm_clock_hz : telemetry.max_sm_clock_hz;
  if (clocks && highest) finding.gain = at_clock(subject, clocks->median, *highest, "its highest clock");
  if (finding.gain) finding.severity = severity_of(finding.gain->high, subject.inference_seconds());
  finding.action = action_for(held.by);
  finding.commands = measured_again(subject.profile, {"--lock-clocks"});
  return finding;
}

// Medians of two runs then differ by what the clock did.
std::optional<Finding> unstable(const Subject& subject, const Clocks& clocks) {
  if (clocks.samples < kFewest || clocks.spread() < kUnstable) return std::nullopt;
  Finding finding;
  finding.title =
      fmt::format("the clock moved by {} while inferences were measured", format_percent(clocks.spread(), 1));
  finding.explanation =
      fmt::format("Nine tenths of {} samples lie between {} and {}, their median is {}.", clocks.samples,
                  format_clock(clocks.low), format_clock(clocks.high), format_clock(clocks.median));
  finding.evidence = {{"multiprocessor clock, 5th percentile", clocks.low, "Hz", {}},
                      {"multiprocessor clock, 95th percentile", clocks.high, "Hz", {}},
                      {"spread of the multiprocessor clock, of its median", clocks.spread(), "1", {}}};
  finding.gain = at_clock(subject, clocks.median, clocks.high, "its 95th percentile");
  finding.severity = severity_of(clocks.spread(), 1.0);  // a doubt: by how much two medians may differ for it
  finding.action = "Measure at a locked clock before comparing: differences below that spread may be the clock's.";
  finding.commands = measured_again(subject.profile, {"--lock-clocks"});
  return finding;
}

std::string what_was_seen(const Telemetry& telemetry, const std::optional<Clocks>& clocks) {
  std::string text = "no reason to throttle was in force for a tenth of the time or more";
  if (clocks) {
    text += fmt::format("; the clock was {}", format_clock(clocks->median));
    if (telemetry.max_sm_clock_hz) text += fmt::format(" of {} at most", format_clock(*telemetry.max_sm_clock_hz));
    if (telemetry.locked_sm_clock_hz) text += ", locked";
  }
  const auto power = first_sampled(telemetry, {"power", "average_power"});
  if (power) {
    text += fmt::format("; power up to {}", format_power(power->values.back()));
    if (telemetry.power_limit_watts) text += fmt::format(" of {}", format_power(*telemetry.power_limit_watts));
  }
  return text;
}

}  // namespace

RuleAnswer throttling(const Subject& subject) {
  if (!subject.profile.telemetry) {
    return RuleAnswer::not_known("the profile holds no telemetry: profile without --no-telemetry");
  }
  const Telemetry& telemetry = *subject.profile.telemetry;
  const auto clocks = clocks_of(telemetry);
  if (!clocks && telemetry.throttle_reasons.empty() && telemetry.series.empty()) {
    std::string reason = "the telemetry holds neither clocks nor reasons to throttle";
    const auto clock = std::ranges::find_if(
        telemetry.missing, [](const std::string& sentence) { return sentence.find("clock") != std::string::npos; });
    if (clock != telemetry.missing.end()) reason += ": " + *clock;
    return RuleAnswer::not_known(std::move(reason));
  }
  if (subject.account == nullptr || subject.verdict == nullptr) {
    return RuleAnswer::not_known("the profile holds no time of an inference");
  }
  RuleAnswer answer;
  for (const HeldBack& held : subject.verdict->held_back) {
    answer.findings.push_back(held_back_by(subject, held, clocks));
  }
  if (clocks) {
    if (auto finding = unstable(subject, *clocks)) answer.findings.push_back(*std::move(finding));
  }
  if (answer.findings.empty()) answer.why_not = what_was_seen(telemetry, clocks);
  return answer;
}

}  // namespace trtprof::rules
