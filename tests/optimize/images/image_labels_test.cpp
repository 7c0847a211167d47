#include "trtprof/optimize/images/image_labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trtprof {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::string problem(std::string_view text) {
  const auto labels = parse_image_labels(text, "labels.csv");
  return labels ? "" : labels.error().message;
}

TEST(ImageLabels, FilesAndClasses) {
  const auto labels = parse_image_labels(
      "\xEF\xBB\xBF"
      "file,label\r\na.jpg,3\r\n\"b, \"\"the\"\" second.png\",0\n\nsub/c,d.jpg,12",
      "labels.csv");
  ASSERT_TRUE(labels.has_value()) << labels.error().message;
  EXPECT_THAT(*labels, ElementsAre(Pair("a.jpg", 3), Pair("b, \"the\" second.png", 0), Pair("sub/c,d.jpg", 12)));
  EXPECT_TRUE(parse_image_labels("", "labels.csv")->empty());
}

TEST(ImageLabels, WhatIsWrongNamesItsLine) {
  EXPECT_THAT(problem("a.jpg,3\n"), HasSubstr("labels.csv begins with 'a.jpg,3' and not with 'file,label'"));
  for (const char* line : {"a.jpg", "a.jpg,", "a.jpg,-1", "a.jpg,1.5", "a.jpg,cat", ",3", "\"a.jpg,3", "\"a\"b,3",
                           "a.jpg,99999999999999999999"}) {
    EXPECT_THAT(problem("file,label\n" + std::string(line) + "\n"), HasSubstr("line 2 is '")) << line;
  }
  EXPECT_THAT(problem("file,label\na,1\na,1\n"), HasSubstr("line 3 names a file a second time"));
}

}  // namespace
}  // namespace trtprof
