#include "trtprof/external/find_tool.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_tools.h"
#include "trtprof/base/file.h"

namespace trtprof::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class FindTool : public ::testing::Test {
 protected:
  fs::path program(const std::string& folder) {
    fs::create_directories(root() / folder);
    return write_script(root() / folder / "ncu", "exit 0");
  }
  fs::path root() const { return folder_->path(); }
  std::string path(const std::string& name) const { return (root() / name).string(); }
  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-find");
};

TEST_F(FindTool, PathComesFirstInItsOrder) {
  program("b");
  const fs::path wanted = program("a");
  program("opt/1");
  EXPECT_EQ(find_tool("ncu", path("none") + "::" + path("a") + ":" + path("b"), {path("opt/*")}), wanted);
}

TEST_F(FindTool, OfVersionsTheNewestIsTaken) {
  program("opt/2024.3.2");
  program("opt/2025.1.0");
  const fs::path newest = program("opt/2025.10.0");
  fs::create_directories(root() / "opt/2026.1.0");  // without the program
  EXPECT_EQ(find_tool("ncu", "", {path("nowhere/*"), path("opt/*")}), newest);
}

TEST_F(FindTool, WhatCannotBeRunIsNoTool) {
  fs::create_directories(root() / "a/ncu");  // a folder
  fs::create_directories(root() / "b");
  std::ofstream(root() / "b/ncu") << "text";
  EXPECT_EQ(find_tool("ncu", path("a") + ":" + path("b"), {}), std::nullopt);
}

TEST_F(FindTool, MissingToolsSayHowToGetThem) {
  const std::string before = std::getenv("PATH");
  setenv("PATH", path("none").c_str(), 1);
  const auto perf = find_perf();
  const auto nsys = find_nsight_systems();
  const auto ncu = find_nsight_compute();
  setenv("PATH", before.c_str(), 1);
  // Where a vendor's folder holds one, it is found without PATH.
  for (const auto* found : {&perf, &nsys, &ncu}) {
    if (*found) continue;
    EXPECT_EQ(found->error().code, ErrorCode::unavailable);
    EXPECT_THAT(found->error().message, HasSubstr("is not installed"));
    EXPECT_FALSE(found->error().hint.empty());
  }
}

}  // namespace
}  // namespace trtprof::test
