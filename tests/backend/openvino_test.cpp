// The module with the engine, on real models and on small ones made here.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fstream>
#include <functional>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include "backend/recordings.h"
#include "test_paths.h"
#include "trtprof/backend/module.h"
#include "trtprof/base/file.h"
#include "trtprof/base/statistics.h"
#include "trtprof/profile/layer_class.h"

namespace trtprof {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// One backend for all tests, as in a process of the program. The variable is OpenVINO's way to name a collector; a test
// run under VTune would have it set.
Backend& openvino() {
  static LoadedBackend backend = [] {
    ::setenv("TRTPROF_BACKEND_PATH", test::kBuildDir, 1);
    auto loaded = load_backend("openvino");
    if (!loaded) {
      ADD_FAILURE() << loaded.error().message;
      std::abort();
    }
    return std::move(*loaded);
  }();
  return *backend;
}

struct OcrModel {
  const char* file;
  std::vector<std::int64_t> shape;
  std::size_t bf16_or_f32_layers;  // fewest executed layers in either precision
};

const OcrModel kDet{"ch_PP-OCRv4_det_infer.onnx", {1, 3, 320, 320}, 90};
const OcrModel kRec{"ch_PP-OCRv4_rec_infer.onnx", {1, 3, 48, 320}, 75};
const OcrModel kCls{"ch_ppocr_mobile_v2.0_cls_infer.onnx", {1, 3, 48, 192}, 75};

std::ostream& operator<<(std::ostream& out, const OcrModel& model) {
  return out << model.file;
}

ModelSource source_of(const OcrModel& model) {
  const std::string path = std::string(test::kOcrModelsDir) + "/" + model.file;
  return {path, test::load_graph(path)};
}

CompileOptions options_of(const OcrModel& model, bool layer_timing = false) {
  CompileOptions options;
  options.shapes["x"] = model.shape;
  options.layer_timing = layer_timing;
  return options;
}

std::unique_ptr<CompiledModel> compiled(const ModelSource& source, const CompileOptions& options) {
  auto model = openvino().compile(source, options);
  if (!model) {
    ADD_FAILURE() << model.error().message;
    std::abort();
  }
  return std::move(*model);
}

Tensor f32_tensor(const std::vector<std::int64_t>& shape, const std::function<float(std::size_t)>& value) {
  Tensor tensor{ElementType::f32, shape, {}};
  const std::size_t count = static_cast<std::size_t>(element_count(shape).value());
  tensor.data.resize(count * sizeof(float));
  for (std::size_t i = 0; i < count; ++i) {
    const float v = value(i);
    std::memcpy(tensor.data.data() + i * sizeof(float), &v, sizeof v);
  }
  return tensor;
}

std::vector<float> floats(const Tensor& tensor) {
  std::vector<float> values(tensor.data.size() / sizeof(float));
  std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
  return values;
}

// Small models, written to a folder of the test's own.
class SmallModel {
 public:
  SmallModel() : folder_(std::move(*TemporaryFolder::create("trtprof-openvino-test"))) {
    model_.set_ir_version(8);
    auto* opset = model_.add_opset_import();
    opset->set_domain("");
    opset->set_version(13);
    model_.mutable_graph()->set_name("small");
  }
  onnx::NodeProto& node(const std::string& name, const std::string& op, const std::vector<std::string>& inputs,
                        const std::vector<std::string>& outputs, const std::string& domain = "") {
    onnx::NodeProto& added = *model_.mutable_graph()->add_node();
    added.set_name(name);
    added.set_op_type(op);
    added.set_domain(domain);
    for (const auto& input : inputs) added.add_input(input);
    for (const auto& output : outputs) added.add_output(output);
    return added;
  }
  void input(const std::string& name, const std::vector<std::int64_t>& shape) {
    describe(*model_.mutable_graph()->add_input(), name, shape);
  }
  void output(const std::string& name, const std::vector<std::int64_t>& shape) {
    describe(*model_.mutable_graph()->add_output(), name, shape);
  }
  void weights(const std::string& name, const std::vector<std::int64_t>& shape) {
    auto& tensor = *model_.mutable_graph()->add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    for (const auto d : shape) tensor.add_dims(d);
    for (std::uint64_t i = 0; i < element_count(shape).value(); ++i) tensor.add_float_data(0.5F);
  }
  void import_domain(const std::string& domain) {
    auto* opset = model_.add_opset_import();
    opset->set_domain(domain);
    opset->set_version(1);
  }
  // The graph is filled in by hand: a model with an operator that no checker knows must get as far as the engine.
  ModelSource source() {
    const auto path = folder_.path() / "small.onnx";
    std::ofstream out(path, std::ios::binary);
    model_.SerializeToOstream(&out);
    Graph graph;
    for (const auto& value : model_.graph().input()) graph.inputs.push_back({value.name(), ElementType::f32, {}});
    for (const auto& value : model_.graph().output()) graph.outputs.push_back({value.name(), ElementType::f32, {}});
    for (const auto& from : model_.graph().node()) {
      GraphNode to;
      to.name = from.name();
      to.op_type = from.op_type();
      to.domain = from.domain();
      to.inputs.assign(from.input().begin(), from.input().end());
      to.outputs.assign(from.output().begin(), from.output().end());
      graph.nodes.push_back(std::move(to));
    }
    return {path, graph};
  }

 private:
  // -1: a dimension left open.
  static void describe(onnx::ValueInfoProto& value, const std::string& name, const std::vector<std::int64_t>& shape) {
    value.set_name(name);
    auto& type = *value.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    for (const auto d : shape) {
      auto& dimension = *type.mutable_shape()->add_dim();
      if (d >= 0) {
        dimension.set_dim_value(d);
      } else {
        dimension.set_dim_param("n" + std::to_string(type.shape().dim_size()));
      }
    }
  }

  TemporaryFolder folder_;
  onnx::ModelProto model_;
};

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

class OcrLayers : public ::testing::TestWithParam<std::tuple<OcrModel, std::string>> {};

TEST_P(OcrLayers, EveryExecutedLayerHasATimeAndAnOrigin) {
  const auto& [ocr, precision] = GetParam();
  CompileOptions options = options_of(ocr, true);
  options.precision = precision;
  auto model = compiled(source_of(ocr), options);
  ASSERT_TRUE(
      model->set_input("x", f32_tensor(ocr.shape, [](std::size_t i) { return std::sin(static_cast<float>(i % 1000)); }))
          .has_value());
  const auto first = model->run_once_profiled();
  ASSERT_TRUE(first.has_value()) << first.error().message;
  const auto layers = model->layers();
  ASSERT_TRUE(layers.has_value());
  ASSERT_GE(layers->size(), ocr.bf16_or_f32_layers);
  EXPECT_THAT(model->warnings(), IsEmpty());
  double best_share = 0.0;  // a busy machine lengthens the time between layers
  for (int i = 0; i < 5; ++i) {
    const auto run = model->run_once_profiled();
    ASSERT_TRUE(run.has_value());
    ASSERT_THAT(run->layer_seconds, SizeIs(layers->size()));
    EXPECT_THAT(run->layer_seconds, ::testing::Each(::testing::Gt(0.0)));
    const double sum = std::accumulate(run->layer_seconds.begin(), run->layer_seconds.end(), 0.0);
    EXPECT_LT(sum, run->total);
    best_share = std::max(best_share, sum / run->total);
  }
  EXPECT_GT(best_share, 0.5);
  std::vector<std::string> names;
  for (const Layer& layer : *layers) {
    names.push_back(layer.name);
    EXPECT_FALSE(layer.engine_type.empty()) << layer.name;
    EXPECT_FALSE(layer.precision.empty()) << layer.name;
    EXPECT_FALSE(layer.implementation.empty()) << layer.name;
    EXPECT_FALSE(layer.outputs.empty()) << layer.name;
    EXPECT_NE(layer.layer_class, LayerClass::other) << layer.name << " " << layer.engine_type;
    EXPECT_NE(layer.layer_class, LayerClass::fused) << layer.name << " " << layer.engine_type;
    EXPECT_EQ(layer.origin_nodes.empty(), layer.origin_source == OriginSource::none) << layer.name;
    EXPECT_TRUE(!layer.origin_nodes.empty() || layer.layer_class == LayerClass::reformat) << layer.name;
    for (const TensorDesc& tensor : layer.outputs) {
      EXPECT_FALSE(tensor.element_type.empty() || tensor.layout.empty() || !tensor.bytes) << layer.name;
    }
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end()) << "layer names repeat";
}

INSTANTIATE_TEST_SUITE_P(Models, OcrLayers,
                         ::testing::Combine(::testing::Values(kDet, kRec, kCls), ::testing::Values("", "f32")));

TEST(OpenVino, ATracedInferenceHasItsLayersInOrderOnTheSteadyClock) {
  CompileOptions options = options_of(kCls);
  options.tracing = true;
  auto model = compiled(source_of(kCls), options);
  ASSERT_TRUE(model->can_trace());
  const auto now = [] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  };
  const double before = now();
  const auto run = model->run_once_traced();
  const double after = now();
  ASSERT_TRUE(run.has_value()) << run.error().message;
  const auto layers = model->layers();
  ASSERT_TRUE(layers.has_value());
  ASSERT_FALSE(run->activities.empty());
  const Activity& whole = run->activities.front();
  EXPECT_EQ(whole.kind, ActivityKind::inference);
  EXPECT_GE(whole.start, before);
  EXPECT_LE(whole.end, after);
  EXPECT_NEAR(whole.end - whole.start, run->times.total, 0.2 * run->times.total + 1e-4);
  std::vector<std::string> seen;
  for (std::size_t i = 1; i < run->activities.size(); ++i) {
    const Activity& layer = run->activities[i];
    EXPECT_EQ(layer.kind, ActivityKind::layer);
    EXPECT_EQ(layer.layer, layer.name);
    EXPECT_TRUE(layer.thread);
    EXPECT_GE(layer.start, whole.start) << layer.name;
    EXPECT_LE(layer.end, whole.end) << layer.name;
    EXPECT_LE(layer.start, layer.end) << layer.name;
    seen.push_back(layer.name);
  }
  std::vector<std::string> names;
  for (const Layer& layer : *layers) names.push_back(layer.name);
  EXPECT_EQ(seen, names) << "each layer once, in the order of layers()";
  EXPECT_EQ(model->trace_facts().source, "OpenVINO's ITT tasks");
  EXPECT_EQ(model->trace_facts().lost_records, 0);
}

TEST(OpenVino, TracingNeedsToBeAskedFor) {
  auto model = compiled(source_of(kCls), options_of(kCls, true));
  const auto run = model->run_once_traced();
  ASSERT_FALSE(run.has_value());
  EXPECT_THAT(run.error().message, HasSubstr("without tracing"));
}

TEST(OpenVino, DepthwiseConvolutionsAreTold) {
  auto model = compiled(source_of(kCls), options_of(kCls, true));
  ASSERT_TRUE(model->run_once_profiled().has_value());
  const auto layers = model->layers();
  const auto count = [&](LayerClass wanted) {
    return std::count_if(layers->begin(), layers->end(), [&](const Layer& l) { return l.layer_class == wanted; });
  };
  // MobileNetV3 small: 11 bottlenecks with a depthwise convolution each, 53 convolutions in all.
  EXPECT_EQ(count(LayerClass::depthwise_convolution), 11);
  EXPECT_EQ(count(LayerClass::convolution), 42);
}

// The samples against the engine's own counters, over the same inferences. The counters are averages since the model
// was compiled, each inference cut to whole microseconds.
TEST(OpenVino, SamplesAgreeWithTheEnginesOwnCounters) {
  auto model = compiled(source_of(kRec), options_of(kRec, true));
  std::vector<double> sums;
  constexpr int kRuns = 100;
  for (int i = 0; i < kRuns; ++i) {
    const auto run = model->run_once_profiled();
    ASSERT_TRUE(run.has_value());
    sums.resize(run->layer_seconds.size());
    for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += run->layer_seconds[k];
  }
  const auto reported = model->reported_layer_seconds();
  const auto layers = model->layers();
  ASSERT_EQ(reported.size(), layers->size());
  ASSERT_EQ(sums.size(), layers->size());
  std::size_t compared = 0;
  std::size_t apart =
      0;  // the two clocks are read one after the other: a preemption between them is in one of them only
  double mean_sum = 0.0;
  double reported_sum = 0.0;
  for (std::size_t k = 0; k < sums.size(); ++k) {
    if (!reported[k]) continue;  // under a microsecond: OpenVINO takes it for not run
    ++compared;
    const double mean = sums[k] / kRuns;
    if (std::abs(mean - *reported[k]) > 2e-6 + 0.1 * mean) ++apart;
    mean_sum += mean;
    reported_sum += *reported[k];
  }
  EXPECT_LE(apart, compared / 20);
  EXPECT_NEAR(mean_sum, reported_sum, 1e-6 * static_cast<double>(compared) + 0.1 * mean_sum);
  EXPECT_GT(compared, layers->size() / 2);
}

// The engine looks for a collector once a process, so this one starts itself anew with the variable set by "the user".
TEST(OpenVinoWithAnotherCollector, HasTheEnginesAveragesAndSaysSo) {
  if (std::getenv("INTEL_LIBITTNOTIFY64") == nullptr) {
    const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
    const std::string command = "INTEL_LIBITTNOTIFY64=/not/there.so '" + program +
                                "' --gtest_filter=OpenVinoWithAnotherCollector.* > /dev/null 2>&1";
    EXPECT_EQ(std::system(command.c_str()), 0);
    return;
  }
  auto model = compiled(source_of(kRec), options_of(kRec, true));
  for (int i = 0; i < 3; ++i) {
    const auto run = model->run_once_profiled();
    ASSERT_TRUE(run.has_value());
    EXPECT_THAT(run->layer_seconds, IsEmpty());
  }
  const auto reported = model->reported_layer_seconds();
  EXPECT_THAT(reported, SizeIs(model->layers()->size()));
  EXPECT_GE(reported.size(), 50U);
  EXPECT_THAT(reported, ::testing::Each(::testing::Optional(::testing::Gt(0.0))));
  EXPECT_THAT(model->warnings(), Contains(AllOf(HasSubstr("INTEL_LIBITTNOTIFY64"), HasSubstr("whole microseconds"))));
  EXPECT_THAT(model->layer_timing_method(), HasSubstr("averages"));
  EXPECT_STREQ(std::getenv("INTEL_LIBITTNOTIFY64"), "/not/there.so");
}

TEST(OpenVino, TheVariableOfTheTraceIsTakenBack) {
  auto model = compiled(source_of(kCls), options_of(kCls));
  EXPECT_EQ(std::getenv("INTEL_LIBITTNOTIFY64"), nullptr);
}

TEST(OpenVino, TheTraceAttachesToNothingItDoesNotKnow) {
  ASSERT_TRUE(openvino().probe().has_value());
  const std::string path = std::string(test::kBuildDir) + "/libtrtprof_backend_openvino.so";
  void* library = ::dlopen(path.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  ASSERT_NE(library, nullptr);
  const auto init = reinterpret_cast<void (*)(void*, int)>(::dlsym(library, "__itt_api_init"));
  ASSERT_NE(init, nullptr);
  std::vector<unsigned char> global(4096, 0);
  init(nullptr, 0);
  init(global.data(), 0);  // no magic
  const unsigned char magic[8] = {0xED, 0xAB, 0xAB, 0xEC, 0x0D, 0xEE, 0xDA, 0x30};
  std::copy(std::begin(magic), std::end(magic), global.begin());
  init(global.data(), 0);  // version 0
  global[8] = 3;
  init(global.data(), 0);  // the handle of the library is not where it should be
  EXPECT_EQ(std::count(global.begin() + 9, global.end(), 0), static_cast<std::ptrdiff_t>(global.size() - 9));
  ::dlclose(library);
}

}  // namespace
}  // namespace trtprof
