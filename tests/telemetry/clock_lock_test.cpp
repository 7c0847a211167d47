// Against the fake NVML alone: nothing here reaches a GPU.
#include "trtprof/telemetry/clock_lock.h"

#include <csignal>
#include <cstdlib>
#include <functional>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

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

constexpr const char* kBusId = "0000:1b:00.0";
constexpr const char* kReset = "nvmlDeviceResetGpuLockedClocks 0000:1b:00.0";

// What was set and put back.
std::vector<std::string> changes(const FakeNvml& fake) {
  std::vector<std::string> calls = fake.calls();
  std::erase_if(calls, [](const std::string& call) { return call == "nvmlInit_v2" || call == "nvmlShutdown"; });
  return calls;
}

TEST(ClockLock, HoldsTheClockUntilReleased) {
  const FakeNvml fake;
  auto lock = ClockLock::prepare(1500);
  ASSERT_TRUE(lock) << lock.error().message;
  EXPECT_THAT(fake.calls(), IsEmpty());
  ASSERT_TRUE((*lock)->lock(kBusId));
  EXPECT_THAT(changes(fake), ElementsAre("nvmlDeviceSetGpuLockedClocks 0000:1b:00.0 1500 1500"));
  (*lock)->release();
  EXPECT_EQ(changes(fake).back(), kReset);
  (*lock)->release();
  lock->reset();
  EXPECT_EQ(changes(fake).size(), 2U);  // once, and the guard had nothing to do
}

TEST(ClockLock, WithoutAValueItIsWhatTheDeviceSustains) {
  const FakeNvml fake;
  const auto lock = ClockLock::prepare(std::nullopt);
  ASSERT_TRUE(lock);
  ASSERT_TRUE((*lock)->lock(kBusId));
  // NVML_CLOCK_LIMIT_ID_TDP
  EXPECT_THAT(changes(fake), ElementsAre("nvmlDeviceSetGpuLockedClocks 0000:1b:00.0 4294967041 4294967041"));
}

TEST(ClockLock, TheDestructorReleases) {
  const FakeNvml fake;
  {
    const auto lock = ClockLock::prepare(1500);
    ASSERT_TRUE(lock);
    ASSERT_TRUE((*lock)->lock(kBusId));
  }
  EXPECT_THAT(changes(fake), ElementsAre(HasSubstr("Set"), kReset));
}

TEST(ClockLock, AnExceptionReleases) {
  const FakeNvml fake;
  try {
    const auto lock = ClockLock::prepare(1500);
    ASSERT_TRUE((*lock)->lock(kBusId));
    throw std::runtime_error("in the middle of it");
  } catch (const std::runtime_error&) {
  }
  EXPECT_THAT(changes(fake), ElementsAre(HasSubstr("Set"), kReset));
}

TEST(ClockLock, AnotherGpuLetsGoOfTheFirst) {
  const FakeNvml fake;
  const auto lock = ClockLock::prepare(1500);
  ASSERT_TRUE((*lock)->lock(kBusId));
  ASSERT_TRUE((*lock)->lock("0000:2c:00.0"));
  EXPECT_THAT(changes(fake), ElementsAre(HasSubstr("Set"), kReset, HasSubstr("Set")));
}

struct Refusal {
  int code;
  ErrorCode error;
  const char* text;
};

class Refused : public testing::TestWithParam<Refusal> {};

TEST_P(Refused, IsASentenceAndNothingIsPutBack) {
  const FakeNvml fake("nvmlDeviceSetGpuLockedClocks=" + std::to_string(GetParam().code));
  {
    const auto lock = ClockLock::prepare(99999);
    const Status locked = (*lock)->lock(kBusId);
    ASSERT_FALSE(locked);
    EXPECT_EQ(locked.error().code, GetParam().error);
    EXPECT_THAT(locked.error().message, AllOf(HasSubstr("99999 MHz"), HasSubstr(GetParam().text)));
    EXPECT_NE(locked.error().hint, "");
  }
  EXPECT_EQ(changes(fake).size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Codes, Refused,
                         testing::Values(Refusal{4, ErrorCode::unavailable, "only root may lock clocks"},
                                         Refusal{2, ErrorCode::usage, "Invalid Argument"},
                                         Refusal{3, ErrorCode::unavailable, "Not Supported"},
                                         Refusal{15, ErrorCode::unavailable, "GPU is lost"},
                                         Refusal{999, ErrorCode::unavailable, "Unknown Error"}));

TEST(ClockLock, WithoutNvmlOrGpuItIsUnavailable) {
  const FakeNvml fake("nvmlInit_v2=9");
  const auto lock = ClockLock::prepare(1500);
  const Status locked = (*lock)->lock(kBusId);
  ASSERT_FALSE(locked);
  EXPECT_EQ(locked.error().code, ErrorCode::unavailable);
  const FakeNvml other;
  const Status no_gpu = (*lock)->lock("0000:ff:00.0");
  ASSERT_FALSE(no_gpu);
  EXPECT_EQ(no_gpu.error().code, ErrorCode::unavailable);
}

TEST(ClockLock, AClockThatStaysLockedIsSaidWithTheCommand) {
  const FakeNvml fake("nvmlDeviceResetGpuLockedClocks=15");
  testing::internal::CaptureStderr();
  {
    const auto lock = ClockLock::prepare(1500);
    ASSERT_TRUE((*lock)->lock(kBusId));
    (*lock)->release();
    EXPECT_THAT((*lock)->not_restored(), AllOf(HasSubstr("0000:1b:00.0 IS STILL LOCKED"), HasSubstr("GPU is lost"),
                                               HasSubstr("sudo nvidia-smi -i 0000:1b:00.0 --reset-gpu-clocks")));
  }
  // The guard tried once more, in vain, and says so too.
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("STILL LOCKED"));
  EXPECT_THAT(changes(fake), ElementsAre(HasSubstr("Set"), kReset, kReset));
}

// ---- the process ends in the middle of it

// Runs in a process of its own with a clock locked; returns what was changed once that process is gone and `wanted`
// changes are there, or time is up.
std::vector<std::string> changes_after(const FakeNvml& fake, const std::function<void(ClockLock&)>& end) {
  const pid_t child = fork();
  if (child == 0) {
    auto lock = ClockLock::prepare(1500);
    if (!lock || !(*lock)->lock(kBusId)) _exit(99);
    end(**lock);
    pause();
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) == 99);
  for (int i = 0; i < 1000 && changes(fake).size() < 2; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return changes(fake);
}

class ClockGuardAfter : public testing::TestWithParam<int> {};

TEST_P(ClockGuardAfter, TheSignalPutsTheClockBack) {
  const FakeNvml fake;
  EXPECT_THAT(changes_after(fake,
                            [](ClockLock&) {
                              signal(GetParam(), SIG_DFL);
                              raise(GetParam());
                            }),
              ElementsAre(HasSubstr("Set"), kReset));
}

INSTANTIATE_TEST_SUITE_P(Signals, ClockGuardAfter, testing::Values(SIGINT, SIGTERM, SIGHUP, SIGKILL),
                         [](const auto& parameter) { return std::string(sigabbrev_np(parameter.param)); });

TEST(ClockGuard, StdExitPutsTheClockBack) {
  const FakeNvml fake;
  EXPECT_THAT(changes_after(fake, [](ClockLock&) { std::exit(0); }), ElementsAre(HasSubstr("Set"), kReset));
}

TEST(ClockGuard, ACrashPutsTheClockBack) {
  const FakeNvml fake;
  EXPECT_THAT(changes_after(fake,
                            [](ClockLock&) {
                              signal(SIGABRT, SIG_DFL);
                              std::abort();
                            }),
              ElementsAre(HasSubstr("Set"), kReset));
}

// Ctrl-C reaches every process of the terminal's foreground group at once.
TEST(ClockGuard, OutlivesASignalToTheWholeGroup) {
  const FakeNvml fake;
  EXPECT_THAT(changes_after(fake,
                            [](ClockLock&) {
                              setpgid(0, 0);
                              signal(SIGINT, SIG_DFL);
                              kill(0, SIGINT);
                            }),
              ElementsAre(HasSubstr("Set"), kReset));
}

TEST(ClockGuard, WithNothingLockedItTouchesNothing) {
  const FakeNvml fake;
  const pid_t child = fork();
  if (child == 0) {
    const auto lock = ClockLock::prepare(1500);
    raise(SIGKILL);
  }
  waitpid(child, nullptr, 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_THAT(fake.calls(), IsEmpty());
}

}  // namespace
}  // namespace trtprof
