// `analyze` and the diagnosis at the end of `profile`, as a user runs them.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <sys/resource.h>
#include <sys/wait.h>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

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
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class AnalyzeCommand : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(folder_.has_value()); }

  std::string path(const std::string& name) const { return (folder_->path() / name).string(); }
  static std::string stored(const std::string& name) {
    return (fs::path(kDataDir) / "diagnose" / (name + ".json")).string();
  }
  ProgramResult run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "analyze");
    return run_tensorrt_profiling(
        arguments, {.environment = {{"TRTPROF_BACKEND_PATH", kBuildDir}, {"TRTPROF_CACHE_DIR", path("c")}}});
  }
  json document(const std::string& name) const { return json::parse(*read_file(path(name))); }

 private:
  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-analyze");
};

TEST_F(AnalyzeCommand, OfASavedProfileReportsThenConcludes) {
  const ProgramResult result = run({stored("mobilenetv2_b64_graph")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("Top 5"), HasSubstr("Diagnosis:"), HasSubstr("Findings:"),
                                Not(HasSubstr("Decision tree:")), Not(HasSubstr("Checklist:"))));
  EXPECT_LT(result.out.find("Top 5"), result.out.find("Diagnosis:"));
  const ProgramResult quiet = run({stored("mobilenetv2_b64_graph"), "--quiet", "--tree", "--checklist", "--explain"});
  EXPECT_THAT(quiet.out, AllOf(Not(HasSubstr("Top 5 Time")), HasSubstr("Decision tree:"), HasSubstr("Checklist:"),
                               HasSubstr("Rules that found nothing:")));
}

TEST_F(AnalyzeCommand, WritesTheAnalysisAsJsonNamedByHash) {
  const ProgramResult result = run({stored("transfer"), "--quiet", "--json", path("a.json")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json analysis = document("a.json");
  EXPECT_EQ(analysis["schema"]["name"], "trtprof-analysis");
  EXPECT_EQ(analysis["profile"]["sha256"], sha256_of(*read_file(stored("transfer"))));
  EXPECT_EQ(analysis["verdict"]["pattern"]["name"], "transfer_bound");
}

TEST_F(AnalyzeCommand, FailsTheGateOfARuleOrASeverity) {
  EXPECT_EQ(run({stored("mobilenetv2_b1_stream"), "-q", "--fail-on", "launch-bound"}).exit_code, 3);
  const ProgramResult graph = run({stored("mobilenetv2_b1_graph"), "-q", "--fail-on", "launch-bound"});
  EXPECT_EQ(graph.exit_code, 0) << graph.err;
  const ProgramResult critical = run({stored("mobilenetv2_b1_graph"), "-q", "--fail-on", "critical"});
  EXPECT_EQ(critical.exit_code, 3);
  EXPECT_THAT(critical.err, HasSubstr("--fail-on: [critical]"));
  const ProgramResult unknown = run({stored("mobilenetv2_b1_graph"), "--fail-on", "slowness"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("launch-bound"));
}

TEST_F(AnalyzeCommand, HoldsAProfileAgainstAnother) {
  const ProgramResult result = run({stored("mobilenetv2_b64_graph"), "-q", "--checklist", "--against",
                                    stored("mobilenetv2_b64_fp32"), "--json", path("a.json")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("1.35 ms instead of 2.40 ms"));
  EXPECT_EQ(document("a.json")["counterpart"]["path"], stored("mobilenetv2_b64_fp32"));
  EXPECT_EQ(run({stored("transfer"), "--against", path("missing.json")}).exit_code, 1);
}

TEST_F(AnalyzeCommand, ASavedProfileIsNotMeasured) {
  const ProgramResult result = run({stored("transfer"), "--iterations", "5"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--iterations is for measuring a model"));
  EXPECT_EQ(run({stored("transfer"), "-q", "--save-profile", path("p.json")}).exit_code, 0);
  EXPECT_TRUE(fs::exists(path("p.json")));
}

TEST_F(AnalyzeCommand, AModelIsMeasuredFirstAndJudgedWithItsGraph) {
  ASSERT_EQ(
      run_tensorrt_profiling({"sample", "mobilenetv2", "-o", path("m.onnx"), "--width", "0.35", "--resolution", "96"})
          .exit_code,
      0);
  const ProgramResult measured = run({path("m.onnx"), "--backend", "openvino", "--iterations", "30", "--save-profile",
                                      path("p.json"), "--json", path("a.json")});
  ASSERT_EQ(measured.exit_code, 0) << measured.err;
  EXPECT_THAT(measured.out, AllOf(HasSubstr("Top 5"), HasSubstr("Diagnosis:"), HasSubstr("Convolution-dominated")));
  const auto profile = load_profile(path("p.json"));
  ASSERT_TRUE(profile);
  EXPECT_TRUE(std::ranges::any_of(profile->profile.layer_run->layers, [](const Layer& layer) {
    return layer.work && layer.work->macs.value_or(0.0) > 0.0;
  }));
  EXPECT_EQ(document("a.json")["profile"]["sha256"], sha256_of(*read_file(path("p.json"))));
  EXPECT_EQ(document("a.json")["model"]["path"], path("m.onnx"));
  // The model is found again beside the saved profile, and not used once it has changed.
  EXPECT_THAT(run({path("p.json"), "-q"}).out, Not(HasSubstr("is not at hand")));
  ASSERT_EQ(
      run_tensorrt_profiling({"sample", "mobilenetv2", "-o", path("m.onnx"), "--width", "0.5", "--resolution", "96"})
          .exit_code,
      0);
  EXPECT_THAT(run({path("p.json"), "-q"}).out, HasSubstr("is not the model that was profiled"));
}

TEST_F(AnalyzeCommand, EveryProfileEndsInAShortDiagnosisButForQuietOnes) {
  ASSERT_EQ(
      run_tensorrt_profiling({"sample", "mobilenetv2", "-o", path("m.onnx"), "--width", "0.35", "--resolution", "96"})
          .exit_code,
      0);
  const std::vector<std::string> command = {"profile", path("m.onnx"), "--backend", "openvino", "--iterations", "30"};
  const ProgramOptions options{.environment = {{"TRTPROF_BACKEND_PATH", kBuildDir}}};
  const ProgramResult full = run_tensorrt_profiling(command, options);
  EXPECT_THAT(full.out, AllOf(HasSubstr("Diagnosis:"), HasSubstr("convolution-dominated"), HasSubstr("analyze FILE")));
  std::vector<std::string> quiet = command;
  quiet.emplace_back("--quiet");
  EXPECT_THAT(run_tensorrt_profiling(quiet, options).out, Not(HasSubstr("Diagnosis:")));
}

double processor_seconds_of_children() {
  rusage children{};
  EXPECT_EQ(::getrusage(RUSAGE_CHILDREN, &children), 0);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(children.ru_utime) + seconds(children.ru_stime);
}

// What a very large network's profile takes to read, conclude and print.
TEST_F(AnalyzeCommand, TwelveThousandLayersTakeUnderASecondAnd300MegaBytes) {
  Profile profile = stored_profile("mobilenetv2_b64_graph");
  profile.timeline.reset();
  const std::vector<Layer> layers = profile.layer_run->layers;
  profile.layer_run->layers.clear();
  for (std::size_t i = 0; i < 12'000; ++i) {
    Layer layer = layers[i % layers.size()];
    layer.name = fmt::format("{}/{}", i, layer.name);
    for (OriginNode& node : layer.origin_nodes) node.name += fmt::format("_{}", i);
    for (auto* tensors : {&layer.inputs, &layer.outputs}) {
      for (TensorDesc& tensor : *tensors) tensor.name += fmt::format("_{}", i);
    }
    const std::vector<double> samples = layer.time.samples;
    layer.time.samples.clear();
    for (std::size_t k = 0; k < 100; ++k)
      layer.time.samples.push_back(samples[k % samples.size()] * (1.0 + 1e-4 * static_cast<double>(k)));
    layer.time.summary = summarize(layer.time.samples);
    profile.layer_run->layers.push_back(std::move(layer));
  }
  ASSERT_TRUE(save_profile(profile, path("big.json")));
  // Other tests run beside this one: of one thread, which it is, the processor's time is that of an idle machine.
  double fastest = 1e9;
  double fastest_wall = 1e9;
  ProgramResult result;
  for (int i = 0; i < 3; ++i) {
    const auto begun = std::chrono::steady_clock::now();
    const double before = processor_seconds_of_children();
    result = run({path("big.json"), "--explain", "--tree", "--checklist"});
    fastest = std::min(fastest, processor_seconds_of_children() - before);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    fastest_wall = std::min(fastest_wall, took.count());
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }
  EXPECT_GT(std::ranges::count(result.out, '\n'), 12'000);
  rusage children{};
  ASSERT_EQ(::getrusage(RUSAGE_CHILDREN, &children), 0);
  fmt::print("12,000 layers: {:.3f} s of a processor, {:.3f} s by the clock, {:.0f} MB at most\n", fastest,
             fastest_wall, static_cast<double>(children.ru_maxrss) / 1000.0);
  EXPECT_LT(fastest, 1.0);
  EXPECT_LT(children.ru_maxrss, 300'000);
}

}  // namespace
}  // namespace trtprof::test
