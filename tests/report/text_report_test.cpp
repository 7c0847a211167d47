#include <regex>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/golden.h"
#include "support/profile_fixture.h"
#include "trtprof/report/report.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string report_of(const Profile& profile, const TextReportOptions& options = {}) {
  std::ostringstream out;
  write_text_report(out, profile, options);
  return out.str();
}

TEST(TextReport, IsWholeAndInOrder) {
  test::expect_golden("report/full.txt", report_of(test::full_profile()));
}

TEST(TextReport, OfAnEngineOnAGpu) {
  test::expect_golden("report/gpu.txt", report_of(test::gpu_profile()));
}

TEST(TextReport, QuietIsTheGuidesReportAlone) {
  TextReportOptions options;
  options.quiet = true;
  const std::string quiet = report_of(test::guide_profile(), options);
  EXPECT_THAT(quiet, StartsWith(std::string(80, '=') + "\n              TensorRT"));
  EXPECT_TRUE(quiet.ends_with('\n' + std::string(80, '=') + '\n'));
  EXPECT_THAT(report_of(test::guide_profile()), HasSubstr(quiet));
}

TEST(TextReport, ColoursOnlyWhenAskedAndChangesNothingElse) {
  TextReportOptions options;
  const std::string plain = report_of(test::full_profile(), options);
  EXPECT_THAT(plain, Not(HasSubstr("\x1b")));
  options.color = true;
  const std::string coloured = report_of(test::full_profile(), options);
  EXPECT_THAT(coloured, HasSubstr("\x1b[1mTime by class:\x1b[0m"));
  EXPECT_THAT(coloured, HasSubstr("\x1b[1;31mPARTIAL"));
  EXPECT_THAT(coloured, HasSubstr("\x1b[1;33mWarnings:\x1b[0m"));
  EXPECT_EQ(std::regex_replace(coloured, std::regex("\x1b\\[[0-9;]*m"), ""), plain);
}

TEST(TextReport, SaysPartialFirst) {
  EXPECT_THAT(report_of(test::full_profile()), StartsWith("PARTIAL: the measurement ended early"));
  EXPECT_THAT(report_of(test::guide_profile()), Not(HasSubstr("PARTIAL")));
}

TEST(TextReport, WorksWithoutAnyMeasurement) {
  const std::string text = report_of(test::bare_profile());
  EXPECT_THAT(text, HasSubstr("No layer times"));
  EXPECT_THAT(text, HasSubstr("End-to-end latency: not measured"));
  EXPECT_THAT(text, Not(HasSubstr("Time by class")));
}

TEST(KeyValues, ValuesShareAColumn) {
  std::ostringstream out;
  text_report::write_key_values(out, {{"a", "1"}, {"层名", "2"}, {"", "3"}}, "> ");
  EXPECT_EQ(out.str(), "> a:    1\n> 层名: 2\n>       3\n");
}

}  // namespace
}  // namespace trtprof
