// --trace on a real model, as a user does it; where there is a trace processor, against what it answers.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/run_program.h"
#include "support/trace_processor.h"
#include "trtprof/base/file.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class TraceCommand : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(folder_.has_value()); }
  std::string path(const std::string& name) const { return (folder_->path() / name).string(); }

  // MobileNetV2 at a small resolution, traced.
  ProgramResult trace(const std::vector<std::string>& more = {}) {
    EXPECT_EQ(run_tensorrt_profiling({"sample", "mobilenetv2", "-o", path("m.onnx"), "--resolution", "64"}).exit_code,
              0);
    std::vector<std::string> command = {path("m.onnx"), "--warmup",     "3",       "--iterations", "15",
                                        "--json",       path("p.json"), "--trace", path("t.json")};
    command.insert(command.end(), more.begin(), more.end());
    ProgramResult result = run_tensorrt_profiling(command);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const auto loaded = load_profile(path("p.json"));
    EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().message);
    if (loaded) profile_ = loaded->profile;
    return result;
  }

  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-trace-command");
  Profile profile_;
};

TEST_F(TraceCommand, OnTheCpuTheLayersOfEachInferenceAreInIt) {
  const ProgramResult result = trace();
  EXPECT_THAT(result.out, HasSubstr("Timeline (OpenVINO's ITT tasks, 15 inferences):"));
  ASSERT_TRUE(profile_.timeline);
  ASSERT_TRUE(profile_.layer_run);
  EXPECT_THAT(profile_.timeline->span.samples, SizeIs(15));
  std::map<std::string, int> count;
  for (const Activity& activity : profile_.timeline->activities) {
    if (activity.kind == ActivityKind::layer) ++count[activity.layer];
  }
  EXPECT_EQ(count.size(), profile_.layer_run->layers.size());
  for (const Layer& layer : profile_.layer_run->layers) EXPECT_EQ(count[layer.name], 10) << layer.name;

  const auto text = read_file(path("t.json"));
  ASSERT_TRUE(text);
  const auto document = nlohmann::json::parse(*text);
  const auto slices = std::ranges::count_if(document.at("traceEvents"), [](const nlohmann::json& event) {
    return event.at("ph") == "X" && event.at("cat") == "layer";
  });
  EXPECT_EQ(static_cast<std::size_t>(slices), 10 * profile_.layer_run->layers.size());
}

TEST_F(TraceCommand, WithoutTheOptionACpuHasNoTimeline) {
  const std::string model = path("m.onnx");
  ASSERT_EQ(run_tensorrt_profiling({"sample", "mobilenetv2", "-o", model, "--resolution", "64"}).exit_code, 0);
  const auto result = run_tensorrt_profiling({model, "--warmup", "1", "--iterations", "3"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, Not(HasSubstr("Timeline")));
}

TEST_F(TraceCommand, AnotherCollectorIsANoteAndTheReportIsNormal) {
  ASSERT_EQ(run_tensorrt_profiling({"sample", "mobilenetv2", "-o", path("m.onnx"), "--resolution", "64"}).exit_code, 0);
  ProgramOptions options;
  options.environment = {{"INTEL_LIBITTNOTIFY64", "/nowhere/libittnotify_collector.so"}};
  const auto result = run_tensorrt_profiling(
      {path("m.onnx"), "--warmup", "1", "--iterations", "3", "--trace", path("t.json")}, options);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("No timeline: INTEL_LIBITTNOTIFY64 names another collector."));
  EXPECT_TRUE(std::filesystem::exists(path("t.json")));
}

TEST_F(TraceCommand, AFileThatCannotBeWrittenIsSaidBeforeMeasuring) {
  const auto result = run_tensorrt_profiling({"m.onnx", "--trace", path("no folder/t.json")});
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("t.json"));
}

TEST_F(TraceCommand, TheTraceProcessorFindsLayersAndTheLongestGap) {
  if (trace_processor().empty()) GTEST_SKIP() << kNoTraceProcessor;
  trace();
  EXPECT_THAT(trace_problems(path("t.json")), IsEmpty());
  const auto layers = query_trace(path("t.json"),
                                  "select extract_arg(arg_set_id, 'args.layer') as layer, count(*) as n from slice "
                                  "where category = 'layer' group by 1");
  std::set<std::string> expected;
  for (const Layer& layer : profile_.layer_run->layers) expected.insert(layer.name);
  ASSERT_EQ(layers.size(), expected.size());
  for (auto row : layers) {
    EXPECT_TRUE(expected.contains(row.at("layer"))) << row.at("layer");
    EXPECT_EQ(row.at("n"), "10") << row.at("layer");
  }

  double longest = 0.0;
  double end = 0.0;
  std::int64_t inference = -1;
  for (const Activity& activity : profile_.timeline->activities) {
    if (activity.kind != ActivityKind::layer) continue;
    if (activity.inference == inference) longest = std::max(longest, activity.start - end);
    end = activity.inference == inference ? std::max(end, activity.end) : activity.end;
    inference = activity.inference;
  }
  const auto gap = query_trace(path("t.json"), longest_gap_sql("layer"));
  ASSERT_THAT(gap, SizeIs(1));
  EXPECT_NEAR(std::stod(gap[0].at("gap")), longest * 1e9, 2.0);
}

}  // namespace
}  // namespace trtprof::test
