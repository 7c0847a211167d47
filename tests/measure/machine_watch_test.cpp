// profile_model() with the machine watched: a made-up sysfs tree, and a fake NVML.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streams.h"
#include "support/fake_backend.h"
#include "telemetry/fake_nvml.h"
#include "telemetry/sysfs_tree.h"
#include "trtprof/measure/measure.h"
#include "trtprof/profile/telemetry_values.h"
#include "trtprof/telemetry/clock_lock.h"

namespace trtprof {
namespace {

using test::always;
using test::FakeNvml;
using test::FakeScript;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class MachineWatchTest : public testing::Test {
 protected:
  MachineWatchTest() {
    request_.machine = {};
    request_.end_to_end.stop.iterations = 20;
    request_.end_to_end.warmup.iterations = 2;
    request_.layers.stop.iterations = 5;
    request_.layers.warmup.iterations = 0;
    request_.telemetry.on = true;
    request_.telemetry.period_seconds = 0.002;
    request_.telemetry.sysfs_root = tree_.root();
    script_.layers = {{"conv", always(1e-3), std::nullopt}};
  }
  void on_gpu() {
    script_.device_kind = DeviceKind::gpu;
    script_.properties = {{"PCI bus id", "0000:1B:00.0"}};
  }

  Result<Profile> run() {
    test::FakeBackend backend(script_, clock_);
    MeasureContext context{progress_, stop_};
    context.observer = observer_;
    auto profile = profile_model(backend, request_, context);
    EXPECT_EQ(context.observer, observer_);
    failure_ = context.failure;
    return profile;
  }

  test::SysfsTree tree_;
  FakeScript script_;
  ProfileRequest request_;
  test::FakeClock clock_;
  test::RecordingProgress progress_{clock_};
  StopFlag stop_;
  RunObserver* observer_ = nullptr;
  std::optional<Error> failure_;
};

TEST_F(MachineWatchTest, WithoutTelemetryThereIsNone) {
  request_.telemetry.on = false;
  const auto profile = run();
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_FALSE(profile->telemetry);
}

TEST_F(MachineWatchTest, OnACpuItReadsSysfsDuringThePhases) {
  tree_.write("devices/system/cpu/cpufreq/policy0/affected_cpus", [] {
    std::string all;
    for (int cpu = 0; cpu < 4096; ++cpu) all += std::to_string(cpu) + ' ';
    return all;
  }());
  tree_.write("devices/system/cpu/cpufreq/policy0/scaling_cur_freq", "2100000");
  const auto profile = run();
  ASSERT_TRUE(profile) << profile.error().message;
  ASSERT_TRUE(profile->telemetry);
  const Telemetry& telemetry = *profile->telemetry;
  EXPECT_EQ(telemetry.source, "cpufreq");
  EXPECT_EQ(telemetry.period_seconds, 0.002);
  EXPECT_THAT(values_during_phases(telemetry, "cpu_clock"), testing::Each(2.1e9));
  EXPECT_THAT(telemetry.missing, Not(IsEmpty()));
  ASSERT_EQ(telemetry.phases.size(), 2U);
  EXPECT_EQ(telemetry.phases[0].name, "end to end");
  EXPECT_EQ(telemetry.phases[0].inferences, 20);
  EXPECT_EQ(telemetry.phases[1].name, "layers");
  EXPECT_EQ(telemetry.phases[1].inferences, 5);
  EXPECT_GT(telemetry.phases[0].start, 0.0);  // from the beginning of the measurement
  EXPECT_LT(telemetry.phases[1].end, 60.0);
  EXPECT_LE(telemetry.phases[0].end, telemetry.phases[1].start);
}

TEST_F(MachineWatchTest, OnAGpuItReadsNvmlAndWarns) {
  const FakeNvml fake("reasons=68");  // power cap, hardware thermal slowdown
  on_gpu();
  const auto profile = run();
  ASSERT_TRUE(profile) << profile.error().message;
  ASSERT_TRUE(profile->telemetry);
  EXPECT_EQ(profile->telemetry->device, "Fake GPU A");
  EXPECT_FALSE(values_during_phases(*profile->telemetry, "sm_clock").empty());
  EXPECT_THAT(profile->warnings,
              AllOf(Contains(HasSubstr("power limit for 100.0 %")), Contains(HasSubstr("hw_thermal_slowdown"))));
  EXPECT_THAT(fake.calls(), ElementsAre("nvmlInit_v2", "nvmlShutdown"));  // nothing was changed
}

TEST_F(MachineWatchTest, AGpuWithoutAPlaceIsNotGuessed) {
  const FakeNvml fake;
  on_gpu();
  script_.properties.clear();
  const auto profile = run();
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_THAT(profile->telemetry->missing, ElementsAre(HasSubstr("does not tell the PCI bus id")));
  EXPECT_THAT(fake.calls(), IsEmpty());
}

class Recording final : public RunObserver {
 public:
  void run_begins(std::string_view run) override { calls.emplace_back(run); }
  void run_ends(std::int64_t inferences) override { calls.push_back(std::to_string(inferences)); }
  std::vector<std::string> calls;
};

TEST_F(MachineWatchTest, TheObserverThatWasThereIsToldToo) {
  Recording recording;
  observer_ = &recording;
  ASSERT_TRUE(run());
  EXPECT_THAT(recording.calls, ElementsAre("end to end", "20", "layers", "5"));
}

// ---- a locked clock

class LockedClock : public MachineWatchTest {
 protected:
  LockedClock() { on_gpu(); }
  std::vector<std::string> changes() const {
    std::vector<std::string> calls = fake_.calls();
    std::erase_if(calls, [](const std::string& call) { return call == "nvmlInit_v2" || call == "nvmlShutdown"; });
    return calls;
  }
  void prepare(std::optional<unsigned> megahertz = 1500) {
    auto lock = ClockLock::prepare(megahertz);
    ASSERT_TRUE(lock);
    lock_ = std::move(*lock);
    request_.clock_lock = lock_.get();
  }

  FakeNvml fake_;
  std::unique_ptr<ClockLock> lock_;
};

TEST_F(LockedClock, HoldsDuringEveryRunAndIsGoneAfterwards) {
  prepare();
  script_.before_run = [&](std::int64_t, bool) { EXPECT_EQ(changes().size(), 1U); };
  const auto profile = run();
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_THAT(changes(), ElementsAre("nvmlDeviceSetGpuLockedClocks 0000:1b:00.0 1500 1500", HasSubstr("Reset")));
  EXPECT_EQ(profile->telemetry->locked_sm_clock_hz, 1500e6);
  EXPECT_THAT(profile->notes, Contains("The SM clock was locked at 1500 MHz (--lock-clocks)."));
}

TEST_F(LockedClock, WithoutAValueIsTheHighestThatWasSeen) {
  prepare(std::nullopt);
  const auto profile = run();
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_EQ(profile->telemetry->locked_sm_clock_hz, 1755e6);
}

TEST_F(LockedClock, IsLetGoWhenAnInferenceFails) {
  prepare();
  script_.error = [](std::int64_t run, bool) -> std::optional<Error> {
    if (run < 10) return std::nullopt;
    return Error{ErrorCode::failed, "device lost", ""};
  };
  EXPECT_TRUE(run());
  EXPECT_TRUE(failure_);
  EXPECT_EQ(changes().size(), 2U);
}

TEST_F(LockedClock, IsLetGoWhenNothingCouldBeMeasured) {
  prepare();
  script_.error = [](std::int64_t, bool) { return Error{ErrorCode::failed, "device lost", ""}; };
  EXPECT_FALSE(run());
  EXPECT_EQ(changes().size(), 2U);
}

TEST_F(LockedClock, IsLetGoWhenTheUserStopsIt) {
  prepare();
  script_.before_run = [&](std::int64_t run, bool) {
    if (run == 10) stop_.request();
  };
  const auto profile = run();
  ASSERT_TRUE(profile);
  EXPECT_TRUE(profile->partial);
  EXPECT_EQ(changes().size(), 2U);
}

TEST_F(LockedClock, IsLetGoByAnException) {
  prepare();
  script_.before_run = [&](std::int64_t, bool) { throw std::runtime_error("in the middle of it"); };
  EXPECT_THROW(static_cast<void>(run()), std::runtime_error);
  EXPECT_EQ(changes().size(), 2U);
}

TEST_F(LockedClock, ThatIsRefusedIsAnErrorBeforeAnythingRuns) {
  const FakeNvml refusing("nvmlDeviceSetGpuLockedClocks=4");
  prepare();
  script_.before_run = [&](std::int64_t, bool) { ADD_FAILURE() << "it ran"; };
  const auto profile = run();
  ASSERT_FALSE(profile);
  EXPECT_EQ(profile.error().code, ErrorCode::unavailable);
  EXPECT_THAT(profile.error().message, HasSubstr("only root"));
}

TEST_F(LockedClock, ThatIsNotPutBackIsAWarning) {
  const FakeNvml failing("nvmlDeviceResetGpuLockedClocks=15");
  prepare();
  const auto profile = run();
  ASSERT_TRUE(profile);
  EXPECT_THAT(profile->warnings, Contains(AllOf(HasSubstr("STILL LOCKED"), HasSubstr("--reset-gpu-clocks"))));
}

TEST_F(LockedClock, IsForGpusAlone) {
  prepare();
  script_.device_kind = DeviceKind::cpu;
  const auto profile = run();
  ASSERT_FALSE(profile);
  EXPECT_EQ(profile.error().code, ErrorCode::unavailable);
  EXPECT_THAT(changes(), IsEmpty());
}

}  // namespace
}  // namespace trtprof
