// What the device did while it was measured, in a few lines.
#include <array>
#include <ostream>
#include <string_view>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/statistics.h"
#include "trtprof/base/text.h"
#include "trtprof/profile/telemetry_values.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof::text_report {
namespace {

using Format = std::string (*)(double);

// "1755 MHz (1740 MHz to 1980 MHz)": median and range; one value where it did not change.
std::string spread(const std::vector<double>& values, Format format) {
  const std::string middle = format(percentile_of_sorted(values, 0.5));
  const std::string low = format(values.front());
  const std::string high = format(values.back());
  return low == high ? middle : fmt::format("{} ({} to {})", middle, low, high);
}

std::string degrees(double celsius) {
  return fmt::format("{:.0f} °C", celsius);
}
std::string share(double fraction) {
  return format_percent(fraction, 0);
}

// Appends ", maximum 1980 MHz" and the like to a line that is there.
void add_limit(std::string& line, std::string_view before, const std::optional<double>& limit, Format format) {
  if (!line.empty() && limit) line += fmt::format(", {} {}", before, format(*limit));
}

std::string spread_of(const Telemetry& telemetry, std::string_view quantity, Format format) {
  const std::vector<double> values = values_during_phases(telemetry, quantity);
  return values.empty() ? "" : spread(values, format);
}

std::string sm_clock(const Telemetry& telemetry) {
  std::string line = spread_of(telemetry, "sm_clock", &format_clock);
  add_limit(line, "maximum", telemetry.max_sm_clock_hz, &format_clock);
  add_limit(line, "locked at", telemetry.locked_sm_clock_hz, &format_clock);
  return line;
}

std::string cpu_clock(const Telemetry& telemetry) {
  std::string line = spread_of(telemetry, "cpu_clock", &format_clock);
  const std::vector<double> lowest = values_during_phases(telemetry, "lowest_cpu_clock");
  if (!line.empty()) line += ", mean of the CPUs in use";
  if (!line.empty() && !lowest.empty()) line += fmt::format("; the slowest of them {}", spread(lowest, &format_clock));
  return line;
}

std::string power(const Telemetry& telemetry) {
  const auto found = first_sampled(telemetry, {"power", "average_power"});
  if (!found) return "";
  std::string line = spread(found->values, &format_power);
  add_limit(line, "limit", telemetry.power_limit_watts, &format_power);
  return found->quantity == "average_power" ? line + "; each reading is an average over about a second" : line;
}

std::string throttling(const Telemetry& telemetry) {
  std::string line;
  for (const ThrottleReason& reason : telemetry.throttle_reasons) {
    line +=
        fmt::format("{}{} {}", line.empty() ? "" : ", ", printable(reason.name), format_percent(reason.fraction, 1));
  }
  return line.empty() ? "" : line + " of the time";
}

std::string energy(const Telemetry& telemetry) {
  std::string line;
  for (const TelemetryPhase& phase : telemetry.phases) {
    const auto joules = energy_per_inference(phase);
    if (joules) line += fmt::format("{}{} {}", line.empty() ? "" : ", ", printable(phase.name), format_energy(*joules));
  }
  return line;
}

std::string sampled(const Telemetry& telemetry) {
  if (telemetry.source.empty() || telemetry.series.empty()) return "";
  std::string line =
      fmt::format("every {} by {}", format_duration(telemetry.period_seconds), printable(telemetry.source));
  if (!telemetry.device.empty()) line += fmt::format(" ({})", printable(telemetry.device));
  return line;
}

}  // namespace

void write_telemetry(std::ostream& out, const Telemetry& telemetry, const Paint& paint) {
  const std::string energy_line = energy(telemetry);
  KeyValues lines = {
      {"SM clock", sm_clock(telemetry)},
      {"Memory clock", spread_of(telemetry, "memory_clock", &format_clock)},
      {"CPU clock", cpu_clock(telemetry)},
      {"Power", power(telemetry)},
      {"Package power", spread_of(telemetry, "package_power", &format_power)},
      {"Memory power", spread_of(telemetry, "dram_power", &format_power)},
      {"Temperature", spread_of(telemetry, "temperature", &degrees)},
      {"Utilisation", spread_of(telemetry, "gpu_utilization", &share)},
      {"Throttle reasons", throttling(telemetry)},
      {"Energy/inference", energy_line},
      {"Energy by", energy_line.empty() ? ""
                                        : printable(telemetry.energy_source) +
                                              "; of the whole device, idle share and other processes included"},
      {"Sampled", sampled(telemetry)},
  };
  for (std::size_t i = 0; i < telemetry.missing.size(); ++i) {
    lines.emplace_back(i == 0 ? "Not read" : "", printable(telemetry.missing[i]));
  }
  std::erase_if(lines, [](const auto& line) { return line.second.empty(); });
  if (lines.empty()) return;
  out << '\n' << paint.bold("Telemetry, while inferences were measured:") << '\n';
  write_key_values(out, lines, "  ");
}

}  // namespace trtprof::text_report
