#include "trtprof/external/perf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_tools.h"
#include "trtprof/base/file.h"

namespace trtprof::test {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

TEST(PerfStatOutput, IsReadByEvent) {
  const auto counters = parse_perf_stat(
      "# started on Sat Jan 31 12:00:00 2026\n\n"
      "1523.25,msec,task-clock:u,1523250000,100.00,1.993,CPUs utilized\n"
      "4000000000,,cycles:u,1523250000,100.00,,\n"
      "6000000000,,instructions:u,1523250000,62.50,1.50,insn per cycle\n"
      "<not supported>,,LLC-loads:u,0,100.00,,\n"
      "<not counted>,,branch-misses:u,0,0.00,,\n"
      "7,,some-other-event,1,100.00,,\n");
  ASSERT_TRUE(counters) << counters.error().message;
  EXPECT_THAT(counters->totals,
              ElementsAre(Pair("cycles", 4e9), Pair("instructions", 6e9), Pair("task-clock", 1.52325)));
  EXPECT_THAT(counters->notes, ElementsAre("This machine does not count LLC-loads, branch-misses.",
                                           HasSubstr("counted a part of the time and scaled: instructions (62 %)")));
}

TEST(PerfStatOutput, CoresOfSeveralKindsAddUp) {
  const auto counters = parse_perf_stat("10,,cpu_core/cycles/,1,100.00,,\n5,,cpu_atom/cycles/u,1,100.00,,\n");
  ASSERT_TRUE(counters);
  EXPECT_THAT(counters->totals, ElementsAre(Pair("cycles", 15.0)));
}

TEST(PerfStatOutput, AMachineWithoutCountersIsUnavailable) {
  const auto counters = parse_perf_stat(
      "1.02,msec,task-clock,1016226,100.00,0.650,CPUs utilized\n"
      "<not supported>,,cycles,0,100.00,,\n<not supported>,,instructions,0,100.00,,\n");
  ASSERT_FALSE(counters);
  EXPECT_EQ(counters.error().code, ErrorCode::unavailable);
  EXPECT_EQ(counters.error().message,
            "this machine has no hardware counters for perf: it supports none of cycles, instructions");
  EXPECT_EQ(parse_perf_stat("").error().message, "perf counted nothing");
}

TEST(PerfFailure, SaysWhatToChange) {
  for (const char* said :
       {"Error:\nAccess to performance monitoring and observability operations is limited.\nConsider "
        "adjusting /proc/sys/kernel/perf_event_paranoid\n",
        "Error:\nNo permission to enable cycles event.\n"}) {
    const Error error = perf_failure(said, 255);
    EXPECT_EQ(error.code, ErrorCode::unavailable);
    EXPECT_THAT(error.hint, HasSubstr("kernel.perf_event_paranoid"));
  }
  EXPECT_THAT(perf_failure("  Error: unknown option `control'\n usage: perf stat", 129).message, HasSubstr("too old"));
  EXPECT_THAT(perf_failure("WARNING: perf not found for kernel 6.8.0\n", 2).hint, HasSubstr("linux-tools"));
  EXPECT_EQ(perf_failure("Error: odd\n", 1).message, "perf ended with exit code 1: odd");
}

class FakePerf : public ::testing::Test {
 protected:
  // Answers orders as perf does, notes them in "orders", and at its end writes what it counted to the file after -o.
  fs::path perf(const std::string& counted) {
    return write_script(root() / "perf", R"sh(
[ "$1" = --version ] && { echo "perf version 6.1.187"; exit 0; }
while [ $# -gt 0 ]; do
  case $1 in
    -o) out=$2;; --control) pipes=${2#fifo:};; -p) pid=$2;; -e) events=$2;; -D) delay=$2;;
  esac
  shift
done
[ "$delay" = -1 ] && kill -0 "$pid" || { echo "Error: arguments" >&2; exit 1; }
echo "$events" > ')sh" + (root() / "events").string() +
                                             R"sh('
trap 'printf ")sh" + counted + R"sh(" > "$out"; exit 0' INT
control=${pipes%%,*}; answer=${pipes##*,}
exec 3<>"$control" 4<>"$answer"
while :; do
  if read -r order <&3; then echo "$order" >> ')sh" +
                                             (root() / "orders").string() + R"sh('; printf 'ack\n\0' >&4; fi
done)sh");
  }
  fs::path root() const { return folder_->path(); }
  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-perf-test");
};

TEST_F(FakePerf, CountsBetweenEnableAndDisable) {
  auto attached = PerfStat::attach(perf("4000,,cycles,1,100.00,,\\n"));
  ASSERT_TRUE(attached) << attached.error().message;
  EXPECT_TRUE((*attached)->enable());
  EXPECT_TRUE((*attached)->disable());
  const auto counters = (*attached)->finish(8);
  ASSERT_TRUE(counters) << counters.error().message;
  EXPECT_THAT(counters->totals, ElementsAre(Pair("cycles", 4000.0), Pair("inferences", 8.0)));
  EXPECT_THAT(counters->command, HasSubstr("stat -x, -D -1"));
  EXPECT_EQ(read_file(root() / "orders").value_or(""), "disable\nenable\ndisable\n");
  EXPECT_THAT(read_file(root() / "events").value_or(""),
              HasSubstr("task-clock,cycles,instructions,branches,branch-misses"));
}

TEST_F(FakePerf, OneThatEndsAtOnceSaysWhy) {
  const auto attached = PerfStat::attach(write_script(
      root() / "refusing", "echo 'Error:' >&2; echo 'No permission to enable cycles event.' >&2; exit 255"));
  ASSERT_FALSE(attached);
  EXPECT_EQ(attached.error().code, ErrorCode::unavailable);
  EXPECT_THAT(attached.error().message, HasSubstr("no permission"));
}

TEST_F(FakePerf, OneThatCannotBeStartedIsAnError) {
  const auto attached = PerfStat::attach(root() / "nothing");
  ASSERT_FALSE(attached);
  EXPECT_THAT(attached.error().message, HasSubstr("could not be started"));
}

TEST_F(FakePerf, LeavingWithoutAskingEndsIt) {
  const auto attached = PerfStat::attach(perf("1,,cycles,1,100.00,,\\n"));
  ASSERT_TRUE(attached);
}  // its destructor returns

}  // namespace
}  // namespace trtprof::test
