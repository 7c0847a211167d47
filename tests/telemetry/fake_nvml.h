// What the fake libnvidia-ml.so.1 shall do while an object of this lives, and what it was asked to.
#pragma once

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "test_paths.h"
#include "trtprof/base/file.h"

namespace trtprof::test {

class FakeNvml {
 public:
  // `settings`: see support/fake_nvml/fake_nvml.cpp; they hold from the next nvmlInit_v2 on.
  explicit FakeNvml(const std::string& settings = "") : folder_(TemporaryFolder::create("trtprof-fake-nvml")) {
    EXPECT_TRUE(folder_);
    setenv("TRTPROF_NVML_LIBRARY", kFakeNvml, 1);
    setenv("TRTPROF_FAKE_NVML", settings.c_str(), 1);
    setenv("TRTPROF_FAKE_NVML_RECORD", record().c_str(), 1);
  }
  FakeNvml(const FakeNvml&) = delete;
  FakeNvml& operator=(const FakeNvml&) = delete;
  ~FakeNvml() {
    for (const char* name : {"TRTPROF_NVML_LIBRARY", "TRTPROF_FAKE_NVML", "TRTPROF_FAKE_NVML_RECORD"}) unsetenv(name);
  }

  [[nodiscard]] std::string record() const { return (folder_->path() / "calls").string(); }
  // In order: what was initialised, shut down and changed.
  [[nodiscard]] std::vector<std::string> calls() const {
    std::vector<std::string> lines;
    std::ifstream file(record());
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

 private:
  Result<TemporaryFolder> folder_;
};

}  // namespace trtprof::test
