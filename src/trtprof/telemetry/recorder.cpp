#include "trtprof/telemetry/recorder.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace trtprof {
namespace {

// The counter may be one step late at either end: with this many steps in a phase that is 5 %.
constexpr double kFewestSteps = 20.0;
// A power that is integrated instead: as many readings as make a mean, and of one that is itself an average over a
// second, long enough for what was before the phase to have left it.
constexpr std::int64_t kFewestPowerReadings = 10;
constexpr double kShortestForAverage = 5.0;

template <class Value>
void drop_every_second(std::vector<Value>& values) {
  for (std::size_t i = 0; 2 * i < values.size(); ++i) values[i] = values[2 * i];
  values.resize((values.size() + 1) / 2);
}

bool is_power(const Sensor& sensor) {
  return sensor.quantity == kPower || sensor.quantity == kAveragePower;
}

}  // namespace

TelemetryRecorder::TelemetryRecorder(TelemetrySource source, double period, std::size_t max_points)
    : source_(std::move(source)), period_(period), max_points_(max_points), failed_(source_.sensors.size()) {
  source_.facts.period_seconds = period;
  for (const Sensor& sensor : source_.sensors) series_.push_back({sensor.quantity, sensor.unit, {}, {}});
}

void TelemetryRecorder::round(double now) {
  read_sensors(now);
  if (open_) {
    ++open_->rounds;
    read_reasons();
    read_energy();
  }
  ++rounds_;
  const auto is_full = [this](const TelemetrySeries& series) { return series.values.size() >= max_points_; };
  if (std::ranges::any_of(series_, is_full)) thin_out();
}

void TelemetryRecorder::read_sensors(double now) {
  const bool slow_too = rounds_ % kSlowRounds == 0;
  for (std::size_t i = 0; i < source_.sensors.size(); ++i) {
    const Sensor& sensor = source_.sensors[i];
    if (sensor.slow && !slow_too) continue;
    const std::optional<double> value = sensor.read();
    if (!value) {
      ++failed_[i];
      continue;
    }
    series_[i].times.push_back(now);
    series_[i].values.push_back(*value);
    if (open_ && is_power(sensor)) add_power(*value, now);
  }
}

void TelemetryRecorder::read_reasons() {
  if (!source_.throttle_mask) return;
  const auto mask = source_.throttle_mask();
  if (!mask) return;
  watched_seconds_ += period_;
  for (unsigned bit = 0; bit < kThrottleReasonBits; ++bit) {
    if (((*mask >> bit) & 1U) != 0) reason_seconds_.at(bit) += period_;
  }
}

void TelemetryRecorder::read_energy() {
  if (!source_.energy_joules) return;
  const auto now = source_.energy_joules();
  if (!now) return;
  if (open_->last_energy && *now != *open_->last_energy) ++open_->energy_steps;
  open_->last_energy = now;
}

void TelemetryRecorder::add_power(double watts, double now) {
  OpenPhase& phase = *open_;
  if (phase.power_readings == 0) {
    phase.first_power = watts;
    phase.first_power_at = now;
  } else {
    phase.power_integral += 0.5 * (watts + phase.last_power) * (now - phase.last_power_at);
  }
  phase.last_power = watts;
  phase.last_power_at = now;
  ++phase.power_readings;
}

void TelemetryRecorder::thin_out() {
  for (TelemetrySeries& series : series_) {
    drop_every_second(series.times);
    drop_every_second(series.values);
  }
  period_ *= 2.0;
}

void TelemetryRecorder::begin_phase(std::string name, double now) {
  open_.emplace();
  open_->phase.name = std::move(name);
  open_->phase.start = now;
  if (source_.energy_joules) open_->energy_at_begin = source_.energy_joules();
  open_->last_energy = open_->energy_at_begin;
}

void TelemetryRecorder::end_phase(double now, std::int64_t inferences) {
  if (!open_) return;
  // A phase shorter than the period would have no clock at all.
  if (open_->rounds == 0) {
    round(now);
  } else {
    read_energy();
  }
  OpenPhase& phase = *open_;
  phase.phase.end = now;
  phase.phase.inferences = inferences;
  const Energy energy = energy_of(phase, phase.last_energy);
  phase.phase.energy_joules = energy.joules;
  if (energy.joules) {
    bases_.emplace_back(phase.phase.name, energy.basis);
  } else if (!energy.basis.empty()) {
    no_energy_.push_back(fmt::format("energy of \"{}\": {}", phase.phase.name, energy.basis));
  }
  phases_.push_back(std::move(phase.phase));
  open_.reset();
}

TelemetryRecorder::Energy TelemetryRecorder::energy_of(const OpenPhase& phase,
                                                       std::optional<double> energy_at_end) const {
  if (const auto joules = by_counter(phase, energy_at_end)) return {joules, source_.energy_name};
  if (const auto joules = by_power(phase)) return {joules, "the power, integrated"};
  const bool has_power = std::ranges::any_of(source_.sensors, is_power);
  if (!source_.energy_joules && !has_power) return {};  // said already: the counter is missing
  const double seconds = phase.phase.end - phase.phase.start;
  std::string why = fmt::format("{:.3g} s are too short for it", seconds);
  if (source_.energy_joules) why += fmt::format("; the counter moved {} times", phase.energy_steps);
  if (has_power) why += fmt::format("; the power was read {} times", phase.power_readings);
  return {std::nullopt, why};
}

std::optional<double> TelemetryRecorder::by_counter(const OpenPhase& phase, std::optional<double> energy_at_end) const {
  if (!phase.energy_at_begin || !energy_at_end) return std::nullopt;
  const double seconds = phase.phase.end - phase.phase.start;
  const double steps = source_.energy_update_seconds ? seconds / *source_.energy_update_seconds
                                                     : static_cast<double>(phase.energy_steps);
  if (steps < kFewestSteps || *energy_at_end < *phase.energy_at_begin) return std::nullopt;
  return *energy_at_end - *phase.energy_at_begin;
}

std::optional<double> TelemetryRecorder::by_power(const OpenPhase& phase) const {
  if (phase.power_readings < kFewestPowerReadings) return std::nullopt;
  const double seconds = phase.phase.end - phase.phase.start;
  const bool average =
      std::ranges::any_of(source_.sensors, [](const Sensor& sensor) { return sensor.quantity == kAveragePower; });
  if (average && seconds < kShortestForAverage) return std::nullopt;
  return phase.power_integral + phase.first_power * (phase.first_power_at - phase.phase.start) +
         phase.last_power * (phase.phase.end - phase.last_power_at);
}

Telemetry TelemetryRecorder::finish() {
  Telemetry telemetry = std::move(source_.facts);
  for (std::size_t i = 0; i < series_.size(); ++i) {
    // The first reading of a power from an energy counter has nothing to subtract from.
    const auto total = static_cast<std::int64_t>(series_[i].values.size()) + failed_[i];
    if (failed_[i] > 1) {
      telemetry.missing.push_back(
          fmt::format("{} could not be read {} of {} times", series_[i].quantity, failed_[i], total));
    }
    if (!series_[i].values.empty()) telemetry.series.push_back(std::move(series_[i]));
  }
  for (unsigned bit = 0; bit < kThrottleReasonBits; ++bit) {
    const double seconds = reason_seconds_.at(bit);
    if (seconds > 0.0) telemetry.throttle_reasons.push_back({throttle_reason_name(bit), seconds / watched_seconds_});
  }
  telemetry.phases = std::move(phases_);
  // One basis for all, or each with its phase.
  const bool same = std::ranges::all_of(bases_, [this](const auto& b) { return b.second == bases_.front().second; });
  for (const auto& [phase, basis] : bases_) {
    std::string& text = telemetry.energy_source;
    if (same && !text.empty()) break;
    text += (text.empty() ? "" : "; ") + (same ? basis : fmt::format("{}: {}", phase, basis));
  }
  telemetry.missing.insert(telemetry.missing.end(), no_energy_.begin(), no_energy_.end());
  return telemetry;
}

}  // namespace trtprof
