#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trtprof/backend/module.h"
#include "trtprof/base/build_info.h"

namespace trtprof {
namespace {

TEST(AbiStamp, NamesVersionBuildCompilerAndStandardLibrary) {
  const std::string stamp = abi_stamp();
  EXPECT_THAT(stamp, ::testing::HasSubstr(kVersion));
  EXPECT_THAT(stamp, ::testing::HasSubstr(kBuildId));
  EXPECT_THAT(stamp, ::testing::ContainsRegex("gcc|clang"));
  EXPECT_THAT(stamp, ::testing::ContainsRegex("libstdc\\+\\+|libc\\+\\+"));
}

TEST(AbiStamp, IsTheSameEveryTime) {
  EXPECT_EQ(abi_stamp(), abi_stamp());
}

}  // namespace
}  // namespace trtprof
