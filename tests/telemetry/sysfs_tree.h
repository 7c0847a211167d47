// A made-up sys/ in a temporary folder.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "trtprof/base/file.h"

namespace trtprof::test {

class SysfsTree {
 public:
  SysfsTree() : folder_(TemporaryFolder::create("trtprof-sysfs")) { EXPECT_TRUE(folder_); }
  [[nodiscard]] const std::filesystem::path& root() const { return folder_->path(); }
  // `path` from sys/ on. In place, as the kernel changes its files: readers keep theirs open.
  void write(const std::string& path, const std::string& text) const {
    const auto file = root() / "sys" / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text << '\n';
  }
  void add_rapl(const std::string& zone, const std::string& name, std::int64_t microjoules,
                std::int64_t range = 262'143'328'850) const {
    const std::string folder = "class/powercap/" + zone;
    write(folder + "/name", name);
    write(folder + "/energy_uj", std::to_string(microjoules));
    write(folder + "/max_energy_range_uj", std::to_string(range));
  }

 private:
  Result<TemporaryFolder> folder_;
};

}  // namespace trtprof::test
