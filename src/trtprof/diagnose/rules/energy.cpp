#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/diagnose/rules/inference_times.h"
#include "trtprof/diagnose/rules/measured_again.h"
#include "trtprof/diagnose/rules/rules.h"
#include "trtprof/profile/telemetry_values.h"

namespace trtprof::rules {
namespace {

// An H200 of 700 W keeps its highest clock at an average of 591 W, 84 % of its limit.
constexpr double kNearLimit = 0.9;
// Where most of the energy goes to being on, only shorter or fewer inferences lower it.
constexpr double kMostlyIdle = 0.5;
// An inference of floats of 32 bits: most of the layers' time.
constexpr double kMost = 0.5;

struct Energy {
  const TelemetryPhase* phase = nullptr;
  double joules = 0.0;  // an inference
  double watts = 0.0;
  std::optional<double> idle_watts;
  std::optional<double> idle_share;
  std::optional<double> limit_share;
};

// The end-to-end run, as nobody watches it; else whichever has energy.
const TelemetryPhase* phase_of(const Telemetry& telemetry) {
  const TelemetryPhase* found = nullptr;
  for (const TelemetryPhase& phase : telemetry.phases) {
    if (!energy_per_inference(phase) || phase.end <= phase.start) continue;
    if (phase.name == "end to end") return &phase;
    if (found == nullptr) found = &phase;
  }
  return found;
}

// The least power that was sampled outside of the phases; nullopt: none was, or none below that of the phases.
std::optional<double> idle_watts(const Telemetry& telemetry, double busy_watts) {
  std::optional<double> least;
  for (const TelemetrySeries& series : telemetry.series) {
    if (series.quantity != "power" && series.quantity != "package_power") continue;
    for (std::size_t i = 0; i < std::min(series.times.size(), series.values.size()); ++i) {
      const double time = series.times[i];
      const bool inside = std::ranges::any_of(
          telemetry.phases, [time](const TelemetryPhase& phase) { return time >= phase.start && time <= phase.end; });
      if (!inside && series.values[i] > 0.0) least = std::min(least.value_or(series.values[i]), series.values[i]);
    }
  }
  return least && *least < busy_watts ? least : std::nullopt;
}

std::optional<Energy> energy_of(const Telemetry& telemetry) {
  Energy energy;
  energy.phase = phase_of(telemetry);
  if (energy.phase == nullptr) return std::nullopt;
  energy.joules = *energy_per_inference(*energy.phase);
  energy.watts = *energy.phase->energy_joules / (energy.phase->end - energy.phase->start);
  if (!(energy.joules > 0.0)) return std::nullopt;
  energy.idle_watts = idle_watts(telemetry, energy.watts);
  if (energy.idle_watts) energy.idle_share = *energy.idle_watts / energy.watts;
  if (telemetry.power_limit_watts && *telemetry.power_limit_watts > 0.0) {
    energy.limit_share = energy.watts / *telemetry.power_limit_watts;
  }
  return energy;
}

// Share of the layers' time that computes in floats of 32 bits; nullopt: precisions are not known.
std::optional<double> share_in_32_bits(const Subject& subject) {
  if (!subject.profile.layer_run) return std::nullopt;
  const InferenceTimes times(subject);
  double wide = 0.0;
  double known = 0.0;
  for (std::size_t i = 0; i < subject.profile.layer_run->layers.size(); ++i) {
    const std::string& precision = subject.profile.layer_run->layers[i].precision;
    if (precision.empty()) continue;
    known += times.of(i);
    if (precision == "f32" || precision == "tf32") wide += times.of(i);
  }
  return known > 0.0 ? std::optional(wide / known) : std::nullopt;
}

std::string precision_advice(const Subject& subject) {
  const auto wide = share_in_32_bits(subject);
  if (!wide) return "FP16 or INT8, where the layers do not compute in them yet";
  if (*wide >= kMost)
    return fmt::format("FP16 or INT8 ({} of the layers' time computes in 32 bits)", format_percent(*wide, 1));
  return fmt::format("INT8 ({} of the layers' time computes in fewer than 32 bits already)",
                     format_percent(1.0 - *wide, 1));
}

void advise(const Subject& subject, const Energy& energy, bool near, Finding& finding) {
  const std::string precision = precision_advice(subject);
  if (near) {
    finding.action = fmt::format(
        "Take less power: {}, a smaller batch, 2:4 sparse weights, or a lower clock (--lock-clocks=MHZ).", precision);
  } else if (energy.idle_share && *energy.idle_share >= kMostlyIdle) {
    finding.action = fmt::format(
        "Most of it is the power of a device that is on: more inferences a second share it, by larger batches or "
        "several "
        "inferences side by side; then {}.",
        precision);
  } else {
    finding.action =
        fmt::format("What lowers it: {}, 2:4 sparse weights, and whatever makes an inference shorter.", precision);
  }
  if (subject.profile.environment.device_kind == DeviceKind::gpu) {
    finding.commands = measured_again(subject.profile, {"--lock-clocks"});
    if (subject.profile.model.format == "onnx") {
      for (auto& line : measured_again(subject.profile, {"--weak fp16,int8"}))
        finding.commands.push_back(std::move(line));
    }
  } else {
    finding.commands = measured_again(subject.profile, {"--hint throughput"});
  }
}

// Where the phases' sources differ they are told phase by phase: "end to end: the power, integrated; layers: ...".
std::string source_of(const Telemetry& telemetry, const TelemetryPhase& phase) {
  const std::string& all = telemetry.energy_source;
  const std::size_t found = all.find(phase.name + ": ");
  if (found == std::string::npos) return all;
  const std::size_t begin = found + phase.name.size() + 2;
  return all.substr(begin, all.find(';', begin) - begin);
}

void describe(const Subject& subject, const Telemetry& telemetry, const Energy& energy, Finding& finding) {
  finding.title = fmt::format("an inference costs {}, at {}", format_energy(energy.joules), format_power(energy.watts));
  finding.explanation = fmt::format(
      "{} over {} in {}, of the whole device ({}).", format_energy(*energy.phase->energy_joules),
      counted(energy.phase->inferences, "inference"), format_duration(energy.phase->end - energy.phase->start),
      telemetry.energy_source.empty() ? "by what is not told" : source_of(telemetry, *energy.phase));
  finding.evidence = {{"energy of an inference", energy.joules, "J", {}}, {"power", energy.watts, "W", {}}};
  if (const auto batch = subject.profile.model.batch; batch && *batch > 1) {
    const double item = energy.joules / static_cast<double>(*batch);
    finding.explanation += fmt::format(" That is {} an item of its batch of {}.", format_energy(item), *batch);
    finding.evidence.push_back({"energy of an item of the batch", item, "J", {}});
  }
  if (energy.idle_share) {
    finding.explanation +=
        fmt::format(" {} of it goes on while nothing runs: the least power sampled between the runs is {}.",
                    format_percent(*energy.idle_share, 1), format_power(*energy.idle_watts));
    finding.evidence.push_back({"power while nothing runs, of power", *energy.idle_share, "1", {}});
  }
  if (energy.limit_share) {
    finding.explanation += fmt::format(" The power is {} of the limit of {}.", format_percent(*energy.limit_share, 1),
                                       format_power(*telemetry.power_limit_watts));
    finding.evidence.push_back({"power, of the power limit", *energy.limit_share, "1", {}});
  }
}

}  // namespace

RuleAnswer energy(const Subject& subject) {
  if (!subject.profile.telemetry) {
    return RuleAnswer::not_known("the profile holds no telemetry: profile without --no-telemetry");
  }
  const Telemetry& telemetry = *subject.profile.telemetry;
  const auto energy = energy_of(telemetry);
  if (!energy) {
    std::string reason = "the telemetry holds no energy of a run";
    if (!telemetry.missing.empty()) reason += ": " + telemetry.missing.front();
    return RuleAnswer::not_known(std::move(reason));
  }
  Finding finding;
  describe(subject, telemetry, *energy, finding);
  const bool near = energy->limit_share && *energy->limit_share >= kNearLimit;
  // No seconds are known to be had; near its limit the device is about to be slower for it.
  finding.severity = near ? Severity::minor : Severity::note;
  advise(subject, *energy, near, finding);
  return finding;
}

}  // namespace trtprof::rules
