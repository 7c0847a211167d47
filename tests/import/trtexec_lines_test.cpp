#include "trtprof/import/trtexec_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trtprof::test {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

TEST(TrtexecLine, IsWhatItsLoggerWrote) {
  const auto line = trtexec_line("[11/22/2026-16:04:20] [I] TensorRT version: 10.6.0");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->severity, 'I');
  EXPECT_EQ(line->text, "TensorRT version: 10.6.0");
  EXPECT_EQ(trtexec_line("[W] * GPU compute time is unstable")->severity, 'W');
  EXPECT_FALSE(trtexec_line("hello"));
  EXPECT_FALSE(trtexec_line("the text [I] within a sentence"));
}

TEST(KeyAndValue, SplitsAtTheFirstColon) {
  EXPECT_EQ(key_and_value("Selected Device: NVIDIA: H200"),
            (std::pair<std::string_view, std::string_view>("Selected Device", "NVIDIA: H200")));
  EXPECT_FALSE(key_and_value("Plugins:"));
  EXPECT_FALSE(key_and_value("Plugins: "));
  EXPECT_FALSE(key_and_value(": x"));
}

TEST(VersionText, TakesNumbersApart) {
  EXPECT_EQ(version_text("100600"), "10.6.0");
  EXPECT_EQ(version_text("110104"), "11.1.4");
  EXPECT_EQ(version_text("8205"), "8.2.5");
  EXPECT_EQ(version_text("8001"), "8.0.1");
  EXPECT_EQ(version_text("10.6.0"), "10.6.0");
  EXPECT_EQ(version_text(""), "");
}

TEST(TrtexecSummaryLine, IsInSeconds) {
  const auto read = trtexec_summary(
      "min = 1 ms, max = 9 ms, mean = 3 ms, median = 2 ms, percentile(90%) = 6 ms, percentile(95%) = 7 ms, "
      "percentile(99%) = 8 ms",
      10);
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->bounded);
  EXPECT_THAT(read->summary.min, DoubleNear(1e-3, 1e-12));
  EXPECT_THAT(read->summary.p90, DoubleNear(6e-3, 1e-12));
  EXPECT_THAT(read->summary.p95, DoubleNear(7e-3, 1e-12));
  EXPECT_THAT(read->summary.p99, DoubleNear(8e-3, 1e-12));
  EXPECT_EQ(read->summary.count, 10U);
  EXPECT_FALSE(read->summary.stddev);
}

// Up to 8.4 one percentile, and any with --percentile.
TEST(TrtexecSummaryLine, BoundsPercentilesThatAreNotPrinted) {
  const auto read = trtexec_summary("min = 1 ms, max = 9 ms, mean = 3 ms, median = 2 ms, percentile(95%) = 7 ms", 10);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->bounded);
  EXPECT_THAT(read->summary.p90, DoubleNear(7e-3, 1e-12));
  EXPECT_THAT(read->summary.p99, DoubleNear(9e-3, 1e-12));
}

TEST(TrtexecSummaryLine, IsNothingWithoutTimes) {
  EXPECT_FALSE(trtexec_summary("min = 1 ms, max = 9 ms", 10));
  EXPECT_FALSE(trtexec_summary("min = -nan ms, max = 9 ms, mean = 3 ms, median = 2 ms", 10));
  EXPECT_FALSE(trtexec_summary("min = -1 ms, max = 9 ms, mean = 3 ms, median = 2 ms", 10));
  EXPECT_FALSE(trtexec_summary("", 10));
}

TEST(TrtexecBindingLine, TellsNameAndShape) {
  const auto input = trtexec_binding("Input binding for my input with dimensions 64x3x224x224 is created.");
  ASSERT_TRUE(input);
  EXPECT_TRUE(input->input);
  EXPECT_EQ(input->tensor.name, "my input");
  EXPECT_THAT(input->tensor.shape, ElementsAre(64, 3, 224, 224));
  const auto old = trtexec_binding("Created output binding for y with dimensions 1x1000");  // 8.x
  ASSERT_TRUE(old);
  EXPECT_FALSE(old->input);
  EXPECT_THAT(old->tensor.shape, ElementsAre(1, 1000));
  EXPECT_FALSE(trtexec_binding("Input binding for x with dimensions -1x3 is created."));
  EXPECT_FALSE(trtexec_binding("Input binding for x is created."));
  EXPECT_FALSE(trtexec_binding("Using random values for input x with dimensions 1"));
}

TEST(TrtexecTableRow, HasItsNameAtEitherEnd) {
  const auto now = trtexec_row("      26.55       0.0051       0.0050       1.7   conv 1 + relu 2", false, true);
  ASSERT_TRUE(now);
  EXPECT_EQ(now->name, "conv 1 + relu 2");
  EXPECT_DOUBLE_EQ(*now->average, 0.0051);
  EXPECT_DOUBLE_EQ(*now->median, 0.0050);
  const auto old = trtexec_row("   conv 1 + relu 2       26.55           0.0051      1.7", true, false);
  ASSERT_TRUE(old);
  EXPECT_EQ(old->name, "conv 1 + relu 2");
  EXPECT_DOUBLE_EQ(*old->average, 0.0051);
  EXPECT_FALSE(old->median);
  EXPECT_FALSE(trtexec_row("", false, true));
  EXPECT_FALSE(trtexec_row("1 2 3 4", false, true));
  EXPECT_FALSE(trtexec_row("Layer 1 2", true, false));
}

}  // namespace
}  // namespace trtprof::test
