// `optimize --budget`, as a user does it: on a model with two convolutions in a row that no engine merges and a pass
// does, so that there is something to win on any machine.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <map>
#include <sstream>

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
                      {"TRTPROF_FAKE_LAYERS", "1"}};
  std::vector<std::string> words = command({"--builds", "2", "--skip", "bf16"});
  std::ranges::replace(words, "openvino", "tensorrt-rtx");
  const ProgramResult run = run_tensorrt_profiling(words, fake);
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const json document = json::parse(read_file(path("o.json")).value());
  EXPECT_EQ(document["winner"], "passes-3") << run.out;
  const std::string engine = read_file(path("o.engine")).value_or("");
  EXPECT_THAT(engine, HasSubstr("layer"));
  EXPECT_EQ(hash("o.engine"), sha256_of_file(path("o.onnx.work/engines/passes-3-1.engine")).value_or("none"));
  EXPECT_TRUE(fs::exists(path("o.engine.json"))) << "how it was built";
  for (const auto& candidate : document["candidates"]) {
    for (const auto& look : candidate["looks"]) EXPECT_GE(look["launches"], 4) << "two of each of two builds";
  }
  std::size_t built = 0;
  for (std::size_t at = run.err.find("given: building"); at != std::string::npos;
       at = run.err.find("given: building", at + 1)) {
    ++built;
  }
  EXPECT_EQ(built, 2U) << run.err;
  EXPECT_THAT(read_file(path("o.onnx.commands.sh")).value(), HasSubstr("\"$program\" build \"$output\""));
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
  const ProgramResult no_output = run_tensorrt_profiling({"optimize", path("m.onnx"), "--budget", "1m"});
  EXPECT_THAT(no_output.err, HasSubstr("-o FILE"));
  const ProgramResult itself =
      run_tensorrt_profiling({"optimize", path("m.onnx"), "-o", path("m.onnx"), "--budget", "1m"});
  EXPECT_EQ(itself.exit_code, 2);
  EXPECT_THAT(itself.err, HasSubstr("-o names the model that is given"));
}

}  // namespace
}  // namespace trtprof::test
