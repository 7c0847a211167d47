// A loop recorded on an NVIDIA H200 with TensorRT 10.6 (MobileNetV2, batch 64, 345 s): the same timings lead to the
// same decisions, one after the other.
#include <fstream>
#include <string>
#include <variant>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_paths.h"
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
