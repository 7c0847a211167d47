// Telemetry and --lock-clocks as a user meets them: an engine without a GPU (support/fake_module) under a fake NVML
// (support/fake_nvml), which is the only one that these programs can reach.
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Environment = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kSet = "nvmlDeviceSetGpuLockedClocks 0000:1b:00.0 1500 1500";
constexpr const char* kReset = "nvmlDeviceResetGpuLockedClocks 0000:1b:00.0";

class TelemetryCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(folder_.has_value());
    ASSERT_EQ(run_tensorrt_profiling({"sample", "mobilenetv2", "-o", model(), "--width", "0.35", "--resolution", "32"})
                  .exit_code,
              0);
  }
  std::string path(const std::string& name) const { return (folder_->path() / name).string(); }
  std::string model() const { return path("m.onnx"); }

  // On the fake GPU. `nvml`: settings of the fake library.
  ProgramResult profile(std::vector<std::string> options, const std::string& nvml = "", ProgramOptions how = {}) const {
    options.insert(options.begin(), {model(), "--backend", "tensorrt-rtx"});
    how.environment = {{"TRTPROF_BACKEND_PATH", kFakeEngines}, {"TRTPROF_CACHE_DIR", path("cache")},
                       {"TRTPROF_NVML_LIBRARY", kFakeNvml},    {"TRTPROF_FAKE_NVML", nvml},
                       {"TRTPROF_FAKE_NVML_RECORD", calls()},  {"TRTPROF_FAKE_PCI", "0000:1b:00.0"}};
    return run_tensorrt_profiling(options, how);
  }
  ProgramResult locked(std::vector<std::string> options = {}, const std::string& nvml = "",
                       const ProgramOptions& how = {}) const {
    options.insert(options.end(), {"--lock-clocks=1500", "--iterations", "20"});
    return profile(std::move(options), nvml, how);
  }

  std::string calls() const { return path("calls"); }
  std::vector<std::string> changes() const {
    std::vector<std::string> lines;
    std::ifstream file(calls());
    for (std::string line; std::getline(file, line);) {
      if (line != "nvmlInit_v2" && line != "nvmlShutdown") lines.push_back(line);
    }
    return lines;
  }
  // The process that puts the clock back may outlive the program by a moment.
  std::vector<std::string> changes_at_last() const {
    for (int i = 0; i < 200 && changes().size() < 2; ++i) usleep(25'000);
    return changes();
  }
  Profile saved() const {
    auto loaded = load_profile(path("p.json"));
    EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().message);
    return loaded ? loaded->profile : Profile{};
  }

  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-telemetry-command");
};

TEST_F(TelemetryCommand, TheReportAndTheProfileHaveIt) {
  const auto result = profile({"--iterations", "300", "--json", path("p.json"), "--telemetry-period", "0.002"},
                              "reasons=4;energy_step_ms=1");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(
      result.out,
      AllOf(HasSubstr("SM clock:         1755 MHz, maximum 1980 MHz"),
            HasSubstr("Power:            400 W, limit 700 W"), HasSubstr("sw_power_cap 100.0% of the time"),
            HasSubstr("by the power limit for 100.0 %"), HasSubstr("every 2.00 ms by NVML 580.1.2 (Fake GPU A)")));
  const Profile profile = saved();
  ASSERT_TRUE(profile.telemetry);
  EXPECT_EQ(profile.telemetry->period_seconds, 0.002);
  ASSERT_GE(profile.telemetry->phases.size(), 2U);
  EXPECT_EQ(profile.telemetry->phases[0].inferences, 300);
  EXPECT_THAT(changes(), IsEmpty());  // reading changes nothing
}

TEST_F(TelemetryCommand, NoTelemetryReachesForNothing) {
  const auto result = profile({"--iterations", "5", "--no-telemetry", "--json", path("p.json")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, Not(HasSubstr("Telemetry")));
  EXPECT_FALSE(saved().telemetry);
  EXPECT_FALSE(std::filesystem::exists(calls()));
}

TEST_F(TelemetryCommand, WithoutNvmlTheReportSaysSoAndIsWhole) {
  const auto result = profile({"--iterations", "5"}, "nvmlInit_v2=9");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("Not read: NVML does not start: Driver Not Loaded"), HasSubstr("Layer sum")));
}

TEST_F(TelemetryCommand, PeriodsThatAreNoneAreUsageErrors) {
  for (const char* period : {"0", "-1", "0.0001", "soon"}) {
    EXPECT_EQ(run_tensorrt_profiling({model(), "--telemetry-period", period}).exit_code, 2) << period;
  }
  const auto both = run_tensorrt_profiling({model(), "--no-telemetry", "--telemetry-period", "1"});
  EXPECT_EQ(both.exit_code, 2);
  EXPECT_THAT(both.err, HasSubstr("contradict"));
}

// ---- --lock-clocks

TEST_F(TelemetryCommand, LockClocksHoldsAndPutsBack) {
  const auto result = locked({"--json", path("p.json")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(changes(), ElementsAre(kSet, kReset));
  EXPECT_THAT(result.out, AllOf(HasSubstr("locked at 1500 MHz"), HasSubstr("locked at 1500 MHz (--lock-clocks)")));
  EXPECT_EQ(saved().telemetry->locked_sm_clock_hz, 1500e6);
}

TEST_F(TelemetryCommand, LockClocksNeedsNoValueAndNoTelemetry) {
  const auto result = profile({"--lock-clocks", "--iterations", "5", "--no-telemetry"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(changes(), ElementsAre(HasSubstr(" 4294967041 4294967041"), kReset));
  EXPECT_THAT(result.out, HasSubstr("locked at what the GPU sustains"));
}

TEST_F(TelemetryCommand, LockClocksWithoutPermissionIsUnavailable) {
  const auto result = locked({}, "nvmlDeviceSetGpuLockedClocks=4");
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_THAT(result.err, AllOf(HasSubstr("Insufficient Permissions"), HasSubstr("only root"), HasSubstr("sudo")));
  EXPECT_THAT(changes(), ElementsAre(kSet));
}

TEST_F(TelemetryCommand, AClockThatTheGpuRefusesIsAUsageError) {
  EXPECT_EQ(locked({}, "nvmlDeviceSetGpuLockedClocks=2").exit_code, 2);
  for (const char* value : {"--lock-clocks=fast", "--lock-clocks=0", "--lock-clocks=-5"}) {
    EXPECT_EQ(profile({value}).exit_code, 2) << value;
  }
}

TEST_F(TelemetryCommand, LockClocksIsForGpus) {
  const auto result = run_tensorrt_profiling(
      {model(), "--backend", "openvino", "--lock-clocks"},
      {.environment = {{"TRTPROF_NVML_LIBRARY", kFakeNvml}, {"TRTPROF_FAKE_NVML_RECORD", calls()}}});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--lock-clocks is for engines on a GPU"));
  EXPECT_FALSE(std::filesystem::exists(calls()));
}

TEST_F(TelemetryCommand, AClockThatStaysLockedIsShouted) {
  const auto result = locked({}, "nvmlDeviceResetGpuLockedClocks=15");
  EXPECT_EQ(result.exit_code, 0);
  for (const std::string& text : {result.out, result.err}) {
    EXPECT_THAT(text,
                AllOf(HasSubstr("STILL LOCKED"), HasSubstr("sudo nvidia-smi -i 0000:1b:00.0 --reset-gpu-clocks")));
  }
}

struct Ending {
  const char* name;
  int signal;
  int exit_code;
};

class LockClocksEnds : public TelemetryCommand, public ::testing::WithParamInterface<Ending> {};

// The first Ctrl-C ends the measurement, SIGKILL the program at once.
TEST_P(LockClocksEnds, WithTheClockPutBack) {
  ProgramOptions how;
  how.signal = GetParam().signal;
  how.signal_after_seconds = 0.3;
  how.signal_after_text = "measuring end to end";
  how.timeout_seconds = 60;
  const auto result = profile({"--lock-clocks=1500", "--duration", "50", "--verbose"}, "", how);
  EXPECT_EQ(result.exit_code, GetParam().exit_code) << result.err;
  EXPECT_THAT(changes_at_last(), ElementsAre(kSet, kReset));
}

INSTANTIATE_TEST_SUITE_P(Signals, LockClocksEnds,
                         ::testing::Values(Ending{"Interrupt", SIGINT, 130}, Ending{"Terminate", SIGTERM, 130},
                                           Ending{"HangUp", SIGHUP, 128 + SIGHUP},
                                           Ending{"Kill", SIGKILL, 128 + SIGKILL}),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

TEST_F(TelemetryCommand, AFailedInferencePutsTheClockBack) {
  ProgramOptions how;
  std::vector<std::string> options = {model(), "--backend", "tensorrt-rtx", "--lock-clocks=1500", "--iterations", "50"};
  how.environment = {{"TRTPROF_BACKEND_PATH", kFakeEngines}, {"TRTPROF_CACHE_DIR", path("cache")},
                     {"TRTPROF_NVML_LIBRARY", kFakeNvml},    {"TRTPROF_FAKE_NVML_RECORD", calls()},
                     {"TRTPROF_FAKE_PCI", "0000:1b:00.0"},   {"TRTPROF_FAKE_RUNS", "1"}};
  EXPECT_EQ(run_tensorrt_profiling(options, how).exit_code, 1);
  EXPECT_THAT(changes(), ElementsAre(kSet, kReset));
}

}  // namespace
}  // namespace trtprof::test
