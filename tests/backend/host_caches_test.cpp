#include "trtprof/backend/host_caches.h"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>

#include "trtprof/base/file.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;
constexpr std::uint64_t kGiB = 1024 * kMiB;

class HostCachesTest : public testing::Test {
 protected:
  void cache(int cpu, int index, int level, const char* type, const char* size, const char* shared) {
    const fs::path folder =
        root() / "sys/devices/system/cpu" / ("cpu" + std::to_string(cpu)) / "cache" / ("index" + std::to_string(index));
    write(folder / "level", std::to_string(level));
    write(folder / "type", type);
    write(folder / "size", size);
    write(folder / "shared_cpu_list", shared);
  }
  static void write(const fs::path& file, const std::string& text) {
    fs::create_directories(file.parent_path());
    ASSERT_TRUE(write_file(file, text + "\n"));
  }
  [[nodiscard]] fs::path root() const { return folder_->path(); }

 private:
  Result<TemporaryFolder> folder_ = TemporaryFolder::create("host_caches");
};

TEST_F(HostCachesTest, EveryInstanceCountsOnce) {
  for (int cpu = 0; cpu < 4; ++cpu) {
    const std::string own = std::to_string(cpu);
    cache(cpu, 0, 1, "Data", "48K", own.c_str());
    cache(cpu, 1, 1, "Instruction", "32K", own.c_str());
    cache(cpu, 2, 2, "Unified", "2048K", own.c_str());
    cache(cpu, 3, 3, "Unified", "32768K", cpu < 2 ? "0-1" : "2-3");
  }
  write(root() / "sys/devices/system/cpu/cpufreq/level", "9");
  const auto caches = read_host_caches(root());
  ASSERT_TRUE(caches);
  EXPECT_EQ(caches->last_level, 3);
  EXPECT_EQ(caches->last_bytes, 64 * kMiB);
  EXPECT_EQ(caches->inner_bytes, 8 * kMiB);
}

TEST_F(HostCachesTest, SystemsThatDoNotTell) {
  EXPECT_FALSE(read_host_caches(root()));
  EXPECT_FALSE(available_memory(root()));
}

TEST_F(HostCachesTest, FreeMemoryIsTheLesserOfMachineAndControlGroup) {
  write(root() / "proc/meminfo", "MemTotal:       32000 kB\nMemAvailable:   2000 kB\nHugePages_Total:       0");
  EXPECT_EQ(available_memory(root()), 2000 * kKiB);
  write(root() / "sys/fs/cgroup/memory.max", "max");
  write(root() / "sys/fs/cgroup/memory.current", "4096");
  EXPECT_EQ(available_memory(root()), 2000 * kKiB);
  write(root() / "sys/fs/cgroup/memory.max", "12288");
  EXPECT_EQ(available_memory(root()), 8192u);
}

TEST(CopyArrays, AreFourTimesTheLastCache) {
  const HostCaches caches = {480 * kMiB, 3, 4 * kMiB};
  EXPECT_EQ(*copy_array_bytes(caches, 64 * kGiB), 4 * 480 * kMiB);
  EXPECT_EQ(*copy_array_bytes(caches, std::nullopt), 4 * 480 * kMiB);
  EXPECT_EQ(*copy_array_bytes(HostCaches{8 * kMiB, 3, kMiB}, 64 * kGiB), 256 * kMiB);
  EXPECT_EQ(*copy_array_bytes(std::nullopt, 64 * kGiB), 256 * kMiB);
}

TEST(CopyArrays, LeaveMemoryToOthersAndRefuseWhatACacheCouldHold) {
  const HostCaches caches = {480 * kMiB, 3, 4 * kMiB};
  EXPECT_EQ(*copy_array_bytes(caches, 4 * kGiB), kGiB);
  const auto refused = copy_array_bytes(caches, 2 * kGiB);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("two arrays much larger than the caches (503 MB)"));
}

TEST(CacheArrays, AreBeyondTheInnerCachesAndWithinTheLast) {
  EXPECT_EQ(*cache_array_bytes(HostCaches{480 * kMiB, 3, 4 * kMiB}), 16 * kMiB);
  EXPECT_EQ(*cache_array_bytes(HostCaches{32 * kMiB, 3, 8 * kMiB}), 16 * kMiB);
  const auto alike = cache_array_bytes(HostCaches{22 * kMiB, 3, 16 * kMiB});
  ASSERT_FALSE(alike);
  EXPECT_THAT(alike.error().message, HasSubstr("too little larger"));
  EXPECT_FALSE(cache_array_bytes(std::nullopt));
}

}  // namespace
}  // namespace trtprof
