#include "trtprof/telemetry/nvml_source.h"

#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "telemetry/fake_nvml.h"

namespace trtprof {
namespace {

using test::FakeNvml;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> quantities(const TelemetrySource& source) {
  std::vector<std::string> names;
  for (const Sensor& sensor : source.sensors) names.push_back(sensor.quantity);
  return names;
}

std::optional<double> value(const TelemetrySource& source, const std::string& quantity) {
  for (const Sensor& sensor : source.sensors) {
    if (sensor.quantity == quantity) return sensor.read();
  }
  return std::nullopt;
}

constexpr const char* kBusId = "0000:1b:00.0";

TEST(NvmlSource, ReadsEverythingInBaseUnits) {
  const FakeNvml fake("reasons=36;mig=0");
  const TelemetrySource source = nvml_source(kBusId, test::kFakeNvml);
  EXPECT_THAT(source.facts.missing, IsEmpty());
  EXPECT_EQ(source.facts.source, "NVML 580.1.2");
  EXPECT_EQ(source.facts.device, "Fake GPU A");
  EXPECT_THAT(quantities(source), ElementsAre("sm_clock", "memory_clock", "power", "temperature", "gpu_utilization"));
  EXPECT_EQ(value(source, "sm_clock"), 1755e6);
  EXPECT_EQ(value(source, "memory_clock"), 2619e6);
  EXPECT_EQ(value(source, "power"), 400.0);
  EXPECT_EQ(value(source, "temperature"), 41.0);
  EXPECT_EQ(value(source, "gpu_utilization"), 0.97);
  EXPECT_EQ(source.facts.max_sm_clock_hz, 1980e6);
  EXPECT_EQ(source.facts.max_memory_clock_hz, 2619e6);
  EXPECT_EQ(source.facts.power_limit_watts, 700.0);
  EXPECT_EQ(source.throttle_mask(), 36U);
  EXPECT_GE(source.energy_joules().value(), 123456.789);
}

TEST(NvmlSource, TheDeviceIsTheOneAtTheBusId) {
  const FakeNvml fake;
  EXPECT_EQ(nvml_source("0000:2c:00.0", test::kFakeNvml).facts.device, "Fake GPU B");
  EXPECT_EQ(nvml_source("00000000:2C:00.0", test::kFakeNvml).facts.device, "Fake GPU B");
  const TelemetrySource none = nvml_source("0000:ff:00.0", test::kFakeNvml);
  EXPECT_TRUE(none.empty());
  EXPECT_THAT(none.facts.missing, ElementsAre("NVML does not give the GPU at 0000:ff:00.0: Not Found"));
}

TEST(NvmlSource, AnOldDriverIsReadByItsOwnNames) {
  const FakeNvml fake("reasons=4");
  const TelemetrySource source = nvml_source(kBusId, test::kFakeOldNvml);
  EXPECT_THAT(quantities(source),
              ElementsAre("sm_clock", "memory_clock", "average_power", "temperature", "gpu_utilization"));
  EXPECT_EQ(value(source, "average_power"), 390.0);
  EXPECT_EQ(value(source, "temperature"), 41.0);
  EXPECT_EQ(source.throttle_mask(), 4U);
  EXPECT_THAT(source.facts.missing, IsEmpty());
}

TEST(NvmlSource, PowerThatIsNotInstantIsCalledAnAverage) {
  const FakeNvml fake("instant_power_result=3");
  EXPECT_EQ(value(nvml_source(kBusId, test::kFakeNvml), "average_power"), 390.0);
}

struct Refusal {
  const char* function;
  const char* what;  // is then missing
};

class EveryQuantity : public testing::TestWithParam<Refusal> {};

// Not supported, no permission, lost, unknown: whatever the code, a sentence, and the others are read.
TEST_P(EveryQuantity, IsMissingByItselfWithTheReason) {
  for (const auto& [code, text] : {std::pair(3, "Not Supported"), std::pair(4, "Insufficient Permissions"),
                                   std::pair(15, "GPU is lost"), std::pair(999, "Unknown Error")}) {
    const FakeNvml fake(fmt::format("{}={}", GetParam().function, code));
    const TelemetrySource source = nvml_source(kBusId, test::kFakeNvml);
    EXPECT_THAT(source.facts.missing, ElementsAre(fmt::format("NVML does not give {}: {}", GetParam().what, text)));
    EXPECT_GE(source.sensors.size(), 3U);
  }
}

INSTANTIATE_TEST_SUITE_P(Nvml, EveryQuantity,
                         testing::Values(Refusal{"nvmlDeviceGetClockInfo", "SM clock, memory clock"},
                                         Refusal{"nvmlDeviceGetMaxClockInfo", "maximum SM clock, maximum memory clock"},
                                         Refusal{"nvmlDeviceGetTemperatureV", "temperature"},
                                         Refusal{"nvmlDeviceGetUtilizationRates", "utilisation"},
                                         Refusal{"nvmlDeviceGetEnforcedPowerLimit", "power limit"},
                                         Refusal{"nvmlDeviceGetCurrentClocksEventReasons", "throttle reasons"},
                                         Refusal{"nvmlDeviceGetTotalEnergyConsumption", "energy counter"}),
                         [](const auto& parameter) { return std::string(parameter.param.function); });

TEST(NvmlSource, PowerIsMissingWhenBothWaysAreRefused) {
  const FakeNvml fake("nvmlDeviceGetFieldValues=3;nvmlDeviceGetPowerUsage=3");
  EXPECT_THAT(nvml_source(kBusId, test::kFakeNvml).facts.missing,
              ElementsAre("NVML does not give power: Not Supported"));
}

TEST(NvmlSource, AQuantityThatFailsLaterHasNoValue) {
  const FakeNvml fake;
  const TelemetrySource source = nvml_source(kBusId, test::kFakeNvml);
  const FakeNvml lost("nvmlDeviceGetClockInfo=15;nvmlDeviceGetCurrentClocksEventReasons=15");
  const auto again = nvml::Library::open(test::kFakeNvml);  // reads the settings anew
  ASSERT_TRUE(again);
  EXPECT_EQ(value(source, "sm_clock"), std::nullopt);
  EXPECT_EQ(source.throttle_mask(), std::nullopt);
  EXPECT_EQ(value(source, "power"), 400.0);
}

TEST(NvmlSource, MigIsSaid) {
  const FakeNvml fake("mig=1");
  const TelemetrySource source = nvml_source(kBusId, test::kFakeNvml);
  EXPECT_THAT(source.facts.missing, ElementsAre(HasSubstr("MIG mode")));
  EXPECT_FALSE(source.empty());
}

TEST(NvmlSource, WithoutLibraryOrDriverThereIsASentence) {
  const TelemetrySource none = nvml_source(kBusId, "/nonexistent/libnvidia-ml.so.1");
  EXPECT_TRUE(none.empty());
  EXPECT_THAT(none.facts.missing,
              ElementsAre(AllOf(HasSubstr("NVML cannot be loaded"), HasSubstr("/nonexistent/libnvidia-ml.so.1"))));
  const FakeNvml fake("nvmlInit_v2=9");
  EXPECT_THAT(nvml_source(kBusId, test::kFakeNvml).facts.missing,
              ElementsAre("NVML does not start: Driver Not Loaded"));
}

TEST(NvmlSource, AnotherLibraryIsNotNvml) {
  const auto opened = nvml::Library::open("libc.so.6");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::unavailable);
  EXPECT_THAT(opened.error().message, HasSubstr("is not NVML"));
}

TEST(NvmlLibrary, IsShutDownAsOftenAsItWasInitialised) {
  const FakeNvml fake;
  {
    const TelemetrySource source = nvml_source(kBusId, test::kFakeNvml);
    const auto other = nvml::Library::open(test::kFakeNvml);
    EXPECT_THAT(fake.calls(), ElementsAre("nvmlInit_v2", "nvmlInit_v2"));
  }
  EXPECT_THAT(fake.calls(), ElementsAre("nvmlInit_v2", "nvmlInit_v2", "nvmlShutdown", "nvmlShutdown"));
}

TEST(NvmlLibrary, TheEnvironmentNamesIt) {
  const FakeNvml fake;
  EXPECT_EQ(nvml::library_path(), test::kFakeNvml);
  EXPECT_EQ(nvml_source(kBusId).facts.device, "Fake GPU A");
}

// Watching must leave the GPU as it is.
TEST(NvmlSource, ChangesNothing) {
  const FakeNvml fake;
  {
    TelemetrySource source = nvml_source(kBusId, test::kFakeNvml);
    for (const Sensor& sensor : source.sensors) EXPECT_TRUE(sensor.read());
  }
  EXPECT_THAT(fake.calls(), ElementsAre("nvmlInit_v2", "nvmlShutdown"));
}

}  // namespace
}  // namespace trtprof
