#include "trtprof/import/csv_lines.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trtprof {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

std::vector<std::string> lines_of(const std::string& text, std::size_t longest = 1000) {
  std::istringstream in(text);
  LineReader reader(in, longest);
  std::vector<std::string> lines;
  for (std::string line; reader.next(line);) lines.push_back(line);
  return lines;
}

TEST(LineReader, TakesEveryLineEndAndTheMarkOfUtf8) {
  EXPECT_THAT(lines_of("\xef\xbb\xbf\"ID\"\r\n\n1\nlast"), ElementsAre("\"ID\"", "", "1", "last"));
  EXPECT_THAT(lines_of(""), ElementsAre());
}

TEST(LineReader, KeepsNoMoreOfALineThanItsLimit) {
  EXPECT_THAT(lines_of(std::string(5000, 'x') + "\nshort", 10), ElementsAre("xxxxxxxxxx", "short"));
}

TEST(LineReader, KnowsALineWithoutEnd) {
  std::istringstream in("a\nb");
  LineReader reader(in);
  std::string line;
  EXPECT_TRUE(reader.next(line));
  EXPECT_FALSE(reader.unfinished());
  EXPECT_TRUE(reader.next(line));
  EXPECT_TRUE(reader.unfinished());
}

TEST(CsvFields, FollowRfc4180) {
  EXPECT_THAT(csv_fields(R"(a,"b, c","say ""x""",,"")"), Optional(ElementsAre("a", "b, c", "say \"x\"", "", "")));
  EXPECT_THAT(csv_fields("\"two\nlines\",1"), Optional(ElementsAre("two\nlines", "1")));
  EXPECT_EQ(csv_fields("\"open,1"), std::nullopt);
}

}  // namespace
}  // namespace trtprof
