// A comparison as text and as JSON; the JSON against docs/comparison.schema.json by a validator that knows nothing of
// the writer.
#include "trtprof/report/comparison_report.h"

#include <algorithm>
#include <array>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/profile_fixture.h"
#include "support/run_program.h"
#include "support/stored_profile.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/base/text.h"

namespace trtprof::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kSchema = std::string(kSourceDir) + "/docs/comparison.schema.json";
const std::string kValidator = std::string(kSourceDir) + "/tests/support/validate_profile.py";

Comparison compared(const std::vector<Profile>& a, const std::vector<Profile>& b) {
  auto comparison = compare_profiles(a, b);
  if (!comparison) {
    ADD_FAILURE() << comparison.error().message;
    return {};
  }
  return std::move(*comparison);
}

// Three launches whose latencies are those of a real run times the factors, in turns with another side's.
std::vector<Profile> launches(std::array<double, 3> factors) {
  std::vector<Profile> side;
  for (std::size_t i = 0; i < factors.size(); ++i) {
    Profile& profile = side.emplace_back(stored_profile("mobilenetv2_b1_graph"));
    for (double& sample : profile.end_to_end->total.samples) sample *= factors.at(i);
    profile.end_to_end->total = series_of(profile.end_to_end->total.samples);
    profile.environment.started_at = "2026-01-31T00:00:0" + std::to_string(i) + "Z";
  }
  return side;
}

Comparison faster() {
  return compared(launches({1.0, 1.001, 0.999}), launches({0.8, 0.801, 0.8}));
}

std::string text_of(const Comparison& comparison, std::size_t columns = 100, bool quiet = false) {
  std::ostringstream out;
  write_comparison_text(out, comparison, {.quiet = quiet, .columns = columns});
  return out.str();
}

TEST(ComparisonText, BeginsWithTheVerdict) {
  EXPECT_THAT(
      text_of(faster()),
      StartsWith("B is FASTER than A: -20.0 % [-20.3, -19.7] (95 %), 181.1 us -> 144.9 us median, 3 launches each\n"));
  const Comparison noise = compared(launches({1.0, 1.1, 0.9}), launches({1.0, 1.2, 1.0}));
  EXPECT_THAT(text_of(noise), AllOf(StartsWith("UNDECIDED, B against A: "), HasSubstr("Launches differ by"),
                                    HasSubstr("launches a side would")));
  EXPECT_THAT(verdict_line(compared(launches({1.0, 1.0, 1.0}), launches({1.0, 1.0, 1.0}))),
              StartsWith("B is the SAME as A: +0.0 %"));
  EXPECT_THAT(verdict_line(compared({stored_profile("mobilenetv2_b1_graph")}, launches({1.2, 1.2, 1.2}))),
              HasSubstr("1 launch of A, 3 launches of B"));
}

TEST(ComparisonText, ShowsFiguresLayersAndWhatChanged) {
  const Comparison comparison =
      compared({stored_profile("mobilenetv2_b1_fp32")}, {stored_profile("mobilenetv2_b1_weak_fp16")});
  const std::string text = text_of(comparison);
  EXPECT_THAT(text, AllOf(HasSubstr("compute on the device"), HasSubstr("sum of the layers"), HasSubstr("49 others"),
                          HasSubstr("gained (Reformat)"), HasSubstr("other precision: tf32 -> f16"),
                          HasSubstr("What differs beside the times:"), HasSubstr("Warnings:")));
  EXPECT_THAT(text_of(comparison, 100, true), AllOf(HasSubstr("compute on the device"), Not(HasSubstr("others"))));
}

TEST(ComparisonText, FitsTheTerminal) {
  const Comparison comparison =
      compared({stored_profile("mobilenetv2_b1_fp32")}, {stored_profile("mobilenetv2_b1_weak_fp16")});
  for (const std::size_t columns : {100U, 160U}) {
    std::istringstream lines(text_of(comparison, columns));
    std::size_t widest = 0;
    std::string line;
    std::getline(lines, line);  // the verdict is one line, for grep
    while (std::getline(lines, line)) {
      EXPECT_LE(display_width(line), columns) << line;
      widest = std::max(widest, display_width(line));
    }
    EXPECT_GT(widest, columns - 12);
  }
}

TEST(ComparisonText, NamesCannotActOnTheTerminal) {
  Comparison comparison = faster();
  comparison.layers->groups.front().name = "x\x1b[2J";
  comparison.settings = {{"a\x1b[2J", "b\x1b[2J", "c"}};
  comparison.warnings = {"w\x1b[2J"};
  EXPECT_THAT(text_of(comparison), Not(HasSubstr("\x1b")));
}

std::string document_of(const Comparison& comparison) {
  return comparison_to_json({comparison, {{"a.json", "00ff"}}, {{"b.json", "11ee"}}});
}

TEST(ComparisonJson, FollowsItsSchemaWhichDescribesEveryFieldAndNoOther) {
  const auto folder = TemporaryFolder::create("trtprof-comparison-json");
  ASSERT_TRUE(folder);
  std::vector<std::string> command = {kPython, kValidator, "--complete", kSchema};
  const std::array comparisons = {
      faster(), compared(launches({1.0, 1.1, 0.9}), launches({0.9, 1.0, 1.1})),
      compared({stored_profile("mobilenetv2_b1_fp32")}, {stored_profile("mobilenetv2_b1_weak_fp16")}),
      compared({stored_profile("mobilenetv2_b1_graph")}, {stored_profile("mobilenetv2_b64_graph")})};
  for (const Comparison& comparison : comparisons) {
    command.push_back((folder->path() / (std::to_string(command.size()) + ".json")).string());
    ASSERT_TRUE(write_file(command.back(), document_of(comparison)));
  }
  const ProgramResult run = run_program(command);
  EXPECT_EQ(run.out, "ok\n");
  EXPECT_EQ(run.err, "");
}

TEST(ComparisonJson, HoldsTheVerdictAndItsSources) {
  const json document = json::parse(document_of(faster()));
  EXPECT_EQ(document["schema"]["name"], kComparisonSchemaName);
  EXPECT_EQ(document["verdict"]["outcome"], "faster");
  EXPECT_EQ(document["verdict"]["figure"], "latency");
  EXPECT_NEAR(document["verdict"]["effect"].get<double>(), -0.2, 1e-3);
  EXPECT_EQ(document["verdict"]["b"]["launches"], 3);
  EXPECT_EQ(document["profiles_b"][0]["sha256"], "11ee");
  double sum = 0.0;
  for (const json& group : document["layers"]["groups"]) sum += group["difference"].get<double>();
  EXPECT_NEAR(sum, document["layers"]["sum_b"].get<double>() - document["layers"]["sum_a"].get<double>(), 1e-15);
}

}  // namespace
}  // namespace trtprof::test
