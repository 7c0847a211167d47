#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/sensitivity_fixture.h"

namespace trtprof::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string text_of(const SensitivityDone& done, bool explain = false) {
  std::ostringstream out;
  write_sensitivity_text(out, done, {false, explain, 100});
  return out.str();
}

TEST(SensitivityText, ShowsTheRankingTheCurveAndWhatIsLeftOut) {
  EXPECT_EQ(text_of(sensitivity_found()), R"(
Sensitivity to f16
  Data:    heldout.npz, 1000 samples
  Trials:  9 in 4.50 s, for 4 groups
  Run on:  OpenVINO 2026.4.1 on Intel(R) Xeon(R) Platinum 8480+
  Ranking: each group converted alone, on the first 64 samples

Rank  Converted alone                           Operator       Nodes     Error      SQNR  Agreement  Share
   1  /exp                                      Exp                2  infinite         -     12.50%  ####################
   2  /conv1                                    Conv               2       3 %   30.5 dB     99.00%
   3  /conv2                                    Conv               1       4 %   28.0 dB    100.00%   (one of 2 together)
   4  /conv3                                    Conv               1  it does not compile

All converted but the first so many of the ranking, on 1000 samples
    Left out   Converted     Error      SQNR  Agreement     Top-1      Drop   Gates
           0           4  infinite         -     12.50%         -         -   fail
           1           3       5 %   26.0 dB     99.50%    98.90%      0.20   hold

In f32 for --min-agreement 99% and --max-drop 0.5: 1 group of 4
  --keep-node /exp
  --keep-node '/it'\''s log'

Notes
  - the budget was over before it was known whether fewer groups would do
)");
}

TEST(SensitivityText, SaysThatNothingHasToBeLeftOut) {
  SensitivityDone done = sensitivity_found();
  done.report.ranking.clear();
  done.report.kept.clear();
  done.gates.min_agreement.reset();
  const std::string text = text_of(done);
  EXPECT_THAT(text, HasSubstr("Nothing has to stay in f32 for --max-drop 0.5\n"));
  EXPECT_THAT(text, Not(HasSubstr("Rank")));
}

TEST(SensitivityText, SaysThatNothingHelps) {
  SensitivityDone done = sensitivity_found();
  done.report.found = false;
  done.report.kept.clear();
  const std::string text = text_of(done);
  EXPECT_THAT(text, HasSubstr("--min-agreement 99% and --max-drop 0.5 not met, whatever stays in f32"));
  EXPECT_THAT(text, Not(HasSubstr("--keep-node")));
}

TEST(SensitivityText, AllLeftOutIsNoListOfOptions) {
  SensitivityDone done = sensitivity_found();
  done.report.kept.assign(4, done.report.kept.front());
  const std::string text = text_of(done);
  EXPECT_THAT(text,
              HasSubstr("In f32 for --min-agreement 99% and --max-drop 0.5: all of 4 groups, which leaves nothing"));
  EXPECT_THAT(text, Not(HasSubstr("--keep-node")));
}

// Of "int8+f16" nothing stays in f32.
TEST(SensitivityText, OfInt8LayersAreLeftOutOfIt) {
  SensitivityDone done = sensitivity_found();
  done.precision = "int8+f16";
  EXPECT_THAT(text_of(done), HasSubstr("Left out of INT8 for --min-agreement 99% and --max-drop 0.5: 1 group of 4\n"));
  done.report.kept.clear();
  EXPECT_THAT(text_of(done), HasSubstr("Nothing has to be left out of INT8 for"));
  done.report.found = false;
  EXPECT_THAT(text_of(done), HasSubstr("not met, whatever is left out of INT8"));
}

TEST(SensitivityText, FiniteErrorsHaveTheirShares) {
  SensitivityDone done = sensitivity_found();
  done.report.ranking = {{{"/a", "Conv", {"/a"}}, score_with(0.03, 1.0)},
                         {{"/b", "Conv", {"/b"}}, score_with(0.03, 1.0)}};
  EXPECT_THAT(text_of(done), HasSubstr("100.00%  ##########\n"));
}

TEST(SensitivityText, ShowsTenUnlessAskedToExplain) {
  SensitivityDone done = sensitivity_found();
  for (int i = 0; i < 10; ++i) done.report.ranking.push_back(done.report.ranking[1]);
  EXPECT_THAT(text_of(done), HasSubstr("      and 4 more; --explain-passes shows them\n"));
  EXPECT_THAT(text_of(done, true), HasSubstr("\n  14  /conv1"));
}

}  // namespace
}  // namespace trtprof::test
