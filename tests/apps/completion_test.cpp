// The scripts are run by the shells they are for.
#include "completion.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "options.h"
#include "support/run_program.h"
#include "trtprof/base/file.h"

namespace trtprof::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// What bash offers for this line, its last word being completed.
std::string offered_by_bash(const std::vector<std::string>& words) {
  const std::string script = completion_script("bash");
  std::string line = script + "COMP_WORDS=(";
  for (const std::string& word : words) line += "'" + word + "' ";
  line += ")\nCOMP_CWORD=" + std::to_string(words.size() - 1) +
          "\n_tensorrt_profiling\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
  const auto result = test::run_program({"bash", "-c", line});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  return "\n" + result.out;
}

TEST(Completion, BashOffersTheOptionsOfTheCommand) {
  for (const Command& command : commands()) {
    const std::string offered = offered_by_bash({"tensorrt_profiling", std::string{command.name}, "--"});
    for (const Option& option : options()) {
      const auto line = HasSubstr("\n" + std::string{option.name} + "\n");
      if (takes(option, command.name))
        EXPECT_THAT(offered, line) << command.name;
      else
        EXPECT_THAT(offered, Not(line)) << command.name;
    }
  }
}

TEST(Completion, BashOffersValuesOperandsAndCommands) {
  EXPECT_EQ(offered_by_bash({"tensorrt_profiling", "m.onnx", "--sort", "t"}), "\ntime\ntype\n");
  EXPECT_THAT(offered_by_bash({"tensorrt_profiling", "sample", "mobilenetv"}), HasSubstr("\nmobilenetv2\n"));
  EXPECT_THAT(offered_by_bash({"tensorrt_profiling", "prof"}), HasSubstr("\nprofile\n"));
}

TEST(Completion, ZshAcceptsTheScript) {
  auto folder = TemporaryFolder::create("trtprof-completion");
  ASSERT_TRUE(folder);
  const std::string path = (folder->path() / "_tensorrt_profiling").string();
  std::ofstream(path) << completion_script("zsh");
  const auto result =
      test::run_program({"zsh", "-f", "-c", "autoload -Uz compinit && compinit -u -D && source " + path});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
}

TEST(ManPage, IsSoundAndHoldsEveryOption) {
  const auto page = test::run_tensorrt_profiling({"man"});
  ASSERT_EQ(page.exit_code, 0) << page.err;
  auto folder = TemporaryFolder::create("trtprof-man");
  ASSERT_TRUE(folder);
  const std::string path = (folder->path() / "tensorrt_profiling.1").string();
  std::ofstream(path) << page.out;
  const auto rendered = test::run_program({"groff", "-man", "-ww", "-Tutf8", "-P-bcou", path});
  ASSERT_EQ(rendered.exit_code, 0) << rendered.err;
  EXPECT_EQ(rendered.err, "");  // -ww: every warning
  for (const Option& option : options()) EXPECT_THAT(rendered.out, HasSubstr(std::string{option.name}));
}

}  // namespace
}  // namespace trtprof::cli
