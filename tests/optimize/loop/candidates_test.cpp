#include "trtprof/optimize/loop/candidates.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/loop/fake_loop.h"
#include "trtprof/optimize/loop/candidate_names.h"

namespace trtprof::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Proposing : public ::testing::Test {
 protected:
  std::vector<std::string> names() {
    std::vector<std::string> all;
    for (const Candidate& each : propose_candidates(request_).candidates) all.push_back(each.name);
    return all;
  }
  Candidate named(const std::string& name) {
    for (const Candidate& each : propose_candidates(request_).candidates) {
      if (each.name == name) return each;
    }
    ADD_FAILURE() << name << " is not proposed";
    return {};
  }
  std::string why_not(const std::string& name) {
    for (const NotProposed& each : propose_candidates(request_).not_proposed) {
      if (each.name == name) return each.reason;
    }
    return "";
  }

  RunFacts facts_ = facts_of_layers(100, 0.01);
  ProposalRequest request_{facts_};
};

TEST_F(Proposing, OnACpuThatComputesInBf16) {
  facts_.precision = "bf16";
  request_.has_data = true;
  EXPECT_THAT(names(), ElementsAre("f32", "int8", "int8-float-depthwise", "int8+f16", "int8+f16-float-depthwise",
                                   "int8-sensitive", "int8+f16-sensitive", "passes-2", "passes-3", "f16", "bf16",
                                   "f16-sensitive"));
  EXPECT_THAT(named("int8").change.precision.value(), Contains("--unsigned-activations"));
  EXPECT_EQ(named("f32").change.run.at("--precision"), "f32");
  EXPECT_THAT(why_not("optimization-level-5"), HasSubstr("no builder"));
}

TEST_F(Proposing, OnATensorRTEngine) {
  request_.has_data = true;
  request_.builds_engines = true;
  const std::vector<std::string> all = names();
  EXPECT_EQ(all.front(), "f16");
  EXPECT_THAT(all, Contains("optimization-level-5"));
  EXPECT_THAT(all, Not(Contains("f32"))) << "the model's types decide";
  EXPECT_EQ(named("bf16").after_inaccurate, "f16");
  EXPECT_THAT(named("int8").change.precision.value(), ElementsAre("--precision", "int8"));
  const auto at = [&](const std::string& name) { return std::ranges::find(all, name); };
  EXPECT_LT(at("int8+f16"), at("int8")) << "what is left in f32 costs more than INT8 gains";
}

TEST_F(Proposing, SearchesAreForTheGateAndWithinTheBudget) {
  request_.has_data = true;
  request_.gate_options = {"--max-drop", "1"};
  request_.search_seconds = 150;
  EXPECT_THAT(named("f16-sensitive").change.precision.value(),
              ElementsAre("--precision", "f16", "--auto-keep", "--sensitivity-budget", "150s", "--max-drop", "1"));
  EXPECT_EQ(named("f16-sensitive").after_inaccurate, "f16");
  EXPECT_EQ(named("int8-sensitive").after_inaccurate, "int8");
}

TEST_F(Proposing, WithoutDataNoInt8) {
  EXPECT_THAT(names(), Not(Contains("int8")));
  EXPECT_THAT(why_not("int8"), HasSubstr("--data"));
  EXPECT_THAT(names(), Contains("f16"));
}

TEST_F(Proposing, WhatTheProgramCannotDoIsNotProposedAndSaid) {
  request_.has_data = true;
  request_.can_make = [](const std::vector<std::string>& options) {
    return std::ranges::find(options, "int8") == options.end();
  };
  EXPECT_THAT(names(), Not(Contains("int8")));
  EXPECT_EQ(why_not("int8"), "this program has no way to make it (optimize --precision int8 --unsigned-activations)");
  EXPECT_THAT(why_not("custom"), HasSubstr("no fused operators"));
}

TEST_F(Proposing, ThoseThatTheUserNames) {
  request_.only = {"passes-*"};
  EXPECT_THAT(names(), ElementsAre("passes-2", "passes-3"));
  EXPECT_EQ(why_not("f16"), "--candidates leaves it out");
  request_.only = {};
  request_.skip = {"f16", "?f16", "nothing"};
  EXPECT_THAT(names(), ElementsAre("passes-2", "passes-3"));
  EXPECT_EQ(why_not("bf16"), "--skip leaves it out");
  EXPECT_THAT(propose_candidates(request_).unmatched, ElementsAre("nothing"));
}

// Names of what is known and not tried are no mistake.
TEST_F(Proposing, NamesOfWhatIsNotTriedAreKnown) {
  request_.only = {"custom", "batch-4", "streams-2", "passes-2"};
  EXPECT_THAT(propose_candidates(request_).unmatched, IsEmpty());
  EXPECT_THAT(names(), ElementsAre("passes-2"));
  EXPECT_THAT(why_not("batch"), HasSubstr("fixes its batch at 1"));
  EXPECT_THAT(why_not("streams"), HasSubstr("--hint throughput"));
  request_.open_batch = true;
  request_.only = {"batch-5"};
  EXPECT_THAT(propose_candidates(request_).unmatched, ElementsAre("batch-5")) << "4 and 16 are what is tried";
}

TEST_F(Proposing, NamesThatNoCandidateHasAreKnownBeforeAnythingIsMeasured) {
  EXPECT_THAT(unknown_candidates({"f32", "passes-*", "int8+f16-sensitive", "custom", "batch-12", "batch*", "b*-1?",
                                  "streams-3", "?f16", "*", "optimization-level-5", "sparse-2-4"}),
              IsEmpty());
  EXPECT_THAT(unknown_candidates({"fp61", "batch-", "batch-x", "batches", "stream-*", "passes-4", ""}),
              ElementsAre("fp61", "batch-", "batch-x", "batches", "stream-*", "passes-4", ""));
  EXPECT_THAT(candidate_names(), HasSubstr("batch-N"));
}

TEST_F(Proposing, StreamsThatTheGivenModelHasAreNotTried) {
  request_.throughput_hint = true;
  request_.processors = 4;
  facts_.streams = 2;
  EXPECT_THAT(names(), AllOf(Contains("streams-1"), Contains("streams-4"), Not(Contains("streams-2"))));
  EXPECT_EQ(why_not("streams-2"), "the given model runs with as many");
}

TEST_F(Proposing, BatchesForOpenBatchesAndStreamsForThroughput) {
  EXPECT_THAT(why_not("batch"), HasSubstr("fixes its batch at 1"));
  request_.open_batch = true;
  request_.batch = 2;
  EXPECT_FALSE(named("batch-8").competes) << "latency is the objective";
  EXPECT_EQ(named("batch-32").change.run.at("--batch"), "32");
  request_.throughput_objective = true;
  EXPECT_TRUE(named("batch-8").competes);
  EXPECT_THAT(why_not("streams"), HasSubstr("--hint throughput"));
  request_.throughput_hint = true;
  request_.processors = 4;
  for (const char* name : {"streams-1", "streams-2", "streams-4"}) EXPECT_THAT(names(), Contains(name));
  request_.processors = 1;
  EXPECT_EQ(std::ranges::count(names(), "streams-1"), 1);
}

TEST_F(Proposing, FindingsAreNamedAndTheirGainsOrder) {
  Finding reformats;
  reformats.rule = "reformats";
  reformats.gain = Gain{0.005, 0.006, GainBasis::bound, "all of them"};
  const std::vector<Finding> findings = {reformats};
  request_.findings = findings;
  request_.inference_seconds = 0.01;
  EXPECT_EQ(names().front(), "passes-3") << "half of the time is more than what f16 is taken to gain";
  EXPECT_THAT(named("passes-3").findings, ElementsAre("reformats"));
  EXPECT_THAT(named("passes-2").findings, IsEmpty());
}

TEST_F(Proposing, EveryCandidateClaimsSomethingAndDiffersFromTheOthers) {
  facts_.precision = "bf16";
  request_.has_data = true;
  request_.open_batch = true;
  request_.throughput_hint = true;
  request_.processors = 4;
  std::vector<std::string> seen;
  for (const Candidate& each : propose_candidates(request_).candidates) {
    EXPECT_FALSE(each.claims.empty()) << each.name;
    EXPECT_FALSE(each.what.empty()) << each.name;
    EXPECT_NE(apply_change({}, each.change), Recipe{}) << each.name;
    EXPECT_THAT(seen, Not(Contains(each.name)));
    seen.push_back(each.name);
  }
}

}  // namespace
}  // namespace trtprof::test
