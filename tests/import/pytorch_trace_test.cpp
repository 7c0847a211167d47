#include "trtprof/import/pytorch_trace.h"

#include <fstream>
#include <sstream>

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

double sum_of(const SampleSeries& series) {
  double sum = 0.0;
  for (const double sample : series.samples) sum += sample;
  return sum;
}

// Of all layers of a type, over all inferences; every type where it is empty.
double seconds_of(const LayerRun& run, const std::string& type = "") {
  double sum = 0.0;
  for (const Layer& layer : run.layers) {
    if (type.empty() || layer.engine_type == type) sum += sum_of(layer.time);
  }
  return sum;
}

const Layer& layer_of_type(const LayerRun& run, const std::string& type, std::size_t skip = 0) {
  for (const Layer& layer : run.layers) {
    if (layer.engine_type == type && skip-- == 0) return layer;
  }
  throw std::runtime_error("no " + type);
}

// ---- what PyTorch itself writes, against what it prints

class PytorchRealTrace : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const std::string path = (folder_->path() / "trace.json").string();
    const auto run = run_program(
        {kPytorchPython, std::string(kSourceDir) + "/tests/support/foreign/pytorch_profile.py", GetParam(), path});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    printed_ = json::parse(run.out);
    const auto text = read_file(path);
    ASSERT_TRUE(text);
    ASSERT_TRUE(is_pytorch_trace(text->substr(0, std::size_t{64} << 10)));
    auto imported = read_pytorch_trace(path);
    ASSERT_TRUE(imported) << imported.error().message;
    imported_ = std::move(*imported);
  }
  [[nodiscard]] const LayerRun& run() const { return *imported_.profile.layer_run; }
  void operators_have_the_totals_that_are_printed() const;
  void layers_are_the_outermost_operators() const;
  void shapes_tell_depthwise_convolutions() const;
  void modules_name_layers() const;
  void is_a_profile_of_the_engine() const;

  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-pytorch");
  json printed_;
  Imported imported_;
};

void PytorchRealTrace::operators_have_the_totals_that_are_printed() const {
  for (const char* type : {"aten::conv2d", "aten::batch_norm", "aten::silu", "aten::linear", "aten::softmax"}) {
    const json& row = printed_.at("operators").at(type);
    EXPECT_NEAR(seconds_of(run(), type) * 1e6, row.at(1).get<double>(), 0.01) << type;
  }
  const double total = printed_.at("total_us").get<double>();
  if (GetParam() == "steps") {
    EXPECT_NEAR(sum_of(run().total) * 1e6, total, 0.01);
    EXPECT_LT(seconds_of(run()) * 1e6, total);
  } else if (GetParam() != "modules") {  // there the total has Python's functions too
    EXPECT_NEAR(seconds_of(run()) * 1e6, total, 0.01);
  }
}

void PytorchRealTrace::layers_are_the_outermost_operators() const {
  std::vector<std::string> types;
  for (const Layer& layer : run().layers) types.push_back(layer.engine_type);
  ASSERT_THAT(types, ElementsAre("aten::conv2d", "aten::batch_norm", "aten::relu", "aten::conv2d", "aten::silu",
                                 "aten::mean", "aten::linear", "aten::softmax"));
  EXPECT_EQ(run().measurement.iterations, 3);
  for (const Layer& layer : run().layers) {
    EXPECT_THAT(layer.time.samples, SizeIs(3));
    EXPECT_NE(layer.layer_class, LayerClass::other) << layer.engine_type;
  }
  EXPECT_EQ(run().layers.front().implementation, "aten::mkldnn_convolution");
  EXPECT_THAT(run().total.samples, SizeIs(3));
}

void PytorchRealTrace::shapes_tell_depthwise_convolutions() const {
  if (GetParam() == "plain" || GetParam() == "bare") {
    EXPECT_THAT(imported_.profile.notes, Contains(HasSubstr("no shapes")));
    EXPECT_THAT(imported_.profile.notes, Contains(HasSubstr("sequence of 8 operators comes 3 times")));
    return;
  }
  EXPECT_EQ(run().layers[0].layer_class, LayerClass::convolution);
  EXPECT_EQ(run().layers[3].layer_class, LayerClass::depthwise_convolution);
  EXPECT_THAT(run().layers[0].inputs.at(0).shape, ElementsAre(2, 3, 64, 64));
  EXPECT_THAT(run().layers[0].inputs.at(1).shape, ElementsAre(16, 3, 3, 3));
  EXPECT_EQ(run().layers[0].precision, "f32");
  EXPECT_EQ(imported_.profile.environment.precision, "f32");
}

void PytorchRealTrace::modules_name_layers() const {
  if (GetParam() == "modules") {
    EXPECT_EQ(run().layers[0].name, "Conv2d_0/aten::conv2d");
    EXPECT_EQ(run().layers[3].name, "Conv2d_1/aten::conv2d");
    EXPECT_EQ(run().layers[6].name, "Linear_0/aten::linear");
  } else {
    EXPECT_EQ(run().layers[0].name, "aten::conv2d #1");
    EXPECT_EQ(run().layers[3].name, "aten::conv2d #2");
    EXPECT_EQ(run().layers[6].name, "aten::linear");
  }
}

void PytorchRealTrace::is_a_profile_of_the_engine() const {
  const Profile& profile = imported_.profile;
  EXPECT_EQ(profile.environment.engine_name, "PyTorch");
  EXPECT_EQ(profile.environment.device_kind, DeviceKind::cpu);
  EXPECT_FALSE(profile.timeline);
  EXPECT_THAT(imported_.notes, IsEmpty());
  const auto again = profile_from_json(profile_to_json(profile), "again");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->profile, profile);
}

// One test, for the program that writes the trace takes five seconds.
TEST_P(PytorchRealTrace, IsReadAsPyTorchPrintsIt) {
  layers_are_the_outermost_operators();
  if (HasFatalFailure()) return;
  operators_have_the_totals_that_are_printed();
  shapes_tell_depthwise_convolutions();
  modules_name_layers();
  is_a_profile_of_the_engine();
}

INSTANTIATE_TEST_SUITE_P(Modes, PytorchRealTrace, ::testing::Values("steps", "plain", "modules", "bare"),
                         [](const auto& name) { return name.param; });

// ---- traces of an H200 (tests/data/pytorch), against the tables that PyTorch printed of them

class PytorchGpuTrace : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const std::string base = std::string(kDataDir) + "/pytorch/h200_" + GetParam();
    auto imported = read_pytorch_trace(base + ".json");
    ASSERT_TRUE(imported) << imported.error().message;
    imported_ = std::move(*imported);
  }
  [[nodiscard]] const LayerRun& run() const { return *imported_.profile.layer_run; }

  // The figure of a column of the table, in microseconds.
  [[nodiscard]] static double printed(const std::string& name, std::size_t column) {
    std::ifstream in(std::string(kDataDir) + "/pytorch/h200_" + GetParam() + ".txt");
    for (std::string line; std::getline(in, line);) {
      if (!line.starts_with(name + "  ")) continue;
      for (; column > 0; --column) line.erase(0, line.find("  ") + 2);
      const std::string text = line.substr(0, line.find("  "));
      return std::stod(text) * (text.ends_with("ms") ? 1e3 : 1.0);
    }
    ADD_FAILURE() << "the table has no " << name;
    return 0.0;
  }

  Imported imported_;
};

constexpr std::size_t kCudaTotal = 8;

TEST_P(PytorchGpuTrace, LayersHaveTheDeviceTimesThatPyTorchPrints) {
  for (const char* type : {"aten::conv2d", "aten::batch_norm", "aten::relu", "aten::silu", "aten::linear"}) {
    EXPECT_NEAR(seconds_of(run(), type) * 1e6, printed(type, kCudaTotal), 0.01) << type;
  }
}

TEST_P(PytorchGpuTrace, LayersAndCopiesAreAllOfTheDevicesTime) {
  double total = seconds_of(run());
  for (const TimelineTransfer& transfer : imported_.profile.timeline->transfers) total += sum_of(transfer.time);
  EXPECT_NEAR(total * 1e6, printed("Self CUDA time total:", 1), 0.01);
  EXPECT_NEAR(sum_of(imported_.profile.timeline->kernel_sum), seconds_of(run()), 1e-9);
}

TEST_P(PytorchGpuTrace, KernelsAreATimelineWithTheirLayers) {
  const Timeline& timeline = imported_.profile.timeline.value();
  ASSERT_THAT(timeline.kernels, SizeIs(9));
  EXPECT_EQ(timeline.different_inferences, 0);
  EXPECT_EQ(timeline.measurement.iterations, 3);
  EXPECT_EQ(timeline.join, KernelJoin::markers);
  EXPECT_THAT(timeline.kernels[0].launch.name, HasSubstr("sm80_xmma_fprop_implicit_gemm"));
  EXPECT_THAT(timeline.kernels[0].launch.grid, ElementsAre(1, 392, 1));
  EXPECT_EQ(timeline.kernels[0].launch.registers_per_thread, 166);
  EXPECT_EQ(timeline.kernels[0].layer, "aten::conv2d #1");
  EXPECT_EQ(timeline.kernels[1].layer, "aten::conv2d #1");  // its bias
  EXPECT_EQ(timeline.kernels[4].layer, "aten::conv2d #2");
  ASSERT_TRUE(timeline.kernels[0].launch_delay);
  EXPECT_GT(median_of(*timeline.kernels[0].launch_delay).value(), 1e-6);
  EXPECT_THAT(timeline.transfers, SizeIs(2));
  std::vector<std::string> calls;
  for (const TimelineCall& call : timeline.calls) calls.push_back(call.name);
  EXPECT_THAT(calls, Contains("cudaLaunchKernel"));
}

TEST_P(PytorchGpuTrace, LayersAreWhatRanOnTheDevice) {
  std::vector<std::string> types;
  for (const Layer& layer : run().layers) types.push_back(layer.engine_type);
  EXPECT_THAT(types, ElementsAre("aten::conv2d", "aten::batch_norm", "aten::relu", "aten::conv2d", "aten::silu",
                                 "aten::mean", "aten::linear", "aten::softmax"));
  EXPECT_EQ(layer_of_type(run(), "aten::conv2d", 1).layer_class, LayerClass::depthwise_convolution);
  EXPECT_THAT(layer_of_type(run(), "aten::conv2d").implementation, HasSubstr("implicit_gemm"));
  EXPECT_EQ(imported_.profile.environment.device_name, "NVIDIA H200");
  EXPECT_EQ(imported_.profile.environment.device_kind, DeviceKind::gpu);
  EXPECT_EQ(imported_.profile.environment.properties.at("compute_capability"), "9.0");
  EXPECT_THAT(imported_.profile.notes, Contains(HasSubstr("2 operators of an inference ran on the host alone")));
}

INSTANTIATE_TEST_SUITE_P(Modes, PytorchGpuTrace, ::testing::Values("steps", "plain"),
                         [](const auto& name) { return name.param; });

// ---- traces written by hand

class PytorchTrace : public ::testing::Test {
 protected:
  Result<Imported> read(const std::string& text) {
    const std::filesystem::path path = folder_->path() / "trace.json";
    std::ofstream(path, std::ios::binary) << text;
    return read_pytorch_trace(path);
  }
  Imported imported(const std::vector<std::string>& events) {
    auto result =
        read(fmt::format(R"({{"schemaVersion": 1, "deviceProperties": [], "traceEvents": [{}], "traceName": "x"}})",
                         fmt::join(events, ",")));
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result.value_or(Imported{});
  }
  std::string refused(const std::string& events) {
    const auto result = read(R"({"schemaVersion": 1, "traceEvents": [)" + events + "]}");
    EXPECT_FALSE(result);
    return result ? "" : result.error().message;
  }

  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-pytorch");
};

std::string event(const std::string& category, const std::string& name, double start, double duration,
                  const std::string& args = "", int thread = 7) {
  return fmt::format(
      R"({{"ph": "X", "cat": "{}", "name": "{}", "pid": 1, "tid": {}, "ts": {}, "dur": {}, "args": {{{}}}}})", category,
      name, thread, start, duration, args);
}

std::string op(const std::string& name, double start, double duration, const std::string& args = "", int thread = 7) {
  return event("cpu_op", name, start, duration, args, thread);
}

TEST_F(PytorchTrace, RangesWithoutNamespaceAreLookedThrough) {
  const Imported found = imported({op("forward", 0, 100), op("Torch-Compiled Region: 0/0", 10, 50),
                                   op("aten::relu", 12, 20), op("aten::add", 40, 5), op("aten::mul", 70, 5)});
  EXPECT_THAT(found.layer_names, ElementsAre("aten::relu", "aten::add", "aten::mul"));
}

TEST_F(PytorchTrace, StepsThatRunOtherOperatorsAreLeftOut) {
  std::vector<std::string> events;
  for (int i = 0; i < 4; ++i) {
    events.push_back(event("user_annotation", fmt::format("ProfilerStep#{}", i), 100 * i, 90));
    events.push_back(op("aten::relu", 100 * i + 10, 20 + i));
    if (i == 2) events.push_back(op("aten::add", 100 * i + 50, 20));
  }
  events.push_back(op("aten::zeros", 1000, 5));
  const Imported found = imported(events);
  ASSERT_THAT(found.profile.layer_run->layers, SizeIs(1));
  EXPECT_THAT(found.profile.layer_run->layers[0].time.samples, SizeIs(3));
  EXPECT_THAT(found.profile.layer_run->total.samples, SizeIs(3));
  EXPECT_THAT(found.profile.notes, Contains(HasSubstr("1 of 4 steps ran other operators")));
  EXPECT_THAT(found.profile.notes, Contains(HasSubstr("1 operators ran outside of the steps")));
}

TEST_F(PytorchTrace, WhatDoesNotRepeatIsOneInference) {
  const Imported found = imported({op("aten::relu", 0, 5), op("aten::add", 10, 5), op("aten::relu", 20, 5)});
  EXPECT_THAT(found.layer_names, ElementsAre("aten::relu #1", "aten::add", "aten::relu #2"));
  EXPECT_THAT(found.profile.notes, Contains(HasSubstr("one inference")));
}

TEST_F(PytorchTrace, KernelsOfAGraphHaveNoDelaysAndGoToTheirOperator) {
  const Imported found =
      imported({op("my::graph", 0, 50), event("cuda_runtime", "cudaGraphLaunch", 10, 5, R"("correlation": 3)"),
                event("kernel", "a", 20, 5, R"("correlation": 3, "stream": 7)", 0),
                event("kernel", "b", 30, 5, R"("correlation": 3, "stream": 7)", 0),
                event("kernel", "c", 40, 5, R"("correlation": 99)", 0)});
  const LayerRun& run = *found.profile.layer_run;
  ASSERT_THAT(run.layers, SizeIs(1));
  EXPECT_NEAR(run.layers[0].time.samples.at(0), 10e-6, 1e-12);
  EXPECT_FALSE(found.profile.timeline->kernels.at(0).launch_delay);
  EXPECT_THAT(found.profile.notes, Contains(HasSubstr("1 pieces of the device's work were launched by no operator")));
}

TEST_F(PytorchTrace, RefusesWhatHoldsNoOperators) {
  EXPECT_THAT(refused(event("kernel", "a", 1, 2)), HasSubstr("holds no operators"));
  EXPECT_THAT(refused(""), HasSubstr("holds no operators"));
}

TEST_F(PytorchTrace, RefusesTimesThatAreNone) {
  EXPECT_THAT(refused(op("aten::relu", 1, -3)), HasSubstr("event 1 (\"aten::relu\")"));
  EXPECT_THAT(refused(R"({"ph": "X", "cat": "cpu_op", "name": "aten::relu", "ts": nan, "dur": 1})"),
              HasSubstr("event 1"));
}

TEST_F(PytorchTrace, RefusesWhatIsCutOff) {
  const auto text = read_file(std::string(kDataDir) + "/pytorch/h200_plain.json");
  ASSERT_TRUE(text);
  for (const double part : {0.001, 0.1, 0.5, 0.99}) {
    const auto result = read(text->substr(0, static_cast<std::size_t>(part * static_cast<double>(text->size()))));
    ASSERT_FALSE(result) << part;
    EXPECT_THAT(result.error().message, HasSubstr("trace.json"));
  }
}

TEST_F(PytorchTrace, IsTakenForNoOtherTrace) {
  EXPECT_FALSE(is_pytorch_trace(R"({"displayTimeUnit": "ns", "traceEvents": [{"ph": "X", "ts": 1}]})"));
  EXPECT_FALSE(is_pytorch_trace(R"([{"cat" : "Session","pid" :1,"ts" :3,"ph" : "X","name" :"model_run"}])"));
}

}  // namespace
}  // namespace trtprof::test
