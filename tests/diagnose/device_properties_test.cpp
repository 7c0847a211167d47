#include "trtprof/diagnose/device_properties.h"

#include <gtest/gtest.h>

namespace trtprof {
namespace {

Environment with(const char* property, const char* text, DeviceKind kind = DeviceKind::gpu) {
  Environment environment;
  environment.device_kind = kind;
  environment.properties[property] = text;
  return environment;
}

TEST(DeviceProperties, ComputeCapabilityOfAGpu) {
  EXPECT_EQ(compute_capability(with("compute capability", "9.0")), 9.0);
  EXPECT_EQ(compute_capability(with("compute capability", "9.0", DeviceKind::cpu)), std::nullopt);
  EXPECT_EQ(compute_capability(with("compute capability", "9.0a")), std::nullopt);
  EXPECT_EQ(compute_capability(with("compute capability", "")), std::nullopt);
  EXPECT_EQ(compute_capability({}), std::nullopt);
}

TEST(DeviceProperties, Multiprocessors) {
  EXPECT_EQ(multiprocessors(with("multiprocessors", "132")), 132);
  EXPECT_EQ(multiprocessors(with("multiprocessors", "132 of 144")), std::nullopt);
  EXPECT_EQ(multiprocessors(with("multiprocessors", "0")), std::nullopt);
  EXPECT_EQ(multiprocessors(with("multiprocessors", "-4")), std::nullopt);
  EXPECT_EQ(multiprocessors({}), std::nullopt);
}

TEST(DeviceProperties, CacheInAnyUnit) {
  EXPECT_EQ(l2_bytes(with("L2 cache", "60.00 MiB")), 60.0 * 1024 * 1024);
  EXPECT_EQ(l2_bytes(with("L2 cache", "512 KiB")), 512.0 * 1024);
  EXPECT_EQ(l2_bytes(with("L2 cache", "60.00 MB")), std::nullopt);
  EXPECT_EQ(l2_bytes(with("L2 cache", "60.00")), std::nullopt);
  EXPECT_EQ(l2_bytes({}), std::nullopt);
}

}  // namespace
}  // namespace trtprof
