// The module with the engine: the layers that ran, their times and origins.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <dlfcn.h>
#include <numeric>

#include <gmock/gmock.h>

#include "support/openvino_models.h"
#include "trtprof/profile/layer_class.h"

namespace trtprof::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

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
  const std::string path = std::string(kBuildDir) + "/libtrtprof_backend_openvino.so";
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
}  // namespace trtprof::test
