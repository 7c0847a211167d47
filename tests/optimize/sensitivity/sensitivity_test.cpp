// The ranking and the search, on a conversion whose losses are written down.
#include "trtprof/optimize/sensitivity/sensitivity.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

namespace trtprof {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string name_of(std::size_t group) {
  return "n" + std::to_string(group);
}

// Group i is the node "ni" and adds loss[i] squared. A trial takes a second for each started 100 samples.
class Conversion {
 public:
  explicit Conversion(std::vector<double> losses) : losses_(std::move(losses)) {}

  SensitivityReport measured(SensitivityOptions options) {
    auto report = tried(std::move(options));
    EXPECT_TRUE(report.has_value()) << report.error().message;
    return report ? *report : SensitivityReport{};
  }

  Result<SensitivityReport> tried(SensitivityOptions options) {
    options.seconds = [this] { return now_; };
    SensitivityTask task;
    for (std::size_t i = 0; i < losses_.size(); ++i) task.groups.push_back({name_of(i), "Conv", {name_of(i)}});
    task.make = [](std::span<const std::string> kept) -> Result<OnnxModel> {
      onnx::ModelProto proto;
      for (const std::string& name : kept) proto.mutable_graph()->add_node()->set_name(name);
      return OnnxModel::from_proto(std::move(proto));
    };
    task.score = [this](const OnnxModel& model, std::optional<std::size_t> samples) { return score(model, samples); };
    NoProgress progress;
    return measure_sensitivity(task, options, progress, stop);
  }

  std::set<std::size_t> fails = {};  // groups that cannot run converted, when they are alone
  // Groups of which the second undoes the loss of the first.
  std::optional<std::pair<std::size_t, std::size_t>> undone = {};
  // In place of the losses: with which groups left out all rows agree; else none does.
  std::function<bool(const std::set<std::string>& kept)> holds = {};
  StopFlag stop;
  std::size_t on_all_data = 0;

 private:
  Result<AccuracyResult> score(const OnnxModel& model, std::optional<std::size_t> samples) {
    std::set<std::string> kept;
    for (const auto& node : model.proto().graph().node()) kept.insert(node.name());
    now_ += samples ? 1.0 : 10.0;
    on_all_data += samples ? 0U : 1U;
    double squares = 0.0;
    std::size_t converted = 0;
    for (std::size_t i = 0; i < losses_.size(); ++i) {
      if (kept.contains(name_of(i))) continue;
      ++converted;
      const bool is_undone = undone && undone->first == i && !kept.contains(name_of(undone->second));
      squares += is_undone ? 0.0 : losses_[i] * losses_[i];
    }
    for (const std::size_t group : fails) {
      if (converted == 1 && !kept.contains(name_of(group))) return fail("it does not compile");
    }
    AccuracyResult result;
    result.samples = samples.value_or(1000);
    OutputError& output = result.outputs.emplace_back();
    output.output = "y";
    output.elements = 1000;
    if (squares > 0.0) {
      output.sqnr_db = -10.0 * std::log10(squares);
      output.max_absolute = std::sqrt(squares);
    }
    // 1 % of the rows for each part in 100 of the error.
    const double lost = std::min(std::sqrt(squares), 1.0) * 1000.0;
    output.agreement = ClassAgreement{1000, static_cast<std::uint64_t>(1000.0 - std::floor(lost)), std::nullopt};
    if (holds) output.agreement->top1 = holds(kept) ? 1000U : 0U;
    result.partial = stop.requested();
    return result;
  }

  std::vector<double> losses_;
  double now_ = 100.0;
};

std::vector<std::string> ranked(const SensitivityReport& report) {
  std::vector<std::string> names;
  for (const GroupSensitivity& found : report.ranking) names.push_back(found.group.name);
  return names;
}

std::vector<std::size_t> kept_of_curve(const SensitivityReport& report) {
  std::vector<std::size_t> kept;
  for (const CumulativePoint& point : report.curve) kept.push_back(point.kept);
  return kept;
}

SensitivityOptions agreement_of(double least) {
  SensitivityOptions options;
  options.rank = false;
  options.find_kept = true;
  options.gates.min_agreement = least;
  options.budget = 10000.0;
  return options;
}

TEST(Sensitivity, RanksEachAlone) {
  Conversion conversion({0.01, 0.5, 0.0, 0.1, 0.02});
  SensitivityOptions options;
  options.budget = 10000.0;
  const SensitivityReport report = conversion.measured(options);
  EXPECT_THAT(ranked(report), ElementsAre("n1", "n3", "n4", "n0", "n2"));
  EXPECT_NEAR(report.ranking[0].score->error, 0.5, 1e-9);
  EXPECT_EQ(report.ranking[0].score->samples, 64U);
  EXPECT_EQ(report.ranking[4].score->error, 0.0);
  EXPECT_FALSE(report.out_of_time);
  EXPECT_FALSE(report.searched);
  EXPECT_THAT(kept_of_curve(report), ElementsAre(0, 1, 2, 4));
  EXPECT_NEAR(report.curve[1].score.error, std::sqrt(0.01 * 0.01 + 0.1 * 0.1 + 0.02 * 0.02), 1e-9);
  EXPECT_EQ(report.trials, 1U + 5U + 4U);
  EXPECT_THAT(report.notes, IsEmpty());
}

TEST(Sensitivity, OutOfTimeTheWorstIsToldApartFirst) {
  std::vector<double> losses(64, 0.001);
  losses[37] = 0.4;
  Conversion conversion(losses);
  SensitivityOptions options;
  options.budget = 40.0;  // half of it: 20 trials
  const SensitivityReport report = conversion.measured(options);
  EXPECT_EQ(report.ranking[0].group.name, "n37");
  EXPECT_EQ(report.ranking[0].together, 1U);
  EXPECT_TRUE(report.out_of_time);
  EXPECT_EQ(report.ranking.size(), 64U);
  EXPECT_TRUE(std::ranges::any_of(report.ranking, [](const auto& found) { return found.together > 1; }));
  EXPECT_LE(report.seconds, 40.0);
  ASSERT_FALSE(report.notes.empty());
  EXPECT_THAT(report.notes[0], HasSubstr("converted together with others"));
}

TEST(Sensitivity, OneThatCannotRunAloneComesLast) {
  Conversion conversion({0.01, 0.5, 0.2});
  conversion.fails = {1};
  SensitivityOptions options;
  options.budget = 10000.0;
  const SensitivityReport report = conversion.measured(options);
  ASSERT_THAT(ranked(report), ElementsAre("n2", "n0", "n1"));
  EXPECT_EQ(report.ranking[2].failure, "it does not compile");
  EXPECT_FALSE(report.ranking[2].score.has_value());
  ASSERT_EQ(report.notes.size(), 2U);  // of the ranking, and of all but the first two
  EXPECT_EQ(report.notes[1], "not every trial could be run: it does not compile");
  EXPECT_TRUE(std::isinf(report.curve.back().score.error));
}

TEST(Sensitivity, NothingIsRankedWhereTheGateHolds) {
  Conversion conversion({0.001, 0.002});
  const SensitivityReport report = conversion.measured(agreement_of(0.99));
  EXPECT_TRUE(report.searched);
  EXPECT_TRUE(report.found);
  EXPECT_THAT(report.kept, IsEmpty());
  EXPECT_THAT(report.ranking, IsEmpty());
  EXPECT_EQ(report.trials, 1U);
}

TEST(Sensitivity, FindsTheFewestToLeaveOut) {
  std::vector<double> losses(40, 0.0001);
  for (const std::size_t bad : {3U, 11U, 12U, 25U, 30U}) losses[bad] = 0.2 + 0.01 * static_cast<double>(bad);
  Conversion conversion(losses);
  const SensitivityReport report = conversion.measured(agreement_of(0.999));
  EXPECT_TRUE(report.found);
  EXPECT_THAT(report.kept_nodes(), ElementsAre("n30", "n25", "n12", "n11", "n3"));
  EXPECT_GE(report.kept_score->agreement.value(), 0.999);
  EXPECT_THAT(kept_of_curve(report), ElementsAre(0, 1, 2, 4, 5, 6, 8));
  EXPECT_TRUE(report.curve[4].passed);
  EXPECT_FALSE(report.curve[3].passed);
  // All data: none, 1, 2, 4, 8, 6, 5, and each but the last of the five taken back in vain.
  EXPECT_EQ(conversion.on_all_data, 7U + 4U);
}

// Alone the first is the worst, with the others it does no harm.
TEST(Sensitivity, TakesBackWhatIsNotNeeded) {
  Conversion conversion({0.5, 0.0, 0.3, 0.0001, 0.0001});
  conversion.undone = {{0, 1}};
  const SensitivityReport report = conversion.measured(agreement_of(0.99));
  EXPECT_TRUE(report.found);
  EXPECT_THAT(report.kept_nodes(), ElementsAre("n2"));
  EXPECT_THAT(report.notes, ElementsAre(HasSubstr("1 of the first in the ranking is converted all the same")));
}

// n2, the last of the first that hold, is not needed any more once n0 is taken back: one look at each with the others
// left out would end at two.
TEST(Sensitivity, TakesBackUntilNoneCanBe) {
  Conversion conversion({0.4, 0.3, 0.2, 0.1});
  const std::set<std::set<std::string>> good = {{"n0", "n1", "n2", "n3"}, {"n0", "n1", "n2"}, {"n1", "n2"}, {"n1"}};
  conversion.holds = [&good](const std::set<std::string>& kept) { return good.contains(kept); };
  const SensitivityReport report = conversion.measured(agreement_of(0.99));
  EXPECT_TRUE(report.found);
  EXPECT_THAT(report.kept_nodes(), ElementsAre("n1"));
  EXPECT_EQ(report.kept_score->agreement, 1.0);
  // All data: none, 1, 2 and 3; without n1, without n0; then without n2. {n0, n1}, {n0} and {} were known.
  EXPECT_EQ(conversion.on_all_data, 4U + 2U + 1U);
}

TEST(Sensitivity, InShortTimeTheStepsAreLarger) {
  std::vector<double> losses(16, 0.0001);
  for (const std::size_t bad : {2U, 3U, 4U, 5U, 6U}) losses[bad] = 0.3;
  Conversion conversion(losses);
  SensitivityOptions options = agreement_of(0.99);
  options.budget = 50.0;  // a look at all, 15 trials of the ranking, and two more
  const SensitivityReport report = conversion.measured(options);
  EXPECT_TRUE(report.found);
  EXPECT_TRUE(report.out_of_time);
  EXPECT_FALSE(report.leaves_nothing());
  EXPECT_LT(report.kept.size(), 10U);
}

TEST(Sensitivity, WithoutTimeForARankingThereIsNone) {
  Conversion conversion(std::vector<double>(16, 0.05));
  SensitivityOptions options;
  options.budget = 1.0;
  const SensitivityReport ranked = conversion.measured(options);
  EXPECT_THAT(ranked.ranking, IsEmpty());
  EXPECT_THAT(ranked.curve, IsEmpty());
  EXPECT_TRUE(ranked.out_of_time);
  EXPECT_THAT(ranked.notes, ElementsAre(HasSubstr("over before any trial told groups apart: there is no ranking")));

  SensitivityOptions search = agreement_of(0.999);
  search.budget = 12.0;
  const SensitivityReport searched = conversion.measured(search);
  EXPECT_THAT(searched.ranking, IsEmpty());
  EXPECT_TRUE(searched.leaves_nothing());
  EXPECT_EQ(searched.kept.size(), 16U);
  EXPECT_THAT(searched.notes.at(0), HasSubstr("in the graph's order"));
}

TEST(Sensitivity, OutOfTimeWhatIsLeftOutHolds) {
  std::vector<double> losses(16, 0.05);
  Conversion conversion(losses);
  SensitivityOptions options = agreement_of(0.999);
  options.budget = 50.0;  // a look at all, 16 trials, and two more
  const SensitivityReport report = conversion.measured(options);
  EXPECT_TRUE(report.found);
  EXPECT_TRUE(report.out_of_time);
  EXPECT_EQ(report.kept.size(), 16U);
  EXPECT_EQ(report.kept_score->agreement, 1.0);
}

TEST(Sensitivity, SaysWhenNothingHelps) {
  Conversion conversion({0.2});
  SensitivityOptions options = agreement_of(0.99);
  options.gates.min_agreement = 1.1;
  const SensitivityReport report = conversion.measured(options);
  EXPECT_FALSE(report.found);
  EXPECT_THAT(report.kept, IsEmpty());
  EXPECT_TRUE(report.leaves_nothing());
  EXPECT_THAT(report.notes, ElementsAre(HasSubstr("do not hold with every group left out")));
}

TEST(Sensitivity, AGateThatTheDataCannotTellIsAUsageError) {
  Conversion conversion({0.2});
  SensitivityOptions options = agreement_of(0.99);
  options.gates.max_drop_points = 1.0;
  const auto report = conversion.tried(options);
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().code, ErrorCode::usage);
}

TEST(Sensitivity, StopsWhenAsked) {
  Conversion conversion({0.2, 0.1});
  conversion.stop.request();
  const auto report = conversion.tried({});
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().code, ErrorCode::interrupted);
}

TEST(Sensitivity, OfNoGroupsThereIsNothingToMeasure) {
  Conversion conversion({});
  const SensitivityReport report = conversion.measured(agreement_of(0.99));
  EXPECT_EQ(report.trials, 0U);
  EXPECT_FALSE(report.searched);
  EXPECT_THAT(report.notes, ElementsAre(HasSubstr("nothing to try")));
}

}  // namespace
}  // namespace trtprof
