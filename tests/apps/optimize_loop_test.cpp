// `optimize --budget`, as a user does it.
#include <algorithm>
#include <csignal>
#include <filesystem>

#include <gmock/gmock.h>

#include "apps/optimize_loop_fixture.h"
#include "test_paths.h"
#include "trtprof/model/onnx_model.h"

namespace trtprof::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(OptimizeLoop, AcceptsWhatIsFasterAndWritesTheCommandsThatMakeItAgain) {
  const ProgramResult run = run_tensorrt_profiling(command(), {.timeout_seconds = 300.0});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("no --data: nothing vouches for the accuracy"));
  EXPECT_THAT(run.out, AllOf(HasSubstr("Cumulative improvement: ("), HasSubstr("Result:    passes-3: ")));
  const json document = json::parse(read_file(path("o.json")).value());
  EXPECT_EQ(document["winner"], "passes-3") << run.out;
  EXPECT_EQ(document["result"]["sha256"], hash("o.onnx"));
  EXPECT_EQ(document["confirmation"]["kept"], true);
  EXPECT_EQ(OnnxModel::load(path("o.onnx"))->graph().nodes.size(), 1U);

  const ProgramResult again = run_program({path("o.onnx.commands.sh"), path("m.onnx"), path("again.onnx")},
                                          {.environment = {{"TENSORRT_PROFILING", kProgram}}});
  EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
  EXPECT_EQ(hash("again.onnx"), hash("o.onnx"));

  // The same again: everything is known.
  const auto before = events();
  const ProgramResult known = run_tensorrt_profiling(command());
  EXPECT_EQ(known.exit_code, 0) << known.err;
  EXPECT_EQ(known.out, run.out);
  EXPECT_EQ(events(), before);

  // What was made is made again where it is another, or gone.
  const std::string winner = hash("o.onnx");
  ASSERT_TRUE(write_file(path("o.onnx.work/candidates/passes-3/model.onnx"), read_file(path("m.onnx")).value()));
  const ProgramResult altered = run_tensorrt_profiling(command());
  EXPECT_EQ(altered.exit_code, 0) << altered.err;
  EXPECT_THAT(altered.err, HasSubstr("passes-3: the model that was made is not there any more"));
  EXPECT_EQ(hash("o.onnx"), winner);
  fs::remove_all(path("o.onnx.work/candidates"));
  fs::remove(path("o.onnx"));
  const ProgramResult gone = run_tensorrt_profiling(command());
  EXPECT_EQ(gone.exit_code, 0) << gone.err;
  EXPECT_EQ(hash("o.onnx"), winner);

  // Launches that are gone cannot be judged: neither silently on the rest, nor for good.
  forge_undecided_look();
  fs::remove_all(path("o.onnx.work/looks"));
  const ProgramResult lost = run_tensorrt_profiling(command());
  EXPECT_EQ(lost.exit_code, 1) << lost.out;
  EXPECT_THAT(lost.err, HasSubstr("launches that the journal speaks of are not in"));
  EXPECT_EQ(events()["decided passes-3"], 0);
}

TEST_F(OptimizeLoop, KilledItLeavesTheBestSoFarAndGoesOn) {
  ProgramOptions kill;
  kill.timeout_seconds = 300.0;
  kill.signal = SIGKILL;
  kill.signal_after_text = "f16: making the model";
  kill.signal_after_seconds = 0.01;
  const ProgramResult killed = run_tensorrt_profiling(command(), kill);
  ASSERT_EQ(killed.exit_code, 128 + SIGKILL);
  EXPECT_EQ(OnnxModel::load(path("o.onnx"))->graph().nodes.size(), 1U) << "what was accepted is there";
  EXPECT_EQ(events()["decided passes-3"], 1);

  const ProgramResult resumed = run_tensorrt_profiling(command(), {.timeout_seconds = 300.0});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_THAT(resumed.err, HasSubstr("goes on where a run before it ended"));
  EXPECT_THAT(resumed.err, Not(HasSubstr("measuring the given model")));
  EXPECT_THAT(resumed.err, Not(HasSubstr("passes-3: look")));
  for (const auto& [event, count] : events()) {
    const bool once = !event.starts_with("look") && !event.starts_with("confirmation_look");
    EXPECT_TRUE(count == 1 || !once) << event;
  }
  EXPECT_EQ(json::parse(read_file(path("o.json")).value())["winner"], "passes-3");

  const ProgramResult other = run_tensorrt_profiling(command({"--seed", "2"}));
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("it was made with other options"));
}

// Where the backend builds engines: several of each, those of the given model built once for all candidates, and the
// fastest of the winner beside the result.
TEST_F(OptimizeLoop, BuildsEnginesAndKeepsThatOfTheWinner) {
  ProgramOptions fake;
  fake.timeout_seconds = 300.0;
  fake.environment = {{"TRTPROF_BACKEND_PATH", std::string(kFakeEngines) + ":" + kBuildDir},
                      {"TRTPROF_CACHE_DIR", path("cache")},
                      {"TRTPROF_FAKE_LAYERS", "1"},
                      {"TRTPROF_FAKE_BUILDS", path("builds")}};
  std::vector<std::string> words = command({"--builds", "2", "--skip", "bf16"});
  std::ranges::replace(words, path("o.onnx"), path("best.v1"));
  std::ranges::replace(words, "openvino", "tensorrt-rtx");
  const ProgramResult run = run_tensorrt_profiling(words, fake);
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const json document = json::parse(read_file(path("o.json")).value());
  EXPECT_EQ(document["winner"], "passes-3") << run.out;
  EXPECT_THAT(read_file(path("best.v1.engine")).value_or(""), HasSubstr("layer"));
  EXPECT_NE(hash("best.v1.work/engines/passes-3-1.engine"), hash("best.v1.work/engines/passes-3-2.engine"));
  EXPECT_EQ(hash("best.v1.engine"), hash("best.v1.work/engines/passes-3-2.engine")) << "the faster of the two";
  EXPECT_EQ(hash("best.v1.engine.json"), hash("best.v1.work/engines/passes-3-2.engine.json")) << "how it was built";
  for (const auto& candidate : document["candidates"]) {
    for (const auto& look : candidate["looks"]) EXPECT_GE(look["launches"], 4) << "two of each of two builds";
  }
  std::size_t built = 0;
  for (std::size_t at = run.err.find("given: building"); at != std::string::npos;
       at = run.err.find("given: building", at + 1)) {
    ++built;
  }
  EXPECT_EQ(built, 2U) << run.err;
  EXPECT_THAT(read_file(path("best.v1.commands.sh")).value(), HasSubstr("\"$program\" build \"$output\""));

  // An engine without its record, as a kill may leave it, is built again.
  fs::remove(path("best.v1.work/engines/passes-3-2.engine.json"));
  const ProgramResult resumed = run_tensorrt_profiling(words, fake);
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
}

// One stream has one request in flight, and no time from one completion to the next but its latency.
TEST_F(OptimizeLoop, OneStreamIsComparedWithSeveral) {
  const ProgramResult run = run_tensorrt_profiling({"optimize",     path("m.onnx"),
                                                    "-o",           path("o.onnx"),
                                                    "--budget",     "1m",
                                                    "--backend",    "openvino",
                                                    "--candidates", "streams-1",
                                                    "--objective",  "throughput",
                                                    "--hint",       "throughput",
                                                    "--streams",    "2",
                                                    "--launches",   "3",
                                                    "--iterations", "20",
                                                    "--warmup",     "1",
                                                    "--json",       path("o.json")},
                                                   {.timeout_seconds = 120.0});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const json document = json::parse(read_file(path("o.json")).value());
  ASSERT_EQ(document["candidates"].size(), 1U) << run.out;
  EXPECT_NE(document["candidates"][0]["decision"], "failed") << run.out;
  ASSERT_FALSE(document["candidates"][0]["looks"].empty());
  EXPECT_EQ(document["candidates"][0]["looks"][0]["figure"], "interval");
}

TEST_F(OptimizeLoop, InterruptedItReportsWhatThereIs) {
  ProgramOptions interrupt;
  interrupt.timeout_seconds = 300.0;
  interrupt.signal_after_text = "passes-3: look 1";
  interrupt.signal_after_seconds = 0.2;
  const ProgramResult run = run_tensorrt_profiling(command(), interrupt);
  EXPECT_EQ(run.exit_code, 130) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("INTERRUPTED"), HasSubstr("the model that was given")));
  EXPECT_EQ(hash("o.onnx"), hash("m.onnx")) << "byte by byte";
}

TEST_F(OptimizeLoop, ABudgetThatIsTooSmallReturnsWhatWasGiven) {
  std::vector<std::string> words = command();
  std::ranges::replace(words, "10m", "0.1s");
  const ProgramResult run = run_tensorrt_profiling(words);
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("the budget is over"), HasSubstr("not tried")));
  EXPECT_EQ(hash("o.onnx"), hash("m.onnx"));
}

TEST_F(OptimizeLoop, OpenDimensionsAreThoseOfTheData) {
  const std::string digits = std::string(kSourceDir) + "/models/digits/";
  const auto result = run_tensorrt_profiling(
      {"optimize", digits + "mobilenetv2_digits.onnx", "-o", path("o.onnx"), "--budget", "4", "--backend", "openvino",
       "--data", digits + "heldout.npz", "--candidates", "passes-2", "--iterations", "5", "--warmup", "1"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(read_file(path("o.onnx.commands.sh")).value(), HasSubstr("--shape image:16x1x32x32"));
}

TEST_F(OptimizeLoop, LargerBatchesRunOnOpenModelsWithData) {
  const std::string digits = std::string(kSourceDir) + "/models/digits/";
  const auto result = run_tensorrt_profiling({"optimize",     digits + "mobilenetv2_digits.onnx",
                                              "-o",           path("o.onnx"),
                                              "--budget",     "12",
                                              "--backend",    "openvino",
                                              "--data",       digits + "heldout.npz",
                                              "--candidates", "batch-64",
                                              "--objective",  "throughput",
                                              "--launches",   "3",
                                              "--iterations", "5",
                                              "--warmup",     "1",
                                              "--json",       path("o.json")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const json candidate = json::parse(read_file(path("o.json")).value())["candidates"].front();
  EXPECT_EQ(candidate["name"], "batch-64");
  EXPECT_FALSE(candidate["looks"].empty()) << candidate.dump();
}

TEST_F(OptimizeLoop, RefusesWhatContradictsIt) {
  const auto refused = [&](const std::vector<std::string>& more) {
    const ProgramResult run = run_tensorrt_profiling(command(more));
    EXPECT_EQ(run.exit_code, 2) << run.err;
    EXPECT_EQ(run.out, "");
    return run.err;
  };
  EXPECT_THAT(refused({"--precision", "f16"}), HasSubstr("--budget and --precision contradict each other"));
  EXPECT_THAT(refused({"--passes", "3"}), HasSubstr("--passes"));
  EXPECT_THAT(refused({"--skip", "fp61"}),
              AllOf(HasSubstr("there is no candidate 'fp61'"), HasSubstr("passes-2"), Not(HasSubstr("measuring"))));
  EXPECT_THAT(refused({"--candidates", ","}), HasSubstr("names no candidate"));
  const ProgramResult engine =
      run_tensorrt_profiling({"optimize", path("m.onnx"), "-o", path("o.engine"), "--budget", "1m"});
  EXPECT_EQ(engine.exit_code, 2);
  EXPECT_THAT(engine.err, HasSubstr("is named as an engine"));
  EXPECT_FALSE(fs::exists(path("o.engine")));
  const ProgramResult no_output = run_tensorrt_profiling({"optimize", path("m.onnx"), "--budget", "1m"});
  EXPECT_THAT(no_output.err, HasSubstr("-o FILE"));
  const ProgramResult itself =
      run_tensorrt_profiling({"optimize", path("m.onnx"), "-o", path("m.onnx"), "--budget", "1m"});
  EXPECT_EQ(itself.exit_code, 2);
  EXPECT_THAT(itself.err, HasSubstr("-o names the model that is given"));
}

}  // namespace
}  // namespace trtprof::test
