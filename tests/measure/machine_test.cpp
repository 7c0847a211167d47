#include "trtprof/measure/machine.h"

#include <fstream>
#include <sched.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trtprof/base/file.h"

namespace trtprof {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

TEST(CpuModelOf, ReadsWhatEachArchitectureWrites) {
  EXPECT_EQ(cpu_model_of("processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R) Platinum 8480+\n"),
            "Intel(R) Xeon(R) Platinum 8480+");
  EXPECT_EQ(cpu_model_of("processor\t: 0\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: 0xd4f\n"),
            "Neoverse-V2");
  EXPECT_EQ(cpu_model_of("CPU implementer\t: 0x61\nCPU part\t: 0x022\n"), "ARM implementer 0x61 part 0x022");
  EXPECT_EQ(cpu_model_of("processor\t: 0\ncpu\t\t: POWER9 (raw), altivec supported\n"),
            "POWER9 (raw), altivec supported");
  EXPECT_EQ(cpu_model_of("vendor_id       : IBM/S390\n"), "IBM/S390");
  EXPECT_EQ(cpu_model_of(""), "");
}

TEST(OsNameOf, TakesThePrettyNameUnquoted) {
  EXPECT_EQ(os_name_of("ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"),
            "Debian GNU/Linux 12 (bookworm)");
  EXPECT_EQ(os_name_of("PRETTY_NAME=Void\n"), "Void");
  EXPECT_EQ(os_name_of("NAME=\"Void\"\n"), "");
}

TEST(QuotaOfCpuMax, IsQuotaOverPeriod) {
  EXPECT_EQ(quota_of_cpu_max("150000 100000\n"), 1.5);
  EXPECT_EQ(quota_of_cpu_max("max 100000\n"), std::nullopt);
  EXPECT_EQ(quota_of_cpu_max(""), std::nullopt);
  EXPECT_EQ(quota_of_cpu_max("100000 0"), std::nullopt);
}

// A machine in a folder.
class ReadMachineState : public testing::Test {
 protected:
  void SetUp() override {
    auto folder = TemporaryFolder::create("trtprof-machine-");
    ASSERT_TRUE(folder) << folder.error().message;
    folder_.emplace(std::move(*folder));
  }
  void put(const std::string& path, const std::string& text) {
    std::filesystem::create_directories((root() / path).parent_path());
    std::ofstream(root() / path) << text;
  }
  std::filesystem::path root() const { return folder_->path(); }

 private:
  std::optional<TemporaryFolder> folder_;
};

TEST_F(ReadMachineState, WhatCannotBeReadIsNotKnown) {
  const MachineState state = read_machine_state(root());
  EXPECT_EQ(state.online_cpus, std::nullopt);
  EXPECT_EQ(state.cpu_quota, std::nullopt);
  EXPECT_EQ(state.load_average, std::nullopt);
  EXPECT_TRUE(state.governors.empty());
}

TEST_F(ReadMachineState, CountsProcessorsOnlineAndUsable) {
  put("sys/devices/system/cpu/online", "0-3,8,10-11\n");
  const MachineState state = read_machine_state(root());
  EXPECT_EQ(state.online_cpus, 7);
  cpu_set_t set;
  ASSERT_EQ(sched_getaffinity(0, sizeof set, &set), 0);
  EXPECT_EQ(state.usable_cpus, CPU_COUNT(&set));
}

TEST_F(ReadMachineState, FollowsTheAffinityOfTheProcess) {
  cpu_set_t before;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  cpu_set_t one;
  CPU_ZERO(&one);
  for (std::size_t cpu = 0; CPU_COUNT(&one) == 0; ++cpu) {
    if (CPU_ISSET(cpu, &before)) CPU_SET(cpu, &one);
  }
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(read_machine_state(root()).usable_cpus, 1);
  ASSERT_EQ(sched_setaffinity(0, sizeof before, &before), 0);
}

TEST_F(ReadMachineState, CountsGovernors) {
  put("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
  put("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave\n");
  put("sys/devices/system/cpu/cpu2/cpufreq/scaling_governor", "performance\n");
  EXPECT_THAT(read_machine_state(root()).governors, ElementsAre(Pair("performance", 1), Pair("powersave", 2)));
}

TEST_F(ReadMachineState, ReadsTheLoadAverageOfTheLastMinute) {
  put("proc/loadavg", "1.75 0.50 0.25 2/345 6789\n");
  EXPECT_EQ(read_machine_state(root()).load_average, 1.75);
}

TEST_F(ReadMachineState, TakesTheTightestQuotaOnTheWayUp) {
  put("proc/self/cgroup", "0::/user.slice/app.scope\n");
  put("sys/fs/cgroup/user.slice/cpu.max", "200000 100000\n");
  put("sys/fs/cgroup/user.slice/app.scope/cpu.max", "max 100000\n");
  EXPECT_EQ(read_machine_state(root()).cpu_quota, 2.0);
  put("sys/fs/cgroup/user.slice/app.scope/cpu.max", "50000 100000\n");
  EXPECT_EQ(read_machine_state(root()).cpu_quota, 0.5);
}

TEST_F(ReadMachineState, AContainersLimitIsAtTheMountPoint) {
  put("proc/self/cgroup", "0::/docker/0123456789abcdef\n");
  put("sys/fs/cgroup/cpu.max", "300000 100000\n");
  EXPECT_EQ(read_machine_state(root()).cpu_quota, 3.0);
}

TEST_F(ReadMachineState, ReadsQuotasOfControlGroupsVersionOne) {
  put("proc/self/cgroup", "5:memory:/job\n4:cpu,cpuacct:/job\n");
  put("sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "250000\n");
  put("sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n");
  put("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  put("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(read_machine_state(root()).cpu_quota, 2.5);
}

MachineState quiet_machine() {
  MachineState state;
  state.online_cpus = 8;
  state.usable_cpus = 8;
  state.load_average = 0.4;
  state.governors = {{"performance", 8}};
  return state;
}

TEST(MachineRemarks, AQuietMachineHasNone) {
  EXPECT_EQ(machine_remarks(quiet_machine()), Remarks{});
}

TEST(MachineRemarks, WhatIsNotKnownIsNotRemarkedOn) {
  EXPECT_EQ(machine_remarks({}), Remarks{});
}

TEST(MachineRemarks, WarnsOfOtherWork) {
  MachineState state = quiet_machine();
  state.load_average = 4.0;
  EXPECT_THAT(machine_remarks(state).warnings, IsEmpty());
  state.load_average = 4.25;
  EXPECT_THAT(machine_remarks(state).warnings, ElementsAre(AllOf(HasSubstr("4.25"), HasSubstr("8 logical CPUs"))));
}

TEST(MachineRemarks, NotesLimitsOnProcessors) {
  MachineState state = quiet_machine();
  state.usable_cpus = 4;
  state.cpu_quota = 1.5;
  const Remarks remarks = machine_remarks(state);
  EXPECT_THAT(remarks.notes, ElementsAre(HasSubstr("4 of the machine's 8"), AllOf(HasSubstr("1.50"), HasSubstr("4"))));
  EXPECT_THAT(remarks.warnings, IsEmpty());
  state = quiet_machine();
  state.cpu_quota = 8.0;
  EXPECT_EQ(machine_remarks(state), Remarks{});
}

TEST(MachineRemarks, NotesGovernorsThatFollowTheLoad) {
  MachineState state = quiet_machine();
  state.governors = {{"performance", 2}, {"schedutil", 6}};
  EXPECT_THAT(machine_remarks(state).notes, ElementsAre(AllOf(HasSubstr("schedutil"), HasSubstr("6 logical"))));
}

TEST(MachineRemarks, WarnsOfBuildsThatAreSlow) {
  MachineState state = quiet_machine();
  state.debug_build = true;
  state.sanitizers = "AddressSanitizer";
  EXPECT_THAT(machine_remarks(state).warnings, ElementsAre(HasSubstr("AddressSanitizer"), HasSubstr("debug build")));
}

}  // namespace
}  // namespace trtprof
