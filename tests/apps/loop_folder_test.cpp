// What the loop of `optimize` reads and writes around its model: folders, locks, data, what is said of gates.
#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include "apps/optimize_loop_fixture.h"
#include "test_paths.h"

namespace trtprof::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

using LoopFolder = OptimizeLoop;

// Of a run before it, on another model: gone as soon as there is another model.
TEST_F(LoopFolder, AStaleScriptIsNotLeftBesideAnotherModel) {
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

TEST_F(LoopFolder, AFolderThatIsNotItsOwnIsNotTouched) {
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

TEST_F(LoopFolder, OneResultIsMadeByOneRun) {
  const int file = ::open(path(".o.onnx.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  ASSERT_EQ(::flock(file, LOCK_EX | LOCK_NB), 0);
  const ProgramResult run = run_tensorrt_profiling(command({"--work", path("other.work")}));
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.err, HasSubstr("is being made by another run"));
  ::close(file);
}

// The second run has what slipped in the first mended; the name of the result looks like an option.
TEST_F(LoopFolder, ASlipOfTheCommandLineIsNotInTheWayOfTheNext) {
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

TEST_F(LoopFolder, GatesThatTellLittleAreSaid) {
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

TEST_F(LoopFolder, OtherCalibrationDataIsOtherData) {
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

}  // namespace
}  // namespace trtprof::test
