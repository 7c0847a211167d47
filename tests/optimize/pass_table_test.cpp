// The table of passes and docs/optimize.md are the same list.
#include "trtprof/optimize/pass_table.h"

#include <regex>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_paths.h"
#include "trtprof/base/file.h"

namespace trtprof {
namespace {

TEST(PassTable, EachPassSaysWhatItIs) {
  std::set<std::string_view> names;
  for (const Pass* pass : all_passes()) {
    EXPECT_TRUE(names.insert(pass->name()).second) << pass->name() << " is there twice";
    EXPECT_TRUE(std::regex_match(std::string(pass->name()), std::regex("[a-z0-9]+(-[a-z0-9]+)*"))) << pass->name();
    EXPECT_FALSE(pass->description().empty()) << pass->name();
    EXPECT_FALSE(pass->description().ends_with('.')) << pass->name();
    EXPECT_EQ(find_pass(pass->name()), pass);
  }
  EXPECT_EQ(find_pass("nothing"), nullptr);
}

TEST(PassTable, ThePageListsThePassesInOrder) {
  const std::string page = read_file(std::string(test::kSourceDir) + "/docs/optimize.md").value();
  const std::regex row("\\n\\| `([a-z0-9-]+)` \\| ([123]) \\| ([^|]+) \\|");
  std::vector<std::string> listed;
  for (std::sregex_iterator found(page.begin(), page.end(), row), end; found != end; ++found) {
    listed.push_back((*found)[1].str() + " " + (*found)[2].str() + " " + (*found)[3].str());
  }
  std::vector<std::string> expected;
  for (const Pass* pass : all_passes()) {
    expected.push_back(std::string(pass->name()) + " " + std::to_string(static_cast<int>(pass->level())) + " " +
                       std::string(pass->description()));
  }
  EXPECT_EQ(listed, expected);
}

}  // namespace
}  // namespace trtprof
