#include "trtprof/base/format.h"

#include <limits>

#include <gtest/gtest.h>

namespace trtprof {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(Format, Milliseconds) {
  EXPECT_EQ(format_milliseconds(2.1234e-3), "2.1234");
  EXPECT_EQ(format_milliseconds(0.0), "0.0000");
  EXPECT_EQ(format_milliseconds(99.999), "99999.0000");
  EXPECT_EQ(format_milliseconds(1.23456e-3, 2), "1.23");
  EXPECT_EQ(format_milliseconds(0.0149996, 0), "15");
}

TEST(Format, DurationsTakeTheUnitThatSuitsThem) {
  EXPECT_EQ(format_duration(1.82e-3), "1.82 ms");
  EXPECT_EQ(format_duration(31.4e-6), "31.4 us");
  EXPECT_EQ(format_duration(2.05), "2.05 s");
  EXPECT_EQ(format_duration(0.24), "240 ms");
  EXPECT_EQ(format_duration(5e-9), "5.00 ns");
  EXPECT_EQ(format_duration(0.0), "0 s");
  EXPECT_EQ(format_duration(3600.0), "3600 s");
}

TEST(Format, DurationsRoundIntoTheNextUnit) {
  EXPECT_EQ(format_duration(999.4e-6), "999 us");
  EXPECT_EQ(format_duration(999.6e-6), "1.00 ms");
  EXPECT_EQ(format_duration(0.9996), "1.00 s");
  EXPECT_EQ(format_duration(9.996e-3), "10.0 ms");
  EXPECT_EQ(format_duration(99.96e-3), "100 ms");
}

TEST(Format, Percent) {
  EXPECT_EQ(format_percent(0.155), "15.50%");
  EXPECT_EQ(format_percent(1.0), "100.00%");
  EXPECT_EQ(format_percent(0.0), "0.00%");
  EXPECT_EQ(format_percent(-0.25, 1), "-25.0%");
}

TEST(Format, BytesByPowersOf1000) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(999), "999 B");
  EXPECT_EQ(format_bytes(1000), "1.00 kB");
  EXPECT_EQ(format_bytes(14'215'680), "14.2 MB");
  EXPECT_EQ(format_bytes(999'600'000), "1.00 GB");
  EXPECT_EQ(format_bytes(540'135'223'296), "540 GB");
  EXPECT_EQ(format_bytes(std::numeric_limits<std::uint64_t>::max()), "18447 PB");
}

TEST(Format, Counts) {
  EXPECT_EQ(format_count(300.8e6), "300.8 M");
  EXPECT_EQ(format_count(4.09e9), "4.09 G");
  EXPECT_EQ(format_count(12), "12");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(0.5), "0.50");
  EXPECT_EQ(format_count(999'960.0), "1.00 M");
}

TEST(Format, Shapes) {
  EXPECT_EQ(format_shape({1, 3, 224, 224}), "1x3x224x224");
  EXPECT_EQ(format_shape({2, -1}), "2x?");
  EXPECT_EQ(format_shape({}), "scalar");
  EXPECT_EQ(format_shape({0}), "0");
}

TEST(Format, WhatIsNotFiniteIsADash) {
  EXPECT_EQ(format_milliseconds(kNan), "-");
  EXPECT_EQ(format_duration(kInfinity), "-");
  EXPECT_EQ(format_percent(kNan), "-");
  EXPECT_EQ(format_count(-kInfinity), "-");
}

TEST(Format, ClockPowerAndEnergy) {
  EXPECT_EQ(format_clock(1755e6), "1755 MHz");
  EXPECT_EQ(format_clock(3.1e9), "3100 MHz");
  EXPECT_EQ(format_power(412.4), "412 W");
  EXPECT_EQ(format_power(3.5), "3.50 W");
  EXPECT_EQ(format_power(0.25), "250 mW");
  EXPECT_EQ(format_power(0.0), "0 W");
  EXPECT_EQ(format_energy(0.0842), "84.2 mJ");
  EXPECT_EQ(format_energy(4e-6), "4.00 uJ");
  EXPECT_EQ(format_energy(1250.0), "1.25 kJ");
  EXPECT_EQ(format_energy(0.0), "0 J");
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(format_clock(nan), "-");
  EXPECT_EQ(format_power(nan), "-");
  EXPECT_EQ(format_energy(nan), "-");
}

}  // namespace
}  // namespace trtprof
