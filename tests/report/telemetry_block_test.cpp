#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trtprof/report/text_blocks.h"

namespace trtprof {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string text_of(const Telemetry& telemetry) {
  std::ostringstream out;
  text_report::write_telemetry(out, telemetry, text_report::Paint(false));
  return out.str();
}

Telemetry gpu() {
  Telemetry telemetry;
  telemetry.source = "NVML 580.159.04";
  telemetry.device = "NVIDIA H200";
  telemetry.period_seconds = 0.02;
  telemetry.phases = {{"end to end", 1.0, 3.0, 2000, 800.0}, {"layers", 4.0, 5.0, 500, 250.0}};
  const auto series = [](const char* quantity, const char* unit, std::vector<double> values) {
    return TelemetrySeries{quantity, unit, {0.5, 1.5, 2.0, 4.5}, std::move(values)};
  };
  telemetry.series = {
      series("sm_clock", "Hz", {345e6, 1740e6, 1755e6, 1980e6}),
      series("memory_clock", "Hz", {100e6, 2619e6, 2619e6, 2619e6}), series("power", "W", {80.0, 380.0, 412.0, 455.0}),
      series("temperature", "degC", {30.0, 38.0, 41.0, 45.0}), series("gpu_utilization", "1", {0.0, 0.97, 0.97, 0.97})};
  telemetry.throttle_reasons = {{"sw_power_cap", 0.125}, {"hw_thermal_slowdown", 0.01}};
  telemetry.power_limit_watts = 700.0;
  telemetry.max_sm_clock_hz = 1980e6;
  telemetry.energy_source = "the GPU's energy counter";
  return telemetry;
}

TEST(TelemetryBlock, OfAGpu) {
  EXPECT_EQ(text_of(gpu()),
            "\nTelemetry, while inferences were measured:\n"
            "  SM clock:         1755 MHz (1740 MHz to 1980 MHz), maximum 1980 MHz\n"
            "  Memory clock:     2619 MHz\n"
            "  Power:            412 W (380 W to 455 W), limit 700 W\n"
            "  Temperature:      41 °C (38 °C to 45 °C)\n"
            "  Utilisation:      97%\n"
            "  Throttle reasons: sw_power_cap 12.5%, hw_thermal_slowdown 1.0% of the time\n"
            "  Energy/inference: end to end 400 mJ, layers 500 mJ\n"
            "  Energy by:        the GPU's energy counter; of the whole device, idle share and other processes "
            "included\n"
            "  Sampled:          every 20.0 ms by NVML 580.159.04 (NVIDIA H200)\n");
}

TEST(TelemetryBlock, OfACpu) {
  Telemetry telemetry;
  telemetry.source = "RAPL, cpufreq";
  telemetry.device = "package-0";
  telemetry.period_seconds = 0.1;
  telemetry.series = {{"cpu_clock", "Hz", {1.0, 2.0}, {2.9e9, 3.1e9}},
                      {"lowest_cpu_clock", "Hz", {1.0, 2.0}, {0.8e9, 0.8e9}},
                      {"package_power", "W", {1.0, 2.0}, {81.5, 92.25}},
                      {"dram_power", "W", {1.0, 2.0}, {3.5, 3.5}}};
  telemetry.phases = {{"end to end", 0.0, 3.0, 1000, 250.0}};
  telemetry.energy_source = "RAPL's counters of package-0 and dram";
  telemetry.missing = {"CPU temperature: no sensor", "a second sentence"};
  EXPECT_EQ(text_of(telemetry),
            "\nTelemetry, while inferences were measured:\n"
            "  CPU clock:        3000 MHz (2900 MHz to 3100 MHz), mean of the CPUs in use; the slowest of them 800 "
            "MHz\n"
            "  Package power:    86.9 W (81.5 W to 92.2 W)\n"
            "  Memory power:     3.50 W\n"
            "  Energy/inference: end to end 250 mJ\n"
            "  Energy by:        RAPL's counters of package-0 and dram; of the whole device, idle share and other "
            "processes included\n"
            "  Sampled:          every 100 ms by RAPL, cpufreq (package-0)\n"
            "  Not read:         CPU temperature: no sensor\n"
            "                    a second sentence\n");
}

TEST(TelemetryBlock, ALockedClockAndAnAveragedPowerAreSaid) {
  Telemetry telemetry = gpu();
  telemetry.locked_sm_clock_hz = 1500e6;
  telemetry.series[2].quantity = "average_power";
  EXPECT_THAT(text_of(telemetry),
              AllOf(HasSubstr("maximum 1980 MHz, locked at 1500 MHz"), HasSubstr("average over about a second")));
}

TEST(TelemetryBlock, WithoutEnergyThereIsNoBasisOfIt) {
  Telemetry telemetry = gpu();
  for (TelemetryPhase& phase : telemetry.phases) phase.energy_joules.reset();
  EXPECT_THAT(text_of(telemetry), Not(HasSubstr("Energy")));
}

TEST(TelemetryBlock, OfNothingIsNothing) {
  EXPECT_EQ(text_of(Telemetry{}), "");
}

TEST(TelemetryBlock, NamesFromElsewhereAreMadeSafe) {
  Telemetry telemetry = gpu();
  telemetry.device = "\x1b[31mGPU";
  telemetry.missing = {"\x1b[2J"};
  EXPECT_THAT(text_of(telemetry), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace trtprof
