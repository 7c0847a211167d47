#include "trtprof/import/onnxruntime_trace.h"

#include <cmath>
#include <fstream>
#include <map>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/profile/layer_times.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof::test {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int kRuns = 4;

double sum_of(const SampleSeries& series) {
  double sum = 0.0;
  for (const double sample : series.samples) sum += sample;
  return sum;
}

// ---- what ONNX Runtime itself writes of a real model

class OnnxruntimeProfile : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const auto run = run_program({kPython, std::string(kSourceDir) + "/tests/support/foreign/onnxruntime_profile.py",
                                  std::string(kOcrModelsDir) + "/ch_ppocr_mobile_v2.0_cls_infer.onnx", GetParam(),
                                  std::to_string(kRuns), "1x3x48x192", path()});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const auto text = read_file(path());
    ASSERT_TRUE(text);
    events_ = json::parse(*text);
    ASSERT_TRUE(is_onnxruntime_trace(text->substr(0, std::size_t{64} << 10)));
    auto imported = read_onnxruntime_trace(path());
    ASSERT_TRUE(imported) << imported.error().message;
    imported_ = std::move(*imported);
  }
  [[nodiscard]] std::string path() const { return (folder_->path() / "profile.json").string(); }

  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-onnxruntime");
  json events_;
  Imported imported_;
};

TEST_P(OnnxruntimeProfile, EveryNodeHasTheTimesThatTheTraceGivesIt) {
  std::map<std::string, std::vector<double>> expected;
  double sum = 0.0;
  for (const json& event : events_) {
    if (event.at("cat") != "Node") continue;
    const std::string name = event.at("name");
    expected[name.substr(0, name.rfind("_kernel_time"))].push_back(event.at("dur").get<double>() * 1e-6);
    sum += event.at("dur").get<double>() * 1e-6;
  }
  const LayerRun& run = imported_.profile.layer_run.value();
  ASSERT_THAT(run.layers, SizeIs(expected.size()));
  double total = 0.0;
  for (const Layer& layer : run.layers) {
    ASSERT_THAT(layer.time.samples, SizeIs(kRuns)) << layer.name;
    ASSERT_TRUE(expected.contains(layer.name)) << layer.name;
    for (std::size_t i = 0; i < kRuns; ++i) {
      EXPECT_NEAR(layer.time.samples[i], expected.at(layer.name)[i], 1e-12) << layer.name;
    }
    total += sum_of(layer.time);
  }
  EXPECT_NEAR(total, sum, 1e-9);
}

TEST_P(OnnxruntimeProfile, InferencesAreTheCallsOfRun) {
  std::vector<double> expected;
  for (const json& event : events_) {
    if (event.at("name") == "model_run") expected.push_back(event.at("dur").get<double>() * 1e-6);
  }
  const LayerRun& run = imported_.profile.layer_run.value();
  EXPECT_EQ(run.measurement.iterations, kRuns);
  ASSERT_THAT(run.total.samples, SizeIs(kRuns));
  for (std::size_t i = 0; i < kRuns; ++i) EXPECT_NEAR(run.total.samples[i], expected.at(i), 1e-12);
}

TEST_P(OnnxruntimeProfile, NodesHaveClassesShapesAndOrigins) {
  const std::vector<Layer>& layers = imported_.profile.layer_run->layers;
  std::size_t depthwise = 0;
  for (const Layer& layer : layers) {
    EXPECT_NE(layer.layer_class, LayerClass::other) << layer.engine_type;
    EXPECT_EQ(layer.implementation, "CPUExecutionProvider");
    EXPECT_THAT(layer.outputs, Not(IsEmpty())) << layer.name;
    if (layer.layer_class == LayerClass::depthwise_convolution) ++depthwise;
    if (layer.engine_type == "ReorderOutput") {
      EXPECT_EQ(layer.layer_class, LayerClass::reformat);
      EXPECT_THAT(layer.origin_nodes, IsEmpty());
    }
  }
  EXPECT_EQ(depthwise, 11U);  // the model's group convolutions
  EXPECT_THAT(layers.front().inputs.front().shape, ElementsAre(1, 3, 48, 192));
  EXPECT_EQ(layers.front().inputs.front().element_type, "f32");
  EXPECT_EQ(layers.back().engine_type, "Softmax");
}

TEST_P(OnnxruntimeProfile, IsAProfileOfTheEngine) {
  const Profile& profile = imported_.profile;
  EXPECT_EQ(imported_.format, ForeignFormat::onnxruntime_trace);
  EXPECT_EQ(profile.environment.engine_name, "ONNX Runtime");
  EXPECT_EQ(profile.environment.device_kind, DeviceKind::cpu);
  EXPECT_EQ(profile.environment.precision, "f32");
  EXPECT_EQ(profile.environment.threads, 2);
  EXPECT_EQ(profile.environment.properties.at("execution_providers"), "CPUExecutionProvider");
  EXPECT_THAT(imported_.layer_names, SizeIs(profile.layer_run->layers.size()));
  EXPECT_THAT(imported_.notes, IsEmpty());
  EXPECT_FALSE(profile.timeline);
  EXPECT_THAT(profile.notes, Not(Contains(HasSubstr("of the executor"))));
  const auto again = profile_from_json(profile_to_json(profile), "again");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->profile, profile);
}

INSTANTIATE_TEST_SUITE_P(Executors, OnnxruntimeProfile, ::testing::Values("sequential", "parallel"),
                         [](const auto& name) { return name.param; });

// ---- traces written by hand

class OnnxruntimeTrace : public ::testing::Test {
 protected:
  Result<Imported> read(const std::string& text) {
    const std::filesystem::path path = folder_->path() / "trace.json";
    std::ofstream(path, std::ios::binary) << text;
    return read_onnxruntime_trace(path);
  }
  Imported imported(const std::vector<std::string>& events) {
    auto result = read(fmt::format("[\n{}\n]\n", fmt::join(events, ",\n")));
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result.value_or(Imported{});
  }
  std::string refused(const std::string& text) {
    const auto result = read(text);
    EXPECT_FALSE(result);
    return result ? "" : result.error().message;
  }

  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-onnxruntime");
};

std::string event(const std::string& category, const std::string& name, double start, double duration,
                  const std::string& args = "", const std::string& thread = "7") {
  return fmt::format(
      R"({{"cat" : "{}","pid" :1,"tid" :{},"dur" :{},"ts" :{},"ph" : "X","name" :"{}","args" : {{{}}}}})", category,
      thread, duration, start, name, args);
}

std::string node(const std::string& name, const std::string& op, double start, double duration,
                 const std::string& provider = "CPUExecutionProvider", const std::string& thread = "7") {
  return event("Node", name + "_kernel_time", start, duration,
               fmt::format(R"("op_name" : "{}","provider" : "{}")", op, provider), thread);
}

std::string run(double start, double duration, const std::string& thread = "7") {
  return event("Session", "model_run", start, duration, "", thread);
}

TEST_F(OnnxruntimeTrace, TheTimeOfASubgraphIsItsNodes) {
  const Imported found = imported(
      {node("body/add", "Add", 20, 30), node("body/add", "Add", 60, 30), node("loop", "Loop", 10, 100), run(5, 120)});
  const std::vector<Layer>& layers = found.profile.layer_run->layers;
  ASSERT_THAT(layers, SizeIs(2));
  EXPECT_NEAR(layers[0].time.samples.at(0), 60e-6, 1e-12);
  EXPECT_NEAR(layers[1].time.samples.at(0), 40e-6, 1e-12);
}

TEST_F(OnnxruntimeTrace, RunsSideBySideAreToldByTheirThreads) {
  const Imported found =
      imported({node("a", "Relu", 10, 5, "CPUExecutionProvider", "1"),
                node("a", "Relu", 11, 7, "CPUExecutionProvider", "2"), run(9, 20, "1"), run(10, 20, "2")});
  EXPECT_THAT(found.profile.layer_run->layers.at(0).time.samples,
              ElementsAre(::testing::DoubleNear(5e-6, 1e-12), ::testing::DoubleNear(7e-6, 1e-12)));
}

// Old versions: no index, no names, and the time of fences beside that of kernels.
TEST_F(OnnxruntimeTrace, OldVersionsHaveFencesAndNoNames) {
  const std::string args = R"("op_name" : "Conv")";
  const Imported found =
      imported({event("Node", "_fence_before", 1, 3, args), event("Node", "_kernel_time", 5, 20, args),
                event("Node", "_fence_after", 26, 3, args), run(0, 40)});
  ASSERT_THAT(found.profile.layer_run->layers, SizeIs(1));
  EXPECT_EQ(found.profile.layer_run->layers[0].name, "Conv");
  EXPECT_NEAR(found.profile.layer_run->layers[0].time.samples.at(0), 20e-6, 1e-12);
}

// The form of onnxruntime's CUPTI records: behind the node's event, with its name, grid and block in quotes, a copy
// with a grid of -1. Written by hand: no build that makes it runs here.
std::string kernel(const std::string& name, const std::string& parent, double start, double duration, int grid = 4) {
  return event("Kernel", name, start, duration,
               fmt::format(R"("op_name" : "Conv","parent_name" : "{}_kernel_time","stream" : "13","grid_x" : "{}",)"
                           R"("grid_y" : "{}","grid_z" : "{}","block_x" : "{}","block_y" : "{}","block_z" : "{}")",
                           parent, grid, grid > 0 ? 1 : -1, grid > 0 ? 1 : -1, grid > 0 ? 256 : -1, grid > 0 ? 1 : -1,
                           grid > 0 ? 1 : -1),
               "-1");
}

std::vector<std::string> cuda_trace() {
  std::vector<std::string> events;
  for (int i = 0; i < 3; ++i) {
    const double at = 1000.0 * i;
    const double tuning = i == 0 ? 500.0 : 0.0;  // the first inference chooses among algorithms
    events.push_back(node("copy", "MemcpyFromHost", at + 1, 5, "CUDAExecutionProvider"));
    events.push_back(kernel("MemcpyHostToDevice", "copy", at + 3, 8, -1));
    events.push_back(node("conv", "Conv", at + 10, 6 + tuning, "CUDAExecutionProvider"));
    if (i == 0) events.push_back(kernel("_Z9candidatev", "conv", at + 12, 300, 2));
    events.push_back(kernel("_Z4gemmPf", "conv", at + 20 + tuning, 40));
    events.push_back(kernel("_Z4biasPf", "conv", at + 62 + tuning, 10));
    events.push_back(node("shape", "Shape", at + 70 + tuning, 2));
    events.push_back(run(at, 100 + tuning));
  }
  return events;
}

TEST_F(OnnxruntimeTrace, NodesOnTheGpuHaveTheTimeOfTheirKernels) {
  const Imported found = imported(cuda_trace());
  const Profile& profile = found.profile;
  const std::vector<Layer>& layers = profile.layer_run->layers;
  ASSERT_THAT(layers, SizeIs(3));
  EXPECT_EQ(layers[0].layer_class, LayerClass::reformat);
  EXPECT_NEAR(layers[1].time.samples.at(0), 350e-6, 1e-12);
  EXPECT_NEAR(layers[1].time.samples.at(2), 50e-6, 1e-12);
  EXPECT_NEAR(layers[2].time.samples.at(2), 2e-6, 1e-12);  // on the CPU
  EXPECT_EQ(profile.environment.device_kind, DeviceKind::gpu);
  EXPECT_THAT(profile.warnings, IsEmpty());
}

TEST_F(OnnxruntimeTrace, KernelsAreATimeline) {
  const Imported found = imported(cuda_trace());
  const Timeline& timeline = found.profile.timeline.value();
  ASSERT_THAT(timeline.kernels, SizeIs(2));
  EXPECT_EQ(timeline.different_inferences, 1);
  EXPECT_EQ(timeline.kernels[0].launch.name, "gemm(float*)");
  EXPECT_THAT(timeline.kernels[0].launch.grid, ElementsAre(4, 1, 1));
  EXPECT_THAT(timeline.kernels[0].launch.block, ElementsAre(256, 1, 1));
  EXPECT_EQ(timeline.kernels[1].layer, "conv");
  EXPECT_THAT(timeline.kernel_sum.samples,
              ElementsAre(::testing::DoubleNear(50e-6, 1e-12), ::testing::DoubleNear(50e-6, 1e-12)));
  ASSERT_THAT(timeline.transfers, SizeIs(1));
  EXPECT_EQ(timeline.transfers[0].what, "host to device");
}

TEST_F(OnnxruntimeTrace, WithoutKernelsTheTimesOfAGpuAreThoseOfLaunching) {
  const Imported found = imported({node("conv", "Conv", 10, 6, "CUDAExecutionProvider"), run(0, 100)});
  EXPECT_THAT(found.profile.warnings, Contains(HasSubstr("took to launch them")));
}

TEST_F(OnnxruntimeTrace, AnEngineOfTensorRtIsOneNode) {
  const std::string name = "TensorrtExecutionProvider_TRTKernel_graph_torch_jit_1163447892624144653_1_0";
  const Imported found =
      imported({node(name, "TRTKernel_graph_torch_jit_1163447892624144653_1", 10, 600, "TensorrtExecutionProvider"),
                run(0, 700)});
  EXPECT_EQ(found.profile.layer_run->layers.at(0).layer_class, LayerClass::opaque);
  EXPECT_THAT(found.profile.notes, Contains(HasSubstr("engine of its own")));
}

TEST_F(OnnxruntimeTrace, TheExecutorStandsForInferencesThatAreNotThere) {
  const Imported found = imported({node("a", "Relu", 10, 5), event("Session", "SequentialExecutor::Execute", 5, 20)});
  EXPECT_NEAR(found.profile.layer_run->total.samples.at(0), 20e-6, 1e-12);
  EXPECT_THAT(found.profile.notes, Contains(HasSubstr("of the executor")));
}

TEST_F(OnnxruntimeTrace, RefusesWhatHoldsNoInference) {
  EXPECT_THAT(refused("[" + event("Session", "session_initialization", 1, 2) + "]"), HasSubstr("holds no inference"));
}

TEST_F(OnnxruntimeTrace, RefusesTimesThatAreNone) {
  EXPECT_THAT(refused("[" + node("a", "Relu", 1, -5) + "," + run(0, 9) + "]"),
              HasSubstr("event 1 (\"a_kernel_time\")"));
  EXPECT_THAT(refused(R"([{"cat":"Node","ph":"X","name":"a_kernel_time","ts":nan,"dur":1}])"), HasSubstr("event 1"));
  EXPECT_THAT(refused(R"([{"cat":"Node","ph":"X","name":"a_kernel_time","ts":1}])"), HasSubstr("nothing"));
}

TEST_F(OnnxruntimeTrace, RefusesWhatIsCutOff) {
  std::string text = "[" + node("a", "Relu", 1, 5) + "," + run(0, 9) + "]";
  for (const std::size_t length : {text.size() - 1, text.size() / 2, std::size_t{20}}) {
    EXPECT_THAT(refused(text.substr(0, length)), HasSubstr("trace.json")) << length;
  }
}

TEST_F(OnnxruntimeTrace, NodesOfOneNameStayTwo) {
  const std::string args = R"("op_name" : "Relu","node_index" : "{}")";
  const Imported found =
      imported({event("Node", "same_kernel_time", 1, 5, fmt::format(fmt::runtime(args), 1)),
                event("Node", "same_kernel_time", 7, 5, fmt::format(fmt::runtime(args), 2)), run(0, 20)});
  EXPECT_THAT(found.layer_names, ElementsAre("same #1", "same #2"));
}

TEST_F(OnnxruntimeTrace, IsTakenForNoOtherTrace) {
  EXPECT_FALSE(is_onnxruntime_trace(R"([{"name": "aten::relu", "ph": "X", "ts": 1, "dur": 2, "cat": "cpu_op"}])"));
  EXPECT_FALSE(is_onnxruntime_trace(R"({"traceEvents": [{"cat": "Session", "ts": 1, "name": "model_run"}]})"));
}

}  // namespace
}  // namespace trtprof::test
