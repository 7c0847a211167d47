// The module with the engine: what it loads, computes, refuses and says.
#include <chrono>
#include <cmath>
#include <numeric>

#include <gmock/gmock.h>

#include "support/openvino_models.h"

namespace trtprof::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST(OpenVino, ProbesTheCpu) {
  const auto probed = openvino().probe();
  ASSERT_TRUE(probed.has_value()) << probed.error().message;
  EXPECT_EQ(probed->engine_name, "OpenVINO");
  EXPECT_THAT(probed->engine_version, ::testing::MatchesRegex("20[0-9][0-9]\\.[0-9]+\\.[0-9]+.*"));
  ASSERT_THAT(probed->devices, SizeIs(1));
  EXPECT_EQ(probed->devices[0].id, "cpu");
  EXPECT_FALSE(probed->devices[0].name.empty());
}

TEST(OpenVino, ComputesWhatTheModelSays) {
  SmallModel small;
  small.input("x", {-1, 3});
  small.weights("w", {3, 2});
  small.node("mm", "MatMul", {"x", "w"}, {"h"});
  small.node("relu", "Relu", {"h"}, {"y"});
  small.output("y", {-1, 2});
  CompileOptions options;
  options.shapes["x"] = {2, 3};
  options.precision = "f32";
  auto model = compiled(small.source(), options);
  ASSERT_THAT(model->inputs(), SizeIs(1));
  EXPECT_EQ(model->inputs()[0], (TensorDesc{"x", "f32", {2, 3}, "", 24}));
  ASSERT_THAT(model->outputs(), SizeIs(1));
  EXPECT_EQ(model->outputs()[0], (TensorDesc{"y", "f32", {2, 2}, "", 16}));
  const Tensor input = f32_tensor({2, 3}, [](std::size_t i) { return i < 3 ? static_cast<float>(i) : -1.0F; });
  ASSERT_TRUE(model->set_input("x", input).has_value());
  ASSERT_TRUE(model->run_once().has_value());
  const auto output = model->output("y");
  ASSERT_TRUE(output.has_value()) << output.error().message;
  EXPECT_THAT(floats(*output), ::testing::ElementsAre(1.5F, 1.5F, 0.0F, 0.0F));
}

TEST(OpenVino, RefusesInputsThatDoNotFit) {
  SmallModel small;
  small.input("x", {1, 3});
  small.node("relu", "Relu", {"x"}, {"y"});
  small.output("y", {1, 3});
  auto model = compiled(small.source(), {});
  const auto zero = [](std::size_t) { return 0.0F; };
  EXPECT_THAT(model->set_input("x", f32_tensor({3, 1}, zero)).error().message,
              HasSubstr("input 'x' wants f32 1x3, not f32 3x1"));
  EXPECT_THAT(model->set_input("x", {ElementType::f64, {1, 3}, std::vector<std::byte>(24)}).error().message,
              HasSubstr("not f64"));
  EXPECT_THAT(model->set_input("x", {ElementType::f32, {1, 3}, std::vector<std::byte>(11)}).error().message,
              HasSubstr("takes 12 bytes"));
  EXPECT_THAT(model->set_input("z", f32_tensor({1, 3}, zero)).error().message, HasSubstr("no input 'z'"));
  EXPECT_THAT(model->output("z").error().message, HasSubstr("no output 'z'"));
}

TEST(OpenVino, AnUnsupportedOperatorIsNamedWithItsNode) {
  SmallModel small;
  small.import_domain("com.acme");
  small.input("x", {1, 3});
  small.node("relu", "Relu", {"x"}, {"h"});
  small.node("foo_1", "Foo", {"h"}, {"y"}, "com.acme");
  small.output("y", {1, 3});
  const auto model = openvino().compile(small.source(), {});
  ASSERT_FALSE(model.has_value());
  EXPECT_EQ(model.error().code, ErrorCode::failed);
  EXPECT_THAT(model.error().message,
              AllOf(HasSubstr("operator 'com.acme.Foo' of node 'foo_1' is not supported by OpenVINO 20"),
                    Not(HasSubstr("\n"))));
}

TEST(OpenVino, AShapeThatContradictsTheModelInsideNamesTheNodeAndTheShapes) {
  SmallModel small;
  small.input("x", {-1, -1});
  small.weights("w", {4, 2});
  small.node("relu", "Relu", {"x"}, {"h"});
  small.node("mm", "MatMul", {"h", "w"}, {"y"});
  small.output("y", {-1, 2});
  CompileOptions options;
  options.shapes["x"] = {2, 5};
  const auto model = openvino().compile(small.source(), options);
  ASSERT_FALSE(model.has_value());
  EXPECT_THAT(model.error().message,
              AllOf(HasSubstr("node 'mm' (MatMul) with input shapes 2x5 and 4x2"), Not(HasSubstr("\n"))));
}

TEST(OpenVino, AnInputWithoutAShapeIsNamed) {
  const auto model = openvino().compile(source_of(kCls), {});
  ASSERT_FALSE(model.has_value());
  EXPECT_THAT(model.error().message, AllOf(HasSubstr("input 'x'"), HasSubstr("is not fixed")));
}

TEST(OpenVino, RefusesDevicesAndPrecisionsItDoesNotHave) {
  CompileOptions options = options_of(kCls);
  options.device = "cuda:0";
  EXPECT_EQ(openvino().compile(source_of(kCls), options).error().code, ErrorCode::unavailable);
  options.device = "cpu";
  options.precision = "i4";
  EXPECT_EQ(openvino().compile(source_of(kCls), options).error().code, ErrorCode::usage);
}

TEST(OpenVino, AMissingOrBrokenFileIsASentence) {
  SmallModel small;
  ModelSource source = small.source();
  std::ofstream(source.path, std::ios::binary | std::ios::trunc) << "not a model";
  EXPECT_THAT(openvino().compile(source, {}).error().message,
              AllOf(HasSubstr("could not read"), HasSubstr("small.onnx"), Not(HasSubstr("\n"))));
  std::filesystem::remove(source.path);
  EXPECT_THAT(openvino().compile(source, {}).error().message, AllOf(HasSubstr("small.onnx"), Not(HasSubstr("\n"))));
}

TEST(OpenVino, DescribesWhatIsInForce) {
  CompileOptions options = options_of(kCls);
  options.precision = "f32";
  options.threads = 1;
  auto model = compiled(source_of(kCls), options);
  Environment environment;
  model->describe(environment);
  EXPECT_EQ(environment.backend, "openvino");
  EXPECT_EQ(environment.engine_name, "OpenVINO");
  EXPECT_EQ(environment.precision, "f32");
  EXPECT_EQ(environment.threads, 1);
  EXPECT_EQ(environment.streams, 1);
  EXPECT_EQ(environment.device_kind, DeviceKind::cpu);
  EXPECT_EQ(environment.properties.at("PERFORMANCE_HINT"), "LATENCY");
  EXPECT_THAT(model->warnings(), IsEmpty());
}

TEST(OpenVino, WarnsWhereItDoesOtherThanAsked) {
  CompileOptions options = options_of(kCls);
  options.threads = 100000;
  auto model = compiled(source_of(kCls), options);
  EXPECT_THAT(model->warnings(), Contains(HasSubstr("100000 threads were asked for")));
}

TEST(OpenVino, LayersNeedLayerTiming) {
  auto model = compiled(source_of(kCls), options_of(kCls));
  const auto run = model->run_once_profiled();
  ASSERT_FALSE(run.has_value());
  EXPECT_THAT(run.error().message, HasSubstr("without layer timing"));
  const auto layers = model->layers();
  ASSERT_TRUE(layers.has_value());
  EXPECT_GE(layers->size(), kCls.bf16_or_f32_layers);
  EXPECT_THAT(model->reported_layer_seconds(), IsEmpty());
}

TEST(OpenVino, ThroughputKeepsSeveralRequestsInFlightAndTellsTheInterval) {
  CompileOptions options = options_of(kCls);
  options.hint = PerformanceHint::throughput;
  options.streams = 2;
  options.threads = 2;
  auto model = compiled(source_of(kCls), options);
  if (model->requests_in_flight() < 2) GTEST_SKIP() << "OpenVINO gives this machine one stream";
  const auto before = std::chrono::steady_clock::now();
  std::vector<double> latencies;
  std::vector<double> intervals;
  for (int i = 0; i < 200; ++i) {
    const auto run = model->run_once();
    ASSERT_TRUE(run.has_value()) << run.error().message;
    latencies.push_back(run->total);
    if (run->interval) intervals.push_back(*run->interval);
  }
  const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
  EXPECT_THAT(intervals, SizeIs(199));
  EXPECT_THAT(intervals, ::testing::Each(::testing::Ge(0.0)));
  EXPECT_LE(std::accumulate(intervals.begin(), intervals.end(), 0.0), elapsed);
  // Requests overlap: together they were in flight for longer than the clock ran.
  EXPECT_GT(std::accumulate(latencies.begin(), latencies.end(), 0.0), 1.2 * elapsed);
  // After reading an output the engine was idle, and the next interval would count that.
  ASSERT_TRUE(model->output(model->outputs()[0].name).has_value());
  EXPECT_FALSE(model->run_once()->interval.has_value());
}

TEST(OpenVino, EveryRequestInFlightGetsTheInput) {
  CompileOptions options;
  options.hint = PerformanceHint::throughput;
  options.streams = 2;
  SmallModel small;
  small.input("x", {1, 4});
  small.node("neg", "Neg", {"x"}, {"y"});
  small.output("y", {1, 4});
  auto model = compiled(small.source(), options);
  ASSERT_TRUE(model->set_input("x", f32_tensor({1, 4}, [](std::size_t) { return 3.0F; })).has_value());
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(model->run_once().has_value());
    EXPECT_THAT(floats(*model->output("y")), ::testing::Each(-3.0F));
  }
}

TEST(OpenVino, LayersOfAThroughputRunAreTimedOnOneStreamAndSaidSo) {
  CompileOptions options = options_of(kCls, true);
  options.hint = PerformanceHint::throughput;
  options.streams = 2;
  options.threads = 2;
  auto model = compiled(source_of(kCls), options);
  Environment environment;
  model->describe(environment);
  EXPECT_EQ(environment.streams, 1);
  ASSERT_TRUE(model->run_once_profiled().has_value());
  if (environment.threads != 1) GTEST_SKIP() << "OpenVINO gives this machine one stream";
  EXPECT_THAT(model->notes(), Contains(HasSubstr("one stream of 1 thread,")));
}

}  // namespace
}  // namespace trtprof::test
