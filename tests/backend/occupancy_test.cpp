#include "trtprof/backend/occupancy.h"

#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "test_paths.h"

namespace trtprof {
namespace {

// An H200, by the device attributes of the recording below.
constexpr MultiprocessorLimits kH200 = {.warp_size = 32,
                                        .threads = 2048,
                                        .blocks = 32,
                                        .registers = 65536,
                                        .shared_bytes = 233472,
                                        .reserved_shared_bytes_per_block = 1024};

KernelLaunch launch_of(std::int64_t threads, std::int64_t registers, std::uint64_t shared) {
  KernelLaunch launch;
  launch.block = {threads, 1, 1};
  launch.registers_per_thread = registers;
  launch.dynamic_shared_bytes = shared;
  return launch;
}

// What Nsight Compute says of the 16 different launches of a MobileNetV2 (sm__maximum_warps_per_active_cycle_pct).
TEST(Occupancy, IsWhatNsightComputeSaysOfRealLaunches) {
  std::ifstream file(std::string(test::kDataDir) + "/tensorrt-10.6/launches_h200.tsv");
  std::string header;
  ASSERT_TRUE(std::getline(file, header));
  int launches = 0;
  KernelLaunch launch;
  launch.block.resize(3);
  std::int64_t registers = 0;
  std::uint64_t fixed = 0;
  std::uint64_t dynamic = 0;
  std::int64_t configured = 0;
  double percent = 0.0;
  while (file >> launch.block[0] >> launch.block[1] >> launch.block[2] >> registers >> fixed >> dynamic >> configured >>
         percent) {
    launch.registers_per_thread = registers;
    launch.static_shared_bytes = fixed;
    launch.dynamic_shared_bytes = dynamic;
    const auto occupancy = theoretical_occupancy(kH200, launch, configured);
    ASSERT_TRUE(occupancy.has_value());
    EXPECT_NEAR(*occupancy * 100.0, percent, 0.006) << registers << " registers, " << dynamic << " dynamic bytes";
    ++launches;
  }
  EXPECT_EQ(launches, 16);
}

TEST(Occupancy, IsBoundByEachResource) {
  EXPECT_EQ(theoretical_occupancy(kH200, launch_of(1024, 32, 0)), 1.0);
  EXPECT_EQ(theoretical_occupancy(kH200, launch_of(32, 32, 0)), 0.5) << "32 blocks of one warp";
  EXPECT_EQ(theoretical_occupancy(kH200, launch_of(1024, 64, 0)), 0.5) << "65536 registers";
  EXPECT_EQ(theoretical_occupancy(kH200, launch_of(256, 16, 100000)), 0.25) << "two blocks of 101,024 bytes";
  EXPECT_EQ(theoretical_occupancy(kH200, launch_of(768, 32, 0)), 0.75) << "a third block does not fit";
}

TEST(Occupancy, IsNotKnownWithoutItsFacts) {
  EXPECT_FALSE(theoretical_occupancy({}, launch_of(256, 32, 0)));
  EXPECT_FALSE(theoretical_occupancy(kH200, {}));
  KernelLaunch launch = launch_of(256, 32, 0);
  launch.registers_per_thread.reset();
  EXPECT_FALSE(theoretical_occupancy(kH200, launch));
  launch = launch_of(0, 32, 0);
  EXPECT_FALSE(theoretical_occupancy(kH200, launch));
  EXPECT_FALSE(theoretical_occupancy(kH200, launch_of(4096, 32, 0))) << "no block is that large";
  EXPECT_FALSE(theoretical_occupancy(kH200, launch_of(256, 32, 300000))) << "nor has that much";
}

}  // namespace
}  // namespace trtprof
