#include "trtprof/telemetry/cpu_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "telemetry/sysfs_tree.h"

namespace trtprof {
namespace {

using testing::DoubleEq;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

std::optional<double> value(const TelemetrySource& source, const std::string& quantity) {
  for (const Sensor& sensor : source.sensors) {
    if (sensor.quantity == quantity) return sensor.read();
  }
  return std::nullopt;
}

class CpuSource : public testing::Test {
 protected:
  TelemetrySource open(const std::set<int>& cpus = {0, 1}) {
    return cpu_source(cpus, [this] { return seconds_; }, tree_.root());
  }
  void clock(int policy, const std::string& cpus, int kilohertz) const {
    const std::string folder = "devices/system/cpu/cpufreq/policy" + std::to_string(policy);
    tree_.write(folder + "/affected_cpus", cpus);
    tree_.write(folder + "/scaling_cur_freq", std::to_string(kilohertz));
  }

  test::SysfsTree tree_;
  double seconds_ = 10.0;
};

TEST_F(CpuSource, ReadsTheClocksOfTheCpusInUse) {
  clock(0, "0", 2'000'000);
  clock(1, "1", 3'000'000);
  clock(2, "2 3", 800'000);  // not in use
  const TelemetrySource source = open();
  EXPECT_EQ(value(source, "cpu_clock"), 2.5e9);
  EXPECT_EQ(value(source, "lowest_cpu_clock"), 2.0e9);
  clock(0, "0", 3'000'000);
  EXPECT_EQ(value(source, "cpu_clock"), 3.0e9);
  EXPECT_EQ(value(source, "lowest_cpu_clock"), 3.0e9);
}

TEST_F(CpuSource, OfManyClocksSomeAreRead) {
  std::set<int> cpus;
  for (int cpu = 0; cpu < 100; ++cpu) {
    cpus.insert(cpu);
    clock(cpu, std::to_string(cpu), 1'000'000 + cpu);
  }
  const TelemetrySource source = open(cpus);
  EXPECT_THAT(value(source, "cpu_clock"), Optional(DoubleNear(1.00005e9, 5e3)));
  int open_files = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;  // the iterator's own
    const auto file = std::filesystem::read_symlink(entry, gone).string();
    open_files += file.starts_with(tree_.root().string()) ? 1 : 0;
  }
  EXPECT_EQ(open_files, 50);
}

TEST_F(CpuSource, TakesTheHottestPackage) {
  tree_.write("class/thermal/thermal_zone0/type", "acpitz");
  tree_.write("class/thermal/thermal_zone0/temp", "99000");
  tree_.write("class/thermal/thermal_zone1/type", "x86_pkg_temp");
  tree_.write("class/thermal/thermal_zone1/temp", "41000");
  tree_.write("class/thermal/thermal_zone2/type", "x86_pkg_temp");
  tree_.write("class/thermal/thermal_zone2/temp", "47500");
  const TelemetrySource source = open();
  EXPECT_EQ(value(source, "temperature"), 47.5);
  EXPECT_THAT(source.facts.source, HasSubstr("x86_pkg_temp"));
}

TEST_F(CpuSource, TakesTheSensorsDriverWhereThereIsNoZone) {
  tree_.write("class/hwmon/hwmon0/name", "nvme");
  tree_.write("class/hwmon/hwmon0/temp1_input", "99000");
  tree_.write("class/hwmon/hwmon1/name", "k10temp");
  tree_.write("class/hwmon/hwmon1/temp1_input", "52125");
  EXPECT_EQ(value(open(), "temperature"), 52.125);
}

TEST_F(CpuSource, PowerIsEnergyOverTime) {
  tree_.add_rapl("intel-rapl:0", "package-0", 0);
  tree_.add_rapl("intel-rapl:1", "package-1", 0);
  tree_.add_rapl("intel-rapl:0:0", "dram", 0);
  const TelemetrySource source = open();
  EXPECT_EQ(source.facts.device, "package-0, package-1");
  EXPECT_EQ(source.energy_name, "RAPL's counters of package-0, package-1 and dram");
  EXPECT_EQ(value(source, "package_power"), std::nullopt);  // nothing before it
  EXPECT_EQ(value(source, "dram_power"), std::nullopt);
  EXPECT_EQ(source.energy_joules(), 0.0);
  seconds_ += 0.5;
  tree_.add_rapl("intel-rapl:0", "package-0", 30'000'000);
  tree_.add_rapl("intel-rapl:1", "package-1", 20'000'000);
  tree_.add_rapl("intel-rapl:0:0", "dram", 5'000'000);
  EXPECT_THAT(value(source, "package_power"), Optional(DoubleEq(100.0)));
  EXPECT_THAT(value(source, "dram_power"), Optional(DoubleEq(10.0)));
  EXPECT_THAT(source.energy_joules(), Optional(DoubleEq(55.0)));
}

TEST_F(CpuSource, WhatTheMachineDoesNotGiveIsASentenceEach) {
  const TelemetrySource source = open();
  EXPECT_TRUE(source.empty());
  EXPECT_THAT(source.facts.missing, ElementsAre(HasSubstr("energy"), HasSubstr("CPU clock"), HasSubstr("temperature")));
  EXPECT_EQ(source.facts.source, "");
}

TEST_F(CpuSource, OneQuantityMissingLeavesTheOthers) {
  clock(0, "0 1", 2'000'000);
  tree_.add_rapl("intel-rapl:0", "package-0", 0);
  const TelemetrySource source = open();
  EXPECT_EQ(source.facts.source, "RAPL, cpufreq");
  EXPECT_THAT(source.facts.missing, SizeIs(1));
}

TEST(UsableCpus, AreAtLeastOne) {
  EXPECT_THAT(usable_cpus(), testing::Not(IsEmpty()));
}

}  // namespace
}  // namespace trtprof
