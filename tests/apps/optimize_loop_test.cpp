// `optimize --budget`, as a user does it: on a model with two convolutions in a row that no engine merges and a pass
// does, so that there is something to win on any machine.
#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <map>
#include <sstream>
#include <sys/file.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <onnx/onnx_pb.h>

#include "model/model_files.h"
#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/model/onnx_model.h"

namespace trtprof::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::int64_t kWide = 1024;

void add_weights(onnx::GraphProto& graph, const std::string& name, std::int64_t outputs, std::int64_t inputs) {
  auto& tensor = *graph.add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t dim : {outputs, inputs, std::int64_t{1}, std::int64_t{1}}) tensor.add_dims(dim);
  std::uint32_t state = 1;
  for (std::int64_t i = 0; i < outputs * inputs; ++i) {
    state = state * 1664525U + 1013904223U;
    tensor.add_float_data((static_cast<float>(state >> 8U) / 8388608.0F - 1.0F) / static_cast<float>(inputs));
  }
}

// 64 channels to 1,024 and back to 8, at 64x64 pixels: merged it is a hundredth of the work.
onnx::ModelProto bottleneck_in_reverse() {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(17);
  auto& graph = *model.mutable_graph();
  graph.set_name("bottleneck in reverse");
  graph.add_input()->set_name("x");
  set_shape(*graph.mutable_input(0), {1, 64, 64, 64});
  graph.add_output()->set_name("y");
  set_shape(*graph.mutable_output(0), {1, 8, 64, 64});
  add_weights(graph, "wide", kWide, 64);
  add_weights(graph, "narrow", 8, kWide);
  add_node(graph, "first", "Conv", {"x", "wide"}, {"h"});
  add_node(graph, "second", "Conv", {"h", "narrow"}, {"y"});
  return model;
}

class OptimizeLoop : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(write_file(path("m.onnx"), bottleneck_in_reverse().SerializeAsString())); }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string hash(const std::string& name) const { return sha256_of_file(path(name)).value_or(""); }

  std::vector<std::string> command(std::vector<std::string> more = {}) const {
    std::vector<std::string> words = {"optimize",     path("m.onnx"), "-o",         path("o.onnx"),
                                      "--budget",     "10m",          "--backend",  "openvino",
                                      "--candidates", "passes-3,f16", "--launches", "3",
                                      "--iterations", "20",           "--warmup",   "1",
                                      "--json",       path("o.json")};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  // Of the journal: how often each event is there, as "made passes-3".
  std::map<std::string, int> events() const {
    std::map<std::string, int> counts;
    std::istringstream lines(read_file(path("o.onnx.work/journal.jsonl")).value_or(""));
    for (std::string line; std::getline(lines, line);) {
      const json event = json::parse(line);
      if (event.contains("event")) ++counts[event["event"].get<std::string>() + " " + event.value("candidate", "")];
    }
    return counts;
  }

  // Leaves of the journal what was until the first look at passes-3, and that undecided.
  void forge_undecided_look() const {
    const std::string journal = path("o.onnx.work/journal.jsonl");
    std::istringstream lines(read_file(journal).value_or(""));
    std::string kept;
    for (std::string line; std::getline(lines, line);) {
      json event = json::parse(line);
      const bool is_look = event.value("event", "") == "look" && event.value("candidate", "") == "passes-3";
      if (is_look) {
        json& look = event["what"]["look"];
        look["outcome"] = "UNDECIDED";
        look["effect"] = -0.02;
        look["interval"] = {{"low", -0.3}, {"high", 0.3}};
      }
      kept += event.dump() + "\n";
      if (is_look) break;
    }
    ASSERT_TRUE(write_file(journal, kept).has_value());
  }

  TemporaryFolder folder_ = TemporaryFolder::create("trtprof-optimize-loop").value();
};

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

// Of a run before it, on another model: gone as soon as there is another model.
TEST_F(OptimizeLoop, AStaleScriptIsNotLeftBesideAnotherModel) {
  ASSERT_TRUE(write_file(path("o.onnx.commands.sh"), "stale").has_value());
  ProgramOptions kill;
  kill.signal = SIGKILL;
  kill.signal_after_text = "measuring the given model";
  kill.signal_after_seconds = 0.01;
  const ProgramResult killed = run_tensorrt_profiling(command(), kill);
  ASSERT_EQ(killed.exit_code, 128 + SIGKILL);
  EXPECT_EQ(hash("o.onnx"), hash("m.onnx"));
  EXPECT_THAT(read_file(path("o.onnx.commands.sh")).value_or(""), HasSubstr(hash("m.onnx")));
}

// One inference in flight on one side, several on the other: both have a rate.
TEST_F(OptimizeLoop, OneStreamIsComparedWithSeveral) {
  std::vector<std::string> words = command({"--hint", "throughput", "--objective", "throughput"});
  std::ranges::replace(words, "passes-3,f16", "streams-1");
  std::ranges::replace(words, "10m", "15s");
  const ProgramResult run = run_tensorrt_profiling(words, {.timeout_seconds = 300.0});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  const json candidate = json::parse(read_file(path("o.json")).value())["candidates"].front();
  EXPECT_FALSE(candidate["looks"].empty()) << candidate.dump();
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

TEST_F(OptimizeLoop, AFolderThatIsNotItsOwnIsNotTouched) {
  fs::create_directories(path("mine/running-shoes"));
  fs::create_directories(path("mine/running-7"));
  const ProgramResult run = run_tensorrt_profiling(command({"--work", path("mine")}));
  EXPECT_EQ(run.exit_code, 2) << run.err;
  EXPECT_THAT(run.err, HasSubstr("holds other things than the loop's"));
  EXPECT_TRUE(fs::exists(path("mine/running-7")));
  EXPECT_FALSE(fs::exists(path("mine/journal.jsonl")));

  std::vector<std::string> words = command();
  std::ranges::replace(words, "10m", "0.1s");
  ASSERT_EQ(run_tensorrt_profiling(words).exit_code, 0);
  for (const std::string name : {"running-shoes", "running-7"}) fs::create_directories(path("o.onnx.work/" + name));
  EXPECT_EQ(run_tensorrt_profiling(words).exit_code, 0);
  EXPECT_TRUE(fs::exists(path("o.onnx.work/running-shoes")));
  EXPECT_FALSE(fs::exists(path("o.onnx.work/running-7"))) << "of a run that was killed";
  EXPECT_FALSE(fs::exists(path(".o.onnx.lock")));
}

TEST_F(OptimizeLoop, OneResultIsMadeByOneRun) {
  const int file = ::open(path(".o.onnx.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  ASSERT_EQ(::flock(file, LOCK_EX | LOCK_NB), 0);
  const ProgramResult run = run_tensorrt_profiling(command({"--work", path("other.work")}));
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.err, HasSubstr("is being made by another run"));
  ::close(file);
}

// The second run has what slipped in the first mended; the name of the result looks like an option.
TEST_F(OptimizeLoop, ASlipOfTheCommandLineIsNotInTheWayOfTheNext) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_.path());
  const auto with = [&](const std::string& shape) {
    return run_tensorrt_profiling({"optimize", path("m.onnx"), "--output=-o.onnx", "--budget", "20s", "--backend",
                                   "openvino", "--candidates", "passes-3", "--launches", "3", "--iterations", "10",
                                   "--warmup", "1", "--json", path("o.json"), "--shape", shape},
                                  {.timeout_seconds = 300.0});
  };
  const ProgramResult slip = with("x:1x64x64x46");
  EXPECT_EQ(slip.exit_code, 2) << slip.err;
  const ProgramResult mended = with("x:1x64x64x64");
  fs::current_path(before);
  EXPECT_EQ(mended.exit_code, 0) << mended.err;
  EXPECT_EQ(json::parse(read_file(path("o.json")).value_or("{}"))["winner"], "passes-3") << mended.out;
  EXPECT_TRUE(fs::exists(path("-o.onnx")));
}

TEST_F(OptimizeLoop, GatesThatTellLittleAreSaid) {
  const std::string digits = std::string(kSourceDir) + "/models/digits/";
  const auto said = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = {"optimize",     digits + "mobilenetv2_digits.onnx",
                                      "-o",           path("o.onnx"),
                                      "--budget",     "0.1s",
                                      "--backend",    "openvino",
                                      "--batch",      "1",
                                      "--iterations", "2",
                                      "--warmup",     "1",
                                      "--candidates", "passes-2"};
    words.insert(words.end(), more.begin(), more.end());
    const ProgramResult run = run_tensorrt_profiling(words);
    fs::remove_all(path("o.onnx.work"));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return run.err;
  };
  const std::string data = digits + "heldout.npz";
  EXPECT_THAT(said({"--data", data, "--max-drop", "100"}), HasSubstr("the gate is so wide"));
  EXPECT_THAT(said({"--data", data, "--samples", "1"}), HasSubstr("--samples 1: one sample is 100 %"));
  EXPECT_THAT(said({"--data", data, "--max-drop", "0.5"}), Not(HasSubstr("warning")));
  EXPECT_THAT(said({"--min-agreement", "99"}), HasSubstr("agrees in 99 % of rows of random inputs"));
}

TEST_F(OptimizeLoop, OtherCalibrationDataIsOtherData) {
  const std::string digits = std::string(kSourceDir) + "/models/digits/";
  fs::create_directories(path("images"));
  ASSERT_TRUE(write_file(path("images/one.png"), "1"));
  const auto run = [&] {
    std::vector<std::string> words = command({"--calibration-data", path("images")});
    std::ranges::replace(words, "10m", "0.1s");
    return run_tensorrt_profiling(words);
  };
  EXPECT_EQ(run().exit_code, 0);
  EXPECT_EQ(run().exit_code, 0);
  ASSERT_TRUE(write_file(path("images/one.png"), "2"));
  const ProgramResult other = run();
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("it was made with other data"));
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
