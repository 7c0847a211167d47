#include "trtprof/optimize/precision/name_pattern.h"

#include <gtest/gtest.h>

namespace trtprof::precision {
namespace {

TEST(NamePattern, StarsAndQuestionMarks) {
  EXPECT_TRUE(matches_pattern("layer1/conv", "layer1/conv"));
  EXPECT_TRUE(matches_pattern("layer1/conv", "layer?/conv"));
  EXPECT_TRUE(matches_pattern("layer12/conv", "layer*/conv"));
  EXPECT_TRUE(matches_pattern("a/b/norm/c", "*norm*"));
  EXPECT_TRUE(matches_pattern("", "*"));
  EXPECT_TRUE(matches_pattern("", ""));
  EXPECT_TRUE(matches_pattern("abcabd", "*abd"));
  EXPECT_FALSE(matches_pattern("layer1/conv", "layer1"));
  EXPECT_FALSE(matches_pattern("layer1/conv", "conv"));
  EXPECT_FALSE(matches_pattern("layer12/conv", "layer?/conv"));
  EXPECT_FALSE(matches_pattern("", "?"));
  EXPECT_FALSE(matches_pattern("abc", ""));
}

TEST(NamePattern, NothingElseIsSpecial) {
  EXPECT_TRUE(matches_pattern("a.b[0]", "a.b[0]"));
  EXPECT_FALSE(matches_pattern("axb[0]", "a.b[0]"));
}

}  // namespace
}  // namespace trtprof::precision
