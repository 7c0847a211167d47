// Turns rounds of a source into series, phases and their energy. Holds no thread and no clock: sampler.h has both.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "trtprof/telemetry/source.h"
#include "trtprof/telemetry/throttle_reasons.h"

namespace trtprof {

// Points of a series before every second one goes and the period doubles: 400 s at 20 ms.
inline constexpr std::size_t kMaxTelemetryPoints = 20'000;

// A phase that is going on.
struct OpenPhase {
  TelemetryPhase phase;
  std::int64_t rounds = 0;
  std::optional<double> energy_at_begin;
  std::optional<double> last_energy;
  std::int64_t energy_steps = 0;  // readings that differed from the one before
  double power_integral = 0.0;    // joules, from the first reading to the last
  std::int64_t power_readings = 0;
  double first_power = 0.0;
  double first_power_at = 0.0;
  double last_power = 0.0;
  double last_power_at = 0.0;
};

class TelemetryRecorder {
 public:
  // `period`: seconds between rounds.
  TelemetryRecorder(TelemetrySource source, double period, std::size_t max_points = kMaxTelemetryPoints);

  // Reads everything that is due. `now`: seconds since the beginning of the measurement, here and below.
  void round(double now);
  // Between rounds, from now on: doubles when a series is full.
  [[nodiscard]] double period() const { return period_; }

  // Phases do not nest. The energy of one is what the device took between the two calls.
  void begin_phase(std::string name, double now);
  void end_phase(double now, std::int64_t inferences);

  [[nodiscard]] Telemetry finish();

 private:
  struct Energy {
    std::optional<double> joules;
    std::string basis;  // or why there is none
  };

  void read_sensors(double now);
  void read_reasons();
  void read_energy();
  void add_power(double watts, double now);
  void thin_out();
  [[nodiscard]] Energy energy_of(const OpenPhase& phase, std::optional<double> energy_at_end) const;
  [[nodiscard]] std::optional<double> by_counter(const OpenPhase& phase, std::optional<double> energy_at_end) const;
  [[nodiscard]] std::optional<double> by_power(const OpenPhase& phase) const;

  TelemetrySource source_;
  double period_;
  std::size_t max_points_;
  std::int64_t rounds_ = 0;
  std::vector<TelemetrySeries> series_;  // by sensor
  std::vector<std::int64_t> failed_;     // readings, by sensor
  std::optional<OpenPhase> open_;
  std::vector<TelemetryPhase> phases_;
  std::vector<std::pair<std::string, std::string>> bases_;  // of the energy: phase, basis
  std::vector<std::string> no_energy_;
  std::array<double, kThrottleReasonBits> reason_seconds_{};  // during phases
  double watched_seconds_ = 0.0;
};

}  // namespace trtprof
