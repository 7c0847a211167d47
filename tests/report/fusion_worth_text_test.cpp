#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fusion_worth_fixture.h"
#include "support/golden.h"
#include "trtprof/base/text.h"
#include "trtprof/report/fusion_worth.h"

namespace trtprof::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string text_of(const FusionWorthReport& report, const FusionWorthTextOptions& options = {}) {
  std::ostringstream out;
  write_fusion_worth_text(out, report, options);
  return out.str();
}

TEST(FusionWorthText, IsAsDrawn) {
  expect_golden("report/fusion_worth.txt", text_of(full_fusion_worth()));
}

TEST(FusionWorthText, LinesFitTheTerminal) {
  std::istringstream lines(text_of(full_fusion_worth()));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), 110U) << line;
}

TEST(FusionWorthText, QuietIsTheTableAlone) {
  const std::string text = text_of(full_fusion_worth(), {.quiet = true});
  EXPECT_THAT(text, HasSubstr("Conv + BatchNormalization"));
  EXPECT_THAT(text, Not(HasSubstr("Warnings")));
  EXPECT_EQ(std::ranges::count(text, '\n'), 1 + 5);
}

TEST(FusionWorthText, NamesOfAModelCannotDriveTheTerminal) {
  FusionWorthReport report = full_fusion_worth();
  report.kinds.front().instances.front().pair.tail = {"evil\x1b[31m"};
  EXPECT_THAT(text_of(report), Not(HasSubstr("\x1b")));
}

TEST(FusionWorthText, AModelWithoutPairsSaysSo) {
  const std::string text = text_of(bare_fusion_worth());
  EXPECT_THAT(text, HasSubstr("PARTIAL: interrupted"));
  EXPECT_THAT(text, HasSubstr("The model has no nodes that an engine is known to fuse."));
}

TEST(FusionWorthText, TheGuidesFiguresBelongToThreePatterns) {
  EXPECT_EQ(guides_figure(FusionPairKind::conv_bn), 0.30);
  EXPECT_EQ(guides_figure(FusionPairKind::conv_activation), 0.20);
  EXPECT_EQ(guides_figure(FusionPairKind::depthwise_pointwise), 0.15);
  EXPECT_EQ(guides_figure(FusionPairKind::conv_add), std::nullopt);
}

}  // namespace
}  // namespace trtprof::test
