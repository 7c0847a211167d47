// `compare` as a user runs it: saved profiles, a model through OpenVINO, engines of a module without a GPU.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "compare/synthetic.h"
#include "compare_launches.h"
#include "option_values.h"
#include "support/profile_fixture.h"
#include "support/run_program.h"
#include "support/stored_profile.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::vector<std::string> kShort = {"--iterations", "20", "--warmup", "2", "--no-telemetry"};

class CompareCommand : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(folder_.has_value()); }

  std::string path(const std::string& name) const { return (folder_->path() / name).string(); }
  static std::string stored(const std::string& name) {
    return (fs::path(kDataDir) / "diagnose" / (name + ".json")).string();
  }
  ProgramResult run(std::vector<std::string> arguments, const std::string& modules = kBuildDir,
                    ProgramOptions options = {}) const {
    arguments.insert(arguments.begin(), "compare");
    options.environment.insert(options.environment.end(),
                               {{"TRTPROF_BACKEND_PATH", modules}, {"TRTPROF_CACHE_DIR", path("cache")}});
    return run_tensorrt_profiling(arguments, options);
  }
  json document(const std::string& name) const { return json::parse(*read_file(path(name))); }

  std::string model(const std::string& name = "m.onnx", const std::string& width = "0.35") const {
    const ProgramResult made =
        run_tensorrt_profiling({"sample", "mobilenetv2", "-o", path(name), "--width", width, "--resolution", "32"});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    return path(name);
  }

  // A folder of launches with these times over those of a real run, each some seconds after the one before.
  std::string side(const std::string& name, const std::vector<double>& factors, int first_second) const {
    fs::create_directories(path(name));
    for (std::size_t i = 0; i < factors.size(); ++i) {
      Profile profile = stored_profile("mobilenetv2_b1_graph");
      for (double& sample : profile.end_to_end->total.samples) sample *= factors[i];
      profile.end_to_end->total = series_of(profile.end_to_end->total.samples);
      profile.environment.started_at = fmt::format("2026-01-31T00:{:02}:{:02}Z", i, first_second);
      EXPECT_TRUE(save_profile(profile, path(name + "/" + std::to_string(i) + ".json")));
    }
    return path(name);
  }

 private:
  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-compare-test");
};

TEST_F(CompareCommand, ComparesSavedProfilesOfOneLaunchASide) {
  const ProgramResult result = run({stored("mobilenetv2_b1_stream"), stored("mobilenetv2_b1_graph")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(StartsWith("B is FASTER than A: -38.6 %"), HasSubstr("1 launch each"),
                                HasSubstr("CUDA graph: off -> on"), HasSubstr("taken to differ by 5 %")));
}

TEST_F(CompareCommand, TakesFoldersAndFurtherFilesAsLaunches) {
  const std::string a = side("a", {1.0, 1.002, 0.998}, 0);
  const std::string b = side("b", {1.2, 1.201, 1.199}, 10);
  const ProgramResult folders = run({a, b, "--json", path("c.json")});
  EXPECT_EQ(folders.exit_code, 0) << folders.err;
  EXPECT_THAT(folders.out, AllOf(StartsWith("B is SLOWER than A: +20.0 %"), HasSubstr("3 launches each")));
  const json comparison = document("c.json");
  EXPECT_EQ(comparison["verdict"]["basis"], "pairs");
  EXPECT_EQ(comparison["profiles_a"].size(), 3U);
  EXPECT_EQ(comparison["profiles_b"][1]["sha256"], sha256_of(*read_file(b + "/1.json")));
  const ProgramResult files = run({a + "/0.json", b + "/0.json", "--a", a + "/1.json", "--a", a + "/2.json", "--b",
                                   b + "/1.json", "--b", b + "/2.json"});
  EXPECT_EQ(files.out, folders.out);
}

TEST_F(CompareCommand, TheGateFailsOnSlowerAndWarnsOfUndecided) {
  const std::string a = side("a", {1.0, 1.002, 0.998}, 0);
  const std::string slower = side("b", {1.2, 1.201, 1.199}, 10);
  const std::string noisy = side("n", {1.3, 0.8, 1.1}, 10);
  EXPECT_EQ(run({a, slower, "-q"}).exit_code, 0);
  const ProgramResult failed = run({a, slower, "-q", "--fail-if-slower", "3%"});
  EXPECT_EQ(failed.exit_code, 3);
  EXPECT_THAT(failed.err, HasSubstr("--fail-if-slower 3%: B is slower by 20.0 %"));
  EXPECT_EQ(run({a, slower, "-q", "--fail-if-slower", "30 %", "--strict"}).exit_code, 0);
  EXPECT_EQ(run({slower, a, "-q", "--fail-if-slower", "3"}).exit_code, 0);
  const ProgramResult undecided = run({a, noisy, "-q", "--fail-if-slower", "3%"});
  EXPECT_EQ(undecided.exit_code, 0);
  EXPECT_THAT(undecided.err, AllOf(HasSubstr("UNDECIDED"), HasSubstr("--strict would fail")));
  EXPECT_EQ(run({a, noisy, "-q", "--fail-if-slower", "3%", "--strict"}).exit_code, 3);
}

TEST_F(CompareCommand, RefusesWhatCannotBeCompared) {
  const ProgramResult work = run({stored("transfer"), stored("mobilenetv2_b1_graph")});
  EXPECT_EQ(work.exit_code, 2);
  EXPECT_THAT(work.err, HasSubstr("do not do the same work"));
  const ProgramResult measured = run({stored("mobilenetv2_b1_stream"), stored("mobilenetv2_b1_graph"), "--batch", "4"});
  EXPECT_EQ(measured.exit_code, 2);
  EXPECT_THAT(measured.err, HasSubstr("--batch is for measuring, and both sides were measured already"));
  const ProgramResult options =
      run({stored("mobilenetv2_b1_stream"), stored("mobilenetv2_b1_graph"), "--b-options", "--batch 4"});
  EXPECT_THAT(options.err, HasSubstr("--b-options is for launching B"));
  EXPECT_EQ(run({stored("mobilenetv2_b1_stream"), path("missing.json")}).exit_code, 1);
  const ProgramResult strict = run({stored("mobilenetv2_b1_stream"), stored("mobilenetv2_b1_graph"), "--strict"});
  EXPECT_THAT(strict.err, HasSubstr("--strict is for --fail-if-slower"));
  fs::create_directory(path("empty"));
  EXPECT_THAT(run({path("empty"), stored("mobilenetv2_b1_graph")}).err, HasSubstr("no profile (.json) in the folder"));
  const ProgramResult percent = run({stored("resnet50"), stored("resnet50"), "--fail-if-slower", "-3%"});
  EXPECT_EQ(percent.exit_code, 2);
}

TEST_F(CompareCommand, RefusesOptionsOfLaunchesBeforeLaunching) {
  const std::string m = model();
  const ProgramResult unknown = run({m, m, "--b-options", "--presision f32"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err, AllOf(HasSubstr("B cannot be launched: unknown option '--presision'"),
                                 HasSubstr("did you mean --precision?")));
  EXPECT_THAT(run({m, m, "--a-options", "--precision 'f32"}).err, HasSubstr("quote without its end"));
  EXPECT_THAT(run({m, m, "--a-options", "--json x.json"}).err, HasSubstr("--json is not for one side"));
  EXPECT_THAT(run({m, m, "--builds", "2"}).err, HasSubstr("compiles the model anew in every launch"));
  EXPECT_THAT(run({m, m, "--builds", "2", "--budget", "3"}).err, HasSubstr("contradict each other"));
}

TEST_F(CompareCommand, LaunchesAModelInTurnsUnderTwoSettings) {
  const std::string m = model();
  std::vector<std::string> arguments = {m,
                                        m,
                                        "--launches",
                                        "3",
                                        "--b-options",
                                        "--threads 1",
                                        "--save-profiles",
                                        path("kept"),
                                        "--json",
                                        path("c.json"),
                                        "--verbose"};
  arguments.insert(arguments.end(), kShort.begin(), kShort.end());
  const ProgramResult result = run(arguments);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("3 launches each"));
  EXPECT_THAT(result.err, HasSubstr("launch 6 of 6"));
  const json comparison = document("c.json");
  EXPECT_EQ(comparison["verdict"]["basis"], "pairs");
  EXPECT_GE(comparison["layers"]["groups"].size(), 30U);
  EXPECT_THAT(result.out, HasSubstr("threads: "));
  std::size_t at = 0;
  for (const char* launch : {"a/001", "b/001", "b/002", "a/002", "a/003", "b/003"}) {
    const std::size_t next = result.err.find(fmt::format("kept/{}.json", launch), at);
    ASSERT_NE(next, std::string::npos) << launch << " out of turn in: " << result.err;
    at = next;
  }
  for (int i = 1; i <= 3; ++i) {
    const auto profile = load_profile(path(fmt::format("kept/b/{:03}.json", i)));
    ASSERT_TRUE(profile);
    EXPECT_EQ(profile->profile.environment.threads, 1);
    EXPECT_EQ(profile->profile.end_to_end->total.samples.size(), 20U);
  }
  // The same again from what was kept.
  const ProgramResult again = run({path("kept/a"), path("kept/b")});
  EXPECT_EQ(again.out.substr(0, again.out.find('\n')), result.out.substr(0, result.out.find('\n')));
  // And never over it.
  const ProgramResult over = run(arguments);
  EXPECT_EQ(over.exit_code, 2);
  EXPECT_THAT(over.err, HasSubstr("has files in it"));
}

TEST_F(CompareCommand, SeesAModelOfMoreWork) {
  std::vector<std::string> arguments = {model("small.onnx"), model("large.onnx", "1.4"), "--launches", "3", "--json",
                                        path("c.json"),      "--fail-if-slower",         "3%"};
  arguments.insert(arguments.end(), kShort.begin(), kShort.end());
  const ProgramResult result = run(arguments);
  const json comparison = document("c.json");
  // On a machine that others use it may be undecided; it cannot be the same or faster.
  EXPECT_THAT((std::vector<std::string>{"slower", "undecided"}), Contains(comparison["verdict"]["outcome"]));
  EXPECT_EQ(result.exit_code, comparison["verdict"]["outcome"] == "slower" ? 3 : 0) << result.err;
  EXPECT_GT(comparison["layers"]["sum_b"], comparison["layers"]["sum_a"]);
}

TEST_F(CompareCommand, SaysWhatALaunchDiedOf) {
  const std::string m = model();
  const ProgramResult result = run({m, m, "--a-options", "--shape nowhere:1x3x32x32", "--launches", "2"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, AllOf(HasSubstr("launch 1 of A: "), HasSubstr("nowhere")));
}

TEST_F(CompareCommand, InterruptedItComparesWhatThereIsOrSaysThatThereIsNothing) {
  const std::string m = model();
  std::vector<std::string> arguments = {m, m, "--launches", "100", "--verbose"};
  arguments.insert(arguments.end(), kShort.begin(), kShort.end());
  ProgramOptions after = {.signal_after_seconds = 0.01, .signal_after_text = "launch 6 of 200"};
  const ProgramResult some = run(arguments, kBuildDir, after);
  EXPECT_EQ(some.exit_code, 130);
  EXPECT_THAT(some.out, AllOf(HasSubstr("2 launches each, PARTIAL"), HasSubstr("Interrupted: there are fewer")));
  after.signal_after_text = "launch 1 of 200";
  const ProgramResult none = run(arguments, kBuildDir, after);
  EXPECT_EQ(none.exit_code, 130);
  EXPECT_THAT(none.err, HasSubstr("stopped before both sides had been launched"));
}

TEST_F(CompareCommand, WithABudgetItStopsWhenItIsDecidedOrTheTimeIsUp) {
  // Scripted times: every launch is the same to the bit.
  const std::string m = model();
  const ProgramResult decided = run({m, m, "--backend", "tensorrt-rtx", "--iterations", "20", "--warmup", "0",
                                     "--launches", "2", "--budget", "60", "--json", path("c.json")},
                                    kFakeEngines);
  ASSERT_EQ(decided.exit_code, 0) << decided.err;
  EXPECT_THAT(decided.out, AllOf(StartsWith("B is the SAME as A: +0.0 % [+0.0, +0.0] (97.5 %)"),
                                 HasSubstr("2 launches each"), HasSubstr("this was look 1")));
  const ProgramResult out_of_time = run(
      {m, m, "--backend", "tensorrt-rtx", "--iterations", "20", "--warmup", "0", "--launches", "50", "--budget", "0.1"},
      kFakeEngines);
  EXPECT_THAT(out_of_time.out, HasSubstr("2 launches each"));
}

TEST_F(CompareCommand, BuildsEnginesWhereTheBackendDoes) {
  const std::string m = model();
  const ProgramResult result =
      run({m, m, "--backend", "tensorrt-rtx", "--iterations", "20", "--warmup", "0", "--launches", "2", "--builds", "2",
           "--b-options", "--no-transfers", "--json", path("c.json"), "-v"},
          kFakeEngines);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("building A, 2 of 2"), HasSubstr("building B, 2 of 2"), HasSubstr("launch 8 of 8")));
  const json comparison = document("c.json");
  EXPECT_EQ(comparison["verdict"]["a"]["launches"], 4);
  EXPECT_EQ(comparison["verdict"]["outcome"], "faster");  // 1.3 ms with copies, 1 ms without
  EXPECT_NEAR(comparison["verdict"]["effect"].get<double>(), 1.0 / 1.3 - 1.0, 1e-6);
}

TEST(CompareOptions, WordsAreSplitAsAShellDoes) {
  EXPECT_THAT(*cli::split_words("--precision f32  --shape 'x y:1x3' --input \"a \\\"b\" c\\ d"),
              ElementsAre("--precision", "f32", "--shape", "x y:1x3", "--input", "a \"b", "c d"));
  EXPECT_THAT(*cli::split_words("  "), ElementsAre());
  EXPECT_THAT(*cli::split_words("''"), ElementsAre(""));
  EXPECT_FALSE(cli::split_words("'x"));
}

TEST(CompareOptions, PercentagesMayLackTheirSign) {
  EXPECT_DOUBLE_EQ(*cli::parse_percent("3%"), 0.03);
  EXPECT_DOUBLE_EQ(*cli::parse_percent("0.5 %"), 0.005);
  EXPECT_DOUBLE_EQ(*cli::parse_percent("3"), 0.03);
  for (const char* bad : {"", "%", "x%", "-1%", "0"}) EXPECT_FALSE(cli::parse_percent(bad)) << bad;
}

// Two sides that are alike, looked at after 3, 6, 12 and 24 launches until a look says something.
TEST(CompareBudget, LookingOftenMakesNoMoreFalseVerdicts) {
  std::mt19937_64 random(3);
  std::normal_distribution<double> noise(0.0, 0.03);
  constexpr int kTrials = 1000;
  int wrong = 0;
  int missed = 0;  // at the look where it ended, the interval does not hold the truth
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<LaunchFigure> a;
    std::vector<LaunchFigure> b;
    for (int look = 0; look < 4; ++look) {
      while (a.size() < (std::size_t{3} << static_cast<unsigned>(look))) {
        a.push_back({std::exp(noise(random)), 0.001, 100});
        b.push_back({std::exp(noise(random)), 0.001, 100});
      }
      const ChangeVerdict verdict = judge(a, b, {.level = cli::level_of_look(look, true), .paired = true});
      const bool ends = verdict.outcome != Outcome::undecided || look == 3;
      if (!ends) continue;
      wrong += verdict.outcome == Outcome::faster || verdict.outcome == Outcome::slower ? 1 : 0;
      missed += verdict.interval.low <= 0.0 && 0.0 <= verdict.interval.high ? 0 : 1;
      break;
    }
  }
  EXPECT_LT(share_of(wrong, kTrials).low, 0.05);
  EXPECT_LT(share_of(missed, kTrials).low, 0.05);
}

TEST(CompareBudget, TheAllowanceIsNeverUsedUp) {
  EXPECT_EQ(cli::level_of_look(0, false), 0.95);
  double spent = 0.0;
  for (int look = 0; look < 20; ++look) spent += 1.0 - cli::level_of_look(look, true);
  EXPECT_LT(spent, 0.05);
  EXPECT_GT(spent, 0.0499);
}

}  // namespace
}  // namespace trtprof::test
