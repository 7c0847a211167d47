#include "trtprof/external/tool_output.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trtprof {
namespace {

using ::testing::ElementsAre;

TEST(ToolOutput, MakesLinesOfChunks) {
  std::vector<std::string> said;
  ToolOutput output([&](std::string_view line) { said.emplace_back(line); });
  for (const char* chunk : {"==PRO", "F== a\r\nb", "\n\n\"1\",\"row\"\nlast"}) output.add(chunk);
  output.finish();
  EXPECT_THAT(said, ElementsAre("==PROF== a", "b", "last"));
  EXPECT_EQ(output.text(), "==PROF== a\nb\n\nlast\n");
}

TEST(ToolOutput, KeepsALimitedAmount) {
  ToolOutput output({});
  const std::string line(10'000, 'x');
  for (int i = 0; i < 1000; ++i) output.add(line + "\n");
  EXPECT_LT(output.text().size(), std::size_t{2} << 20);
}

TEST(ToolOutput, TheProgramsOwnErrorTellsMoreThanTheTools) {
  EXPECT_EQ(telling_line("==ERROR== The application returned an error code (4).\nerror: no GPU\nhint: buy one\n"),
            "no GPU");
  EXPECT_EQ(telling_line("==PROF== x\n==ERROR== Failed to connect.\n==ERROR== more\n"), "Failed to connect.");
  EXPECT_EQ(telling_line("Error:\nError: access\n"), "access");
  EXPECT_EQ(telling_line("nothing\n"), "");
}

TEST(ToolOutput, WordsAreWholeNames) {
  EXPECT_TRUE(has_word("metric 'sm__a.sum' not found", "sm__a.sum"));
  EXPECT_TRUE(has_word("no sm__a.", "sm__a"));
  EXPECT_FALSE(has_word("no sm__a.sum", "sm__a"));
  EXPECT_FALSE(has_word("no sm__ab", "sm__a"));
  EXPECT_FALSE(has_word("no xsm__a", "sm__a"));
}

}  // namespace
}  // namespace trtprof
