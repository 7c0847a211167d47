// A loop recorded on an NVIDIA H200 with TensorRT 10.6 (MobileNetV2, batch 64, 345 s): the same timings lead to the
// same decisions, one after the other.
#include <fstream>
#include <string>
#include <variant>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_paths.h"
#include "trtprof/optimize/loop/candidates.h"
#include "trtprof/optimize/loop/journal.h"
#include "trtprof/optimize/loop/loop.h"
#include "trtprof/optimize/loop/loop_report.h"

namespace trtprof {
namespace {

std::vector<LoopEvent> recorded() {
  std::ifstream file(std::string(test::kSourceDir) + "/tests/data/loop/h200_mobilenetv2_b64.jsonl");
  std::string line;
  std::getline(file, line);  // the head
  std::vector<LoopEvent> events;
  while (std::getline(file, line)) {
    auto event = event_from_json_line(line);
    EXPECT_TRUE(event) << line;
    if (event) events.push_back(*std::move(event));
  }
  return events;
}

LoopState state_after(const std::vector<LoopEvent>& events, std::size_t count) {
  LoopState state;
  for (std::size_t i = 0; i < count; ++i) EXPECT_TRUE(apply_event(state, events[i]));
  return state;
}

TEST(RecordedLoop, TheSameTimingsLeadToTheSameDecisions) {
  const std::vector<LoopEvent> events = recorded();
  ASSERT_EQ(events.size(), 18U);
  LoopOptions options;
  options.budget = 380.0;
  options.launches = 3;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const LoopState state = state_after(events, i);
    const NextStep next = next_step(state, options);
    const auto& what = events[i].what;
    if (std::holds_alternative<BaselineTaken>(what)) {
      EXPECT_TRUE(std::holds_alternative<TakeBaseline>(next));
    }
    if (std::holds_alternative<CandidateMade>(what)) {
      EXPECT_TRUE(std::holds_alternative<MakeCandidate>(next));
    }
    if (std::holds_alternative<AccuracyMeasured>(what)) {
      EXPECT_TRUE(std::holds_alternative<MeasureAccuracy>(next));
    }
    if (std::holds_alternative<LookTaken>(what)) {
      EXPECT_TRUE(std::holds_alternative<TakeLook>(next));
    }
    if (const auto* started = std::get_if<CandidateStarted>(&what)) {
      const auto* start = std::get_if<StartCandidate>(&next);
      ASSERT_NE(start, nullptr) << i;
      EXPECT_EQ(state.records[start->index].candidate.name, events[i].candidate);
      EXPECT_EQ(start->recipe, started->recipe);
    }
    if (const auto* decided = std::get_if<Decided>(&what)) {
      const auto* decide = std::get_if<DecideCandidate>(&next);
      ASSERT_NE(decide, nullptr) << i;
      EXPECT_EQ(decide->decision, decided->decision);
    }
    if (const auto* confirmed = std::get_if<Confirmed>(&what)) {
      const auto* settle = std::get_if<SettleConfirmation>(&next);
      ASSERT_NE(settle, nullptr) << i;
      EXPECT_EQ(settle->result, *confirmed);
    }
  }
}

// What the candidates claim now, on the figures of that GPU.
class VariantsOnAnH200 : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::vector<LoopEvent> events = recorded();
    const LoopState state = state_after(events, events.size());
    f16_ = state.find("f16")->looks.back().b;
    int8_ = state.find("int8+f16")->looks.back().b;
    float_depthwise_ = state.find("int8+f16-float-depthwise")->looks.back().b;
  }
  // As if it were faster beside this best.
  static Decision decision_of(const std::string& name, const RunFacts& best, const RunFacts& its,
                              std::optional<PartTime> depthwise = {}) {
    ProposalRequest request{best};
    request.builds_engines = true;
    request.has_data = true;
    for (const Candidate& candidate : propose_candidates(request).candidates) {
      if (candidate.name != name) continue;
      LookFacts look;
      look.outcome = Outcome::faster;
      look.effect = -0.2;
      look.a = best;
      look.b = its;
      look.depthwise = depthwise;
      return decide(candidate, nullptr, look, 0.01);
    }
    ADD_FAILURE() << name;
    return {};
  }

  RunFacts f16_;
  RunFacts int8_;  // 53 of 53 layers, 5 reformats, 0.96 GB
  RunFacts float_depthwise_;
};

TEST_F(VariantsOnAnH200, OnABestInInt8) {
  EXPECT_EQ(decision_of("int8+f16", f16_, int8_).kind, DecisionKind::accepted);
  EXPECT_EQ(decision_of("int8+f16", float_depthwise_, int8_).kind, DecisionKind::accepted) << "more layers in INT8";
  EXPECT_EQ(decision_of("int8+f16", int8_, int8_).kind, DecisionKind::no_mechanism) << "nothing changed";
  // 45 reformats for 5, and 3.65 GB: where the whole was faster it was not for that.
  EXPECT_EQ(
      decision_of("int8+f16-float-depthwise", int8_, float_depthwise_, PartTime{Outcome::undecided, 3e-4, 2.9e-4}).kind,
      DecisionKind::no_mechanism);
  RunFacts rest_in_f32 = int8_;
  rest_in_f32.reformats = 9;
  const Decision fewer = decision_of("int8+f16", rest_in_f32, int8_);
  EXPECT_EQ(fewer.kind, DecisionKind::accepted);
  EXPECT_NE(fewer.reason.find("5 reformats in"), std::string::npos) << fewer.reason;
}

TEST_F(VariantsOnAnH200, FloatDepthwiseIsForDepthwise) {
  RunFacts best = int8_;
  RunFacts its = int8_;
  its.heavy_layers = {{"i8", 36}, {"f32", 17}};
  EXPECT_EQ(decision_of("int8-float-depthwise", best, its).kind, DecisionKind::no_mechanism);
  const Decision faster = decision_of("int8-float-depthwise", best, its, PartTime{Outcome::faster, 4e-4, 2e-4});
  EXPECT_EQ(faster.kind, DecisionKind::accepted);
  EXPECT_NE(faster.reason.find("depthwise convolutions take"), std::string::npos) << faster.reason;
  EXPECT_EQ(decision_of("int8-float-depthwise", f16_, f16_, PartTime{Outcome::faster, 4e-4, 2e-4}).kind,
            DecisionKind::no_mechanism)
      << "the first in INT8 has to compute in it";
}

TEST_F(VariantsOnAnH200, Bf16OnABestInF16) {
  RunFacts bf16 = f16_;
  bf16.heavy_layers = {{"bf16", 53}};
  EXPECT_EQ(decision_of("bf16", f16_, bf16).kind, DecisionKind::accepted);
  EXPECT_EQ(decision_of("f16", bf16, f16_).kind, DecisionKind::accepted);
  EXPECT_EQ(decision_of("bf16", f16_, f16_).kind, DecisionKind::no_mechanism);
}

TEST(RecordedLoop, ItsStaircaseBeginsInFp32) {
  const std::vector<LoopEvent> events = recorded();
  const std::vector<StaircaseRow> rows = staircase_of(state_after(events, events.size()));
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0].step, LoopStep::fp32) << "f32 and tf32";
  EXPECT_EQ(rows[1].name, "f16");
  EXPECT_NEAR(rows[1].improvement, 0.290, 0.001);
  EXPECT_EQ(rows[2].name, "int8+f16");
  EXPECT_NEAR(rows[2].improvement, 0.436, 0.001);
}

}  // namespace
}  // namespace trtprof
