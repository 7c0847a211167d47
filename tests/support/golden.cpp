#include "support/golden.h"

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "test_paths.h"
#include "trtprof/base/file.h"

namespace trtprof::test {
namespace {

std::filesystem::path path_of(const std::string& name) {
  return std::filesystem::path(kDataDir) / name;
}

}  // namespace

std::string test_data(const std::string& name) {
  const Result<std::string> text = read_file(path_of(name));
  if (!text) {
    ADD_FAILURE() << text.error().message;
    return {};
  }
  return *text;
}

void expect_golden(const std::string& name, std::string_view actual) {
  if (std::getenv("TRTPROF_UPDATE_GOLDEN") != nullptr) {
    const Status written = write_file(path_of(name), actual);
    ADD_FAILURE() << (written ? "wrote " + name + "; look at the difference and run again" : written.error().message);
    return;
  }
  EXPECT_EQ(test_data(name), actual);
}

}  // namespace trtprof::test
