#include "trtprof/backend/host_bandwidth.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <vector>

#include <gtest/gtest.h>

namespace trtprof {
namespace {

TEST(ThreadTeam, EveryThreadWorksOnceARun) {
  ThreadTeam team(3);
  ASSERT_EQ(team.size(), 3u);
  std::array<std::atomic<int>, 3> runs{};
  for (int i = 0; i < 50; ++i) EXPECT_GE(team.run([&](std::size_t thread) { ++runs.at(thread); }), 0.0);
  for (const auto& each : runs) EXPECT_EQ(each, 50);
  EXPECT_EQ(ThreadTeam(0).size(), 1u);
}

TEST(HostArrays, PartsMakeTheWholeArray) {
  ThreadTeam team(3);
  const auto array = HostArray::make(100'000, team);
  ASSERT_TRUE(array);
  EXPECT_EQ(array->bytes(), 102'400u);  // whole pages
  std::uint64_t words = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto part = array->part(i, 3);
    EXPECT_TRUE(std::ranges::all_of(part, [&](std::uint64_t word) { return word == i + 1; }));
    words += part.size();
  }
  EXPECT_EQ(words * sizeof(std::uint64_t), array->bytes());
}

TEST(HostArrays, CopiesAreWhole) {
  ThreadTeam team(2);
  const auto from = HostArray::make(1 << 20, team);
  const auto to = HostArray::make(1 << 20, team);
  ASSERT_TRUE(from && to);
  std::uint64_t value = 7;
  for (std::uint64_t& word : from->part(0, 1)) word = value++;
  EXPECT_GT(copy_seconds(team, *from, *to), 0.0);
  EXPECT_TRUE(std::ranges::equal(from->part(0, 1), to->part(0, 1)));
}

// Reads that the compiler had left out would take no longer when there are more of them.
TEST(HostArrays, ReadsTakeTimeForEachRound) {
  ThreadTeam team(1);
  const auto array = HostArray::make(8 << 20, team);
  ASSERT_TRUE(array);
  const auto fastest = [&](std::size_t rounds) {
    double best = 1e9;
    for (int i = 0; i < 5; ++i) best = std::min(best, read_seconds(team, *array, rounds));
    return best;
  };
  const double once = fastest(1);
  EXPECT_GT(fastest(16), 6.0 * once);
}

}  // namespace
}  // namespace trtprof
