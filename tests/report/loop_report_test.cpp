// A run of the loop as text and as JSON, the latter against docs/loop.schema.json.
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "optimize/loop/fake_loop.h"
#include "report/experiments_fixture.h"
#include "report/optimization_fixture.h"
#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/report/loop.h"

namespace trtprof::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

// The guide's staircase, one that is wrong, one that cannot be made, one that there is no time for.
LoopOutcome guides_run(double budget = 60.0) {
  ScriptedActions actions;
  for (const auto& [name, step] : {std::pair("f16", LoopStep::half),
                                   {"int8", LoopStep::int8},
                                   {"wrong", LoopStep::int8},
                                   {"unmakable", LoopStep::graph},
                                   {"late", LoopStep::engine}}) {
    actions.candidates.push_back(candidate(name, step));
  }
  actions.candidates[0].findings = {"tensor-cores"};
  actions.script["f16"] = {.ratio = 9.2 / 14.5};
  actions.script["int8"] = {.ratio = 7.1 / 14.5};
  actions.script["wrong"] = {.ratio = 0.1, .right = false};
  actions.script["unmakable"] = {.make_error = "no pass can"};
  auto outcome = run_loop(actions, {.budget = budget}, {}, [](const LoopEvent&) { return Status{}; });
  EXPECT_TRUE(outcome.has_value());
  return std::move(*outcome);
}

LoopDocument document(const LoopOutcome& outcome, const ModelInfo& model) {
  return {outcome,
          model,
          WrittenModel{"o.onnx", std::string(64, 'b'), 1'900'000},
          "o.engine",
          "o.onnx.commands.sh",
          "o.onnx.work/journal.jsonl",
          60.0};
}

std::string text_of(const LoopOutcome& outcome, LoopTextOptions options = {}) {
  const ModelInfo model = optimized_model();
  std::ostringstream out;
  write_loop_text(out, document(outcome, model), options);
  return out.str();
}

TEST(LoopText, TheGuidesStaircase) {
  const std::string text = text_of(guides_run());
  EXPECT_THAT(text, HasSubstr("FP32            as it was given              10.0000     100.0         -\n"));
  EXPECT_THAT(text,
              HasSubstr("FP16 / BF16     f16                           6.3448     157.6      37 %  FASTER -36.6 % "
                        "[-37.6, -35.6], accepted\n"));
  EXPECT_THAT(text,
              HasSubstr("INT8            int8                          4.8966     204.2      51 %  FASTER -22.8 % "));
  EXPECT_THAT(text, HasSubstr("Cumulative improvement: (10.0000 - 4.8966) / 10.0000 = 51 %\n"));
}

TEST(LoopText, WhatBecameOfEachCandidate) {
  const std::string text = text_of(guides_run());
  EXPECT_THAT(text, HasSubstr("  wrong                     rejected   Top-1 drops by 49 points.\n"));
  EXPECT_THAT(text, HasSubstr("  unmakable                 rejected   No pass can.\n"));
  EXPECT_THAT(text, HasSubstr("  custom                    no         There are none.\n"));
  EXPECT_THAT(text, HasSubstr("Result:    int8: what int8 is\n"));
  EXPECT_THAT(text_of(guides_run(30.0)),
              HasSubstr("  late                      not tried  The budget had no time left for it.\n"));
}

TEST(LoopText, WhatDoesNotCompeteIsListed) {
  ScriptedActions actions;
  actions.candidates = {candidate("batch-64", LoopStep::batch)};
  actions.candidates[0].competes = false;
  const auto outcome = run_loop(actions, {.budget = 60.0}, {}, [](const LoopEvent&) { return Status{}; });
  EXPECT_THAT(text_of(*outcome), HasSubstr("  batch-64                  listed     It is measured for the table"));
}

TEST(LoopText, QuietIsTheStaircaseAndTheResult) {
  LoopTextOptions options;
  options.quiet = true;
  const std::string text = text_of(guides_run(), options);
  EXPECT_THAT(text, HasSubstr("Step"));
  EXPECT_THAT(text, HasSubstr("Result:"));
  EXPECT_THAT(text, Not(HasSubstr("Candidates")));
}

TEST(LoopText, TimesOfABatchThatWonAreOfAnItem) {
  ScriptedActions actions;
  actions.given_batch = 16;
  actions.candidates = {candidate("batch-64", LoopStep::batch)};
  actions.candidates[0].change = {.run = {{"--batch", "64"}}};
  actions.script["batch-64"] = {.ratio = 0.6, .batch = 64};
  const auto outcome = run_loop(actions, {.budget = 60.0}, {}, [](const LoopEvent&) { return Status{}; });
  const std::string text = text_of(*outcome);
  EXPECT_THAT(text, HasSubstr("FP32            as it was given              10.0000    1600.0         -\n"));
  EXPECT_THAT(text,
              HasSubstr("Batch           batch-64                     24.0000    2666.7      40 %  FASTER -40.0 %"));
  EXPECT_THAT(text, HasSubstr("Cumulative improvement: (0.6250 - 0.3750) / 0.6250 = 40 % of the time of an item\n"));
  EXPECT_THAT(text, HasSubstr("as it was given                10.0 ms      1600.0  the reference "));
  EXPECT_THAT(text, HasSubstr("batch-64                       24.0 ms      2666.7  top-1 99.0 %"));
}

LoopOutcome run_of(ScriptedActions& actions, double budget) {
  auto outcome = run_loop(actions, {.budget = budget}, {}, [](const LoopEvent&) { return Status{}; });
  EXPECT_TRUE(outcome.has_value());
  return std::move(*outcome);
}

TEST(LoopText, WhatWasTakenBackIsNotAccepted) {
  ScriptedActions actions;
  actions.candidates = {candidate("fluke")};
  actions.script["fluke"] = {.ratio = 0.97, .spread = 0.02, .confirmed_ratio = 1.04};
  const LoopOutcome outcome = run_of(actions, 100.0);
  const std::string text = text_of(outcome);
  EXPECT_THAT(text, HasSubstr("FASTER -3.0 % [-5.0, -1.0], taken back\n"));
  EXPECT_THAT(text, HasSubstr("  fluke                     taken back Launches of its own beside the given"));
  EXPECT_THAT(text, HasSubstr("the model that was given: 'fluke' looked faster, and launches beside"));
  EXPECT_THAT(text, Not(HasSubstr("accepted")));
  EXPECT_THAT(text, Not(HasSubstr("Cumulative")));
  const ModelInfo model = optimized_model();
  const json written = json::parse(loop_to_json(document(outcome, model)));
  EXPECT_EQ(written["candidates"][0]["decision"], "taken_back");
  EXPECT_THAT(written["candidates"][0]["reason"].get<std::string>(), HasSubstr("do not agree"));
  EXPECT_EQ(written["staircase"][1]["accepted"], false);
  EXPECT_EQ(written["pareto"][0]["front"], true);
  EXPECT_EQ(written["pareto"][1]["taken_back"], true);
  EXPECT_EQ(written["pareto"][1]["front"], false) << "it only looked faster";
  EXPECT_EQ(written["winner"], "given");
}

TEST(LoopText, WhereNothingWasTriedItSaysSo) {
  ScriptedActions actions;
  actions.candidates = {candidate("one")};
  const std::string over = text_of(run_of(actions, 5.0));
  EXPECT_THAT(over, HasSubstr("the model that was given: the budget had no time to try anything"));
  EXPECT_THAT(over, HasSubstr("2.00 s of 60.0 s, what is left is too little to go on"));
  actions.interrupted_by = "make one";
  EXPECT_THAT(text_of(run_of(actions, 60.0)),
              HasSubstr("the model that was given: it was interrupted before anything was tried"));
  actions.interrupted_by.reset();
  actions.script["one"] = {.make_error = "no pass can"};
  EXPECT_THAT(text_of(run_of(actions, 60.0)),
              HasSubstr("the model that was given: nothing that was tried could be made and run"));
  actions.candidates.clear();
  const std::string none = text_of(run_of(actions, 60.0));
  EXPECT_THAT(none, HasSubstr("the model that was given: there is nothing to try"));
  EXPECT_THAT(none, HasSubstr(", nothing is left to try"));
}

TEST(LoopText, NothingBetterIsSaid) {
  ScriptedActions actions;
  actions.candidates = {candidate("slow")};
  actions.script["slow"] = {.ratio = 1.3};
  const auto outcome = run_loop(actions, {.budget = 60.0}, {}, [](const LoopEvent&) { return Status{}; });
  const std::string text = text_of(*outcome);
  EXPECT_THAT(text, HasSubstr("the model that was given: nothing that was tried is faster and right"));
  EXPECT_THAT(text, Not(HasSubstr("Cumulative")));
  EXPECT_THAT(text, HasSubstr("It is slower: +30.0 % [+29.0, +31.0]."));
}

TEST(LoopJson, FollowsItsSchemaWhichDescribesEveryFieldAndNoOther) {
  const auto folder = TemporaryFolder::create("trtprof-loop-json").value();
  const ModelInfo model = optimized_model();
  std::vector<std::string> command = {kPython, std::string(kSourceDir) + "/tests/support/validate_profile.py",
                                      "--complete", std::string(kSourceDir) + "/docs/loop.schema.json"};
  LoopOutcome whole = guides_run();
  AccuracyFacts& accuracy = *whole.state.records[0].accuracy;
  accuracy.agreement = 0.998;
  accuracy.sqnr_db = 41.0;
  accuracy.doubts = {"few samples"};
  LookFacts& look = whole.state.records[0].looks.back();
  look.reason = "the interval is below zero";
  look.b.joules = 0.5;
  whole.state.records[0].decision->claims.push_back({{ClaimKind::computes_in, "half"}, true, "44 of 44"});
  whole.state.records[0].decision->claims.push_back({{ClaimKind::computes_in, "f16", "half"}, false, "44 of 44"});
  const ExperimentsReport experiments = experiments_done();
  for (const LoopOutcome& outcome : {whole, guides_run(30.0), guides_run(1.0)}) {
    LoopDocument written = document(outcome, model);
    if (command.size() == 4) written.experiments = &experiments;
    command.push_back((folder.path() / (std::to_string(command.size()) + ".json")).string());
    ASSERT_TRUE(write_file(command.back(), loop_to_json(written)));
  }
  const ProgramResult run = run_program(command);
  EXPECT_EQ(run.out, "ok\n");
  EXPECT_EQ(run.err, "");
}

TEST(LoopJson, SaysWhoWonAndHow) {
  const ModelInfo model = optimized_model();
  const LoopOutcome outcome = guides_run();
  const json written = json::parse(loop_to_json(document(outcome, model)));
  EXPECT_EQ(written["schema"]["name"], kLoopSchemaName);
  EXPECT_EQ(written["winner"], "int8");
  EXPECT_EQ(written["candidates"][0]["decision"], "accepted");
  EXPECT_EQ(written["candidates"][1]["against"], "f16");
  EXPECT_EQ(written["candidates"][2]["decision"], "inaccurate");
  EXPECT_NEAR(written["staircase"][2]["improvement"].get<double>(), 1.0 - 7.1 / 14.5, 1e-12);
  EXPECT_EQ(written["pareto"].size(), 4U) << "the given model, and what was timed";
}

}  // namespace
}  // namespace trtprof::test
