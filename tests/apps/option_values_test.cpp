#include "option_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trtprof::cli {
namespace {

TEST(OptionValues, SizesTakeBothKindsOfUnits) {
  EXPECT_EQ(parse_bytes("4096"), 4096U);
  EXPECT_EQ(parse_bytes("1KiB"), 1024U);
  EXPECT_EQ(parse_bytes("512MiB"), std::uint64_t{512} << 20U);
  EXPECT_EQ(parse_bytes("4GiB"), std::uint64_t{4} << 30U);
  EXPECT_EQ(parse_bytes("2TiB"), std::uint64_t{2} << 40U);
  EXPECT_EQ(parse_bytes("1.5GB"), 1500000000U);
  EXPECT_EQ(parse_bytes("3kB"), 3000U);
}

TEST(OptionValues, WhatIsNoSizeIsRefused) {
  for (const char* text : {"", "0", "-4GiB", "GiB", "four", "0.5", "16EiB", "9223372036854775808", "1 GiB "}) {
    const auto bytes = parse_bytes(text);
    ASSERT_FALSE(bytes) << text;
    EXPECT_EQ(bytes.error().code, ErrorCode::usage);
  }
}

TEST(OptionValues, TimesTakeSecondsMinutesAndHours) {
  EXPECT_EQ(parse_seconds("90"), 90.0);
  EXPECT_EQ(parse_seconds("0.5s"), 0.5);
  EXPECT_EQ(parse_seconds("10m"), 600.0);
  EXPECT_EQ(parse_seconds("1.5h"), 5400.0);
  for (const char* text : {"", "s", "0", "-1m", "10 minutes", "1d"}) {
    const auto seconds = parse_seconds(text);
    ASSERT_FALSE(seconds) << text;
    EXPECT_EQ(seconds.error().code, ErrorCode::usage);
  }
}

TEST(OptionValues, AShapeIsGivenOnceForAnInput) {
  ShapeRequest request;
  EXPECT_TRUE(add_shape_option(request, "x:1x3"));
  EXPECT_TRUE(add_shape_option(request, "y:2"));
  EXPECT_FALSE(add_shape_option(request, "x:4"));
  EXPECT_FALSE(add_shape_option(request, "x:a"));
  EXPECT_EQ(request.by_input.at("x"), (std::vector<std::int64_t>{1, 3}));
}

}  // namespace
}  // namespace trtprof::cli
