#include "trtprof/report/device_table.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/profile_fixture.h"

namespace trtprof {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Profile taking(const std::string& name, double seconds) {
  Profile profile = test::gpu_profile();
  profile.environment.device_name = name;
  profile.end_to_end->total = test::series_of({seconds, seconds, seconds});
  profile.end_to_end->compute = test::series_of({seconds / 2, seconds / 2});
  return profile;
}

std::string table_of(const std::vector<DeviceProfile>& profiles) {
  std::ostringstream out;
  write_device_table(out, profiles);
  return out.str();
}

TEST(DeviceTable, ComparesEachWithTheFastest) {
  EXPECT_EQ(table_of({{"cuda:0", taking("NVIDIA H200", 2e-3)}, {"cuda:1", taking("NVIDIA L4", 5e-3)}}), R"(
Devices:
  Device   Name                              Median (ms)   p99 (ms)   GPU compute (ms)   To fastest
  cuda:0   NVIDIA H200                            2.0000     2.0000             1.0000       1.000x
  cuda:1   NVIDIA L4                              5.0000     5.0000             2.5000       2.500x
)");
}

TEST(DeviceTable, WhatWasNotMeasuredIsNoNumber) {
  Profile partial = taking("a\x1b[2J", 1e-3);
  partial.partial = true;
  partial.end_to_end->compute.reset();
  Profile nothing = test::bare_profile();
  nothing.environment.device_kind = DeviceKind::gpu;
  const std::string text = table_of({{"cuda:0", partial}, {"cuda:1", nothing}});
  EXPECT_THAT(text, HasSubstr("1.0000                  -       1.000x  PARTIAL\n"));
  EXPECT_THAT(text, HasSubstr("          -          -                  -            -\n"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace trtprof
