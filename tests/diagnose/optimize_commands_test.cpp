// What findings tell the user to run is there: each pass that they name.
#include <filesystem>
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/diagnose/rules/command_line.h"
#include "trtprof/optimize/pass_table.h"

namespace trtprof {
namespace {

ModelInfo model(const std::string& path, const std::string& format) {
  ModelInfo info;
  info.path = path;
  info.format = format;
  return info;
}

TEST(OptimizeCommands, NameTheModelWhereItIsOne) {
  EXPECT_EQ(rules::optimize_line(model("a b.onnx", "onnx"), "dead-code"),
            "tensorrt_profiling optimize 'a b.onnx' -o optimized.onnx --passes dead-code");
  EXPECT_EQ(rules::optimize_line(model("m.engine", "tensorrt-engine"), "dead-code"),
            "tensorrt_profiling optimize MODEL -o optimized.onnx --passes dead-code");
}

// The rules are below the passes and name them in words.
TEST(OptimizeCommands, PassesThatRulesNameExist) {
  const std::regex call("optimize_line\\([^\")]*\"([^\"]+)\"");
  int names = 0;
  const std::string folder = std::string(test::kSourceDir) + "/src/trtprof/diagnose/rules";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string text = read_file(entry.path()).value();
    for (std::sregex_iterator found(text.begin(), text.end(), call), end; found != end; ++found) {
      std::string list = (*found)[1].str() + ',';
      for (std::size_t comma = list.find(','); comma != std::string::npos; comma = list.find(',')) {
        EXPECT_NE(find_pass(list.substr(0, comma)), nullptr) << entry.path() << ": " << list.substr(0, comma);
        list.erase(0, comma + 1);
        ++names;
      }
    }
  }
  EXPECT_GE(names, 7);
}

}  // namespace
}  // namespace trtprof
