#include "trtprof/diagnose/analysis.h"

#include <filesystem>
#include <set>

#include <gmock/gmock.h>

#include "support/analyzed.h"
#include "trtprof/diagnose/rule.h"

namespace trtprof::test {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> stored_profiles() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(fs::path(kDataDir) / "diagnose")) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  return names;
}

TEST(Analysis, EveryRuleFiresOnARealProfileOrSaysWhyNotAndEachDoesBoth) {
  std::set<std::string> silent_somewhere;
  for (const std::string& name : stored_profiles()) {
    const Analyzed result = analyzed(stored_profile(name));
    ASSERT_EQ(result.analysis.outcomes.size(), all_rules().size());
    for (std::size_t i = 0; i < all_rules().size(); ++i) {
      const RuleOutcome& outcome = result.analysis.outcomes[i];
      EXPECT_EQ(outcome.rule, all_rules()[i].id);
      if (outcome.result == RuleResult::fired) {
        EXPECT_NE(result.find(outcome.rule), nullptr) << name << ' ' << outcome.rule;
      } else {
        silent_somewhere.insert(outcome.rule);
        EXPECT_EQ(result.find(outcome.rule), nullptr) << name << ' ' << outcome.rule;
        EXPECT_THAT(outcome.why_not, Not(IsEmpty())) << name << ' ' << outcome.rule;
        EXPECT_TRUE(outcome.why_not.ends_with('.')) << name << ' ' << outcome.rule << ": " << outcome.why_not;
      }
    }
  }
  for (const Rule& rule : all_rules()) EXPECT_THAT(silent_somewhere, Contains(rule.id));
}

TEST(Analysis, FindingsHaveWhatAReaderNeeds) {
  std::size_t seen = 0;
  for (const std::string& name : stored_profiles()) {
    const Analyzed result = analyzed(stored_profile(name));
    const double whole = result.analysis.account->end_to_end;
    for (const Finding& finding : result.analysis.findings) {
      ++seen;
      const std::string where = name + ' ' + finding.rule;
      EXPECT_FALSE(finding.title.empty()) << where;
      EXPECT_FALSE(finding.title.ends_with('.')) << where << ": " << finding.title;
      EXPECT_TRUE(finding.explanation.ends_with('.')) << where << ": " << finding.explanation;
      EXPECT_FALSE(finding.evidence.empty()) << where;
      EXPECT_TRUE(finding.action.ends_with('.')) << where << ": " << finding.action;
      for (const std::string& command : finding.commands)
        EXPECT_TRUE(command.starts_with("tensorrt_profiling ")) << where;
      if (finding.gain) {
        EXPECT_LE(finding.gain->low, finding.gain->high) << where;
        EXPECT_GE(finding.gain->low, 0.0) << where;
        EXPECT_LE(finding.gain->high, whole) << where << ": no more than all can be gained";
        EXPECT_FALSE(finding.gain->how.empty()) << where;
      }
    }
  }
  EXPECT_GT(seen, 60U);
}

TEST(Analysis, TheWorstComesFirstAndWhatTheBottleneckIsBeforeOthersAsBad) {
  const Analyzed result = analyzed(stored_profile("mobilenetv2_b1_stream"));
  ASSERT_GE(result.analysis.findings.size(), 3U);
  EXPECT_EQ(result.analysis.findings.front().rule, "launch-bound");
  for (std::size_t i = 1; i < result.analysis.findings.size(); ++i) {
    EXPECT_LE(result.analysis.findings[i - 1].severity, result.analysis.findings[i].severity);
  }
}

TEST(Analysis, OfAnEmptyProfileIsEmptyAndSaysSo) {
  const Analyzed result = analyzed(Profile{});
  EXPECT_FALSE(result.analysis.account);
  EXPECT_FALSE(result.analysis.verdict);
  EXPECT_THAT(result.analysis.findings, IsEmpty());
  EXPECT_THAT(result.analysis.notes, Contains(HasSubstr("The ONNX model is not at hand")));
}

TEST(Analysis, StoredWorkTellsTheArithmeticWhereTheModelIsNotAtHand) {
  Profile profile = stored_profile("mobilenetv2_b64_graph");
  const Analyzed bare = analyzed(profile);
  EXPECT_EQ(bare.analysis.verdict->bottleneck, Bottleneck::unknown);
  SampleOptions options;
  options.batch = 64;
  const auto model = KnownModel::of(std::move(*make_sample("mobilenetv2", options)), profile);
  ASSERT_TRUE(model);
  store_work(profile, model->operators());
  const Analyzed with_work = analyzed(profile);
  EXPECT_EQ(with_work.analysis.verdict->bottleneck, Bottleneck::memory);
  EXPECT_THAT(with_work.analysis.notes, Contains(Not(HasSubstr("arithmetic"))));
}

}  // namespace
}  // namespace trtprof::test
