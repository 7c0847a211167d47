#include "trtprof/backend/gpu_buffers.h"

#include <gmock/gmock.h>

namespace trtprof {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

TEST(GpuBuffers, CopiesAreBeyondTheL2Cache) {
  EXPECT_EQ(*device_copy_bytes(60 * kMiB, 139 * kGiB), kGiB);
  EXPECT_EQ(*device_copy_bytes(126 * kMiB, 170 * kGiB), 16 * 126 * kMiB);
  EXPECT_EQ(*device_copy_bytes(4 * kMiB, 2 * kGiB), kGiB / 2);
  const auto full = device_copy_bytes(60 * kMiB, 500 * kMiB);
  ASSERT_FALSE(full);
  EXPECT_THAT(full.error().message, HasSubstr("L2 cache (62.9 MB), and 524 MB of its memory are free"));
}

TEST(GpuBuffers, L2ReadsStayInOneHalfOfTheCache) {
  EXPECT_EQ(l2_read_bytes(60 * kMiB), 15 * kMiB);
  EXPECT_EQ(l2_read_bytes(4 * kMiB), kMiB);
  EXPECT_EQ(l2_read_bytes(0), 0u);
}

}  // namespace
}  // namespace trtprof
