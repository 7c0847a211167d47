#include "trtprof/telemetry/rapl.h"

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "telemetry/sysfs_tree.h"

namespace trtprof {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Rapl, FindsPackagesAndMemoryOfEverySocket) {
  const test::SysfsTree tree;
  tree.write("class/powercap/intel-rapl/enabled", "1");
  tree.add_rapl("intel-rapl:0", "package-0", 1);
  tree.add_rapl("intel-rapl:0:0", "core", 2);
  tree.add_rapl("intel-rapl:0:1", "dram", 3);
  tree.add_rapl("intel-rapl:1", "package-1", 4);
  tree.add_rapl("intel-rapl:1:0", "dram", 5);
  tree.add_rapl("intel-rapl:2", "psys", 6);
  tree.add_rapl("intel-rapl-mmio:0", "package-0", 7);  // the same counter again
  const Rapl rapl = open_rapl(tree.root());
  ASSERT_EQ(rapl.packages.size(), 2U);
  EXPECT_EQ(rapl.packages[0].name(), "package-0");
  EXPECT_EQ(rapl.packages[1].name(), "package-1");
  EXPECT_EQ(rapl.memory.size(), 2U);
  EXPECT_THAT(rapl.missing, IsEmpty());
}

TEST(Rapl, CountsJoulesFromTheFirstReading) {
  const test::SysfsTree tree;
  tree.add_rapl("intel-rapl:0", "package-0", 1'000'000);
  Rapl rapl = open_rapl(tree.root());
  ASSERT_EQ(rapl.packages.size(), 1U);
  EXPECT_EQ(rapl.packages[0].joules(), 0.0);
  tree.add_rapl("intel-rapl:0", "package-0", 3'500'000);
  EXPECT_DOUBLE_EQ(rapl.packages[0].joules().value(), 2.5);
}

TEST(Rapl, AddsTheRangeWhenTheCounterWrapsAround) {
  const test::SysfsTree tree;
  tree.add_rapl("intel-rapl:0", "package-0", 9'000'000, 10'000'000);
  Rapl rapl = open_rapl(tree.root());
  ASSERT_EQ(rapl.packages.size(), 1U);
  EXPECT_EQ(rapl.packages[0].joules(), 0.0);
  tree.add_rapl("intel-rapl:0", "package-0", 500'000, 10'000'000);
  EXPECT_DOUBLE_EQ(rapl.packages[0].joules().value(), 1.5);
  tree.add_rapl("intel-rapl:0", "package-0", 700'000, 10'000'000);
  EXPECT_DOUBLE_EQ(rapl.packages[0].joules().value(), 1.7);
}

TEST(Rapl, WithoutZonesTheMachineIsToBlame) {
  const test::SysfsTree tree;
  EXPECT_THAT(open_rapl(tree.root()).missing, ElementsAre(AllOf(HasSubstr("intel-rapl:0"), HasSubstr("virtual"))));
}

// Root may read every file: the test steps down.
class AsNobody {
 public:
  AsNobody() { EXPECT_TRUE(geteuid() != 0 || seteuid(kNobody) == 0); }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
  ~AsNobody() { EXPECT_TRUE(getuid() != 0 || seteuid(0) == 0); }

 private:
  static constexpr uid_t kNobody = 65534;
};

TEST(Rapl, WithoutPermissionItSaysWhatToChange) {
  const test::SysfsTree tree;
  tree.add_rapl("intel-rapl:0", "package-0", 1);
  std::filesystem::permissions(tree.root(), std::filesystem::perms(0755));
  std::filesystem::permissions(tree.root() / "sys/class/powercap/intel-rapl:0/energy_uj", std::filesystem::perms::none);
  const AsNobody nobody;
  const Rapl rapl = open_rapl(tree.root());
  EXPECT_THAT(rapl.packages, IsEmpty());
  EXPECT_THAT(rapl.missing, ElementsAre(AllOf(HasSubstr("energy of package-0"), HasSubstr("Permission denied"),
                                              HasSubstr("chmod a+r /sys/class/powercap"))));
}

TEST(Rapl, ACounterThatCannotBeReadIsNamed) {
  const test::SysfsTree tree;
  tree.add_rapl("intel-rapl:0", "package-0", 1);
  tree.write("class/powercap/intel-rapl:0/energy_uj", "?");
  EXPECT_THAT(open_rapl(tree.root()).missing,
              ElementsAre(AllOf(HasSubstr("energy of package-0"), HasSubstr("no number"))));
}

}  // namespace
}  // namespace trtprof
