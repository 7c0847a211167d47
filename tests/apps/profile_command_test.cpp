// The main job, as a user does it: real models, the real program, the files it writes.
#include <algorithm>
#include <filesystem>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

class ProfileCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    auto folder = TemporaryFolder::create("trtprof-profile-command");
    ASSERT_TRUE(folder);
    folder_ = std::make_unique<TemporaryFolder>(std::move(*folder));
  }
  std::string path(const std::string& name) const { return (folder_->path() / name).string(); }

  Profile loaded(const std::string& json) const {
    auto profile = load_profile(json);
    EXPECT_TRUE(profile) << (profile ? "" : profile.error().message);
    return profile ? profile->profile : Profile{};
  }

  std::string sample() const {
    const std::string model = path("mobilenetv2.onnx");
    const auto made = run_tensorrt_profiling({"sample", "mobilenetv2", "-o", model});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    return model;
  }

  std::unique_ptr<TemporaryFolder> folder_;
};

// Every executed layer comes from ONNX nodes that are in the model, or is listed as inserted by the engine.
void expect_origins(const Profile& profile, const Graph& graph) {
  ASSERT_TRUE(profile.layer_run);
  std::set<std::string> names;
  for (const GraphNode& node : graph.nodes) names.insert(node.display_name());
  for (const Layer& layer : profile.layer_run->layers) {
    if (layer.origin_source == OriginSource::none) {
      EXPECT_TRUE(layer.origin_nodes.empty()) << layer.name;
      EXPECT_THAT(layer.layer_class, ::testing::AnyOf(LayerClass::reformat, LayerClass::shuffle, LayerClass::cast))
          << layer.name << " (" << layer.engine_type << ") has no origin and is no conversion either";
    } else {
      EXPECT_FALSE(layer.origin_nodes.empty()) << layer.name;
    }
    for (const OriginNode& node : layer.origin_nodes) EXPECT_TRUE(names.contains(node.name)) << node.name;
  }
}

TEST_F(ProfileCommand, MobileNetV2EndToEnd) {
  const std::string model = sample();
  const auto result = run_tensorrt_profiling(
      {model, "--iterations", "40", "--json", path("p.json"), "--csv", path("p.csv"), "--top", "3"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("OpenVINO Layer Profiling Results"));
  EXPECT_THAT(result.out,
              HasSubstr("Layer Name                              Type                Time (ms)   % of Total"));
  EXPECT_THAT(result.out, HasSubstr("total_time_sum                          (all layers)"));
  EXPECT_THAT(result.out, HasSubstr("Total CPU Execution Time: "));
  EXPECT_THAT(result.out, HasSubstr("🔥 Top 3 Time-Consuming Layers (Optimization Candidates):"));
  EXPECT_THAT(result.out.substr(0, result.out.find("Diagnosis:")), Not(HasSubstr("  4. [")));
  EXPECT_THAT(result.out, Not(HasSubstr("\x1b")));  // not a terminal: no colours

  const Profile profile = loaded(path("p.json"));
  ASSERT_TRUE(profile.end_to_end);
  EXPECT_EQ(profile.end_to_end->total.samples.size(), 40U);
  EXPECT_EQ(profile.end_to_end->measurement.stop_reason, StopReason::iterations);
  ASSERT_TRUE(profile.layer_run);
  for (const Layer& layer : profile.layer_run->layers) EXPECT_EQ(layer.time.samples.size(), 40U) << layer.name;
  EXPECT_FALSE(profile.partial);
  expect_origins(profile, OnnxModel::load(model)->graph());

  const auto count = [&](LayerClass wanted) {
    return std::count_if(profile.layer_run->layers.begin(), profile.layer_run->layers.end(),
                         [&](const Layer& layer) { return layer.layer_class == wanted; });
  };
  EXPECT_EQ(count(LayerClass::depthwise_convolution), 17);
  EXPECT_EQ(count(LayerClass::convolution), 35);
  EXPECT_EQ(count(LayerClass::pooling), 1);
  EXPECT_EQ(count(LayerClass::fully_connected), 1);
  // OpenVINO folds batch norm into the convolutions and fuses the activation: the layer names both.
  const auto depthwise =
      std::find_if(profile.layer_run->layers.begin(), profile.layer_run->layers.end(),
                   [](const Layer& l) { return l.layer_class == LayerClass::depthwise_convolution; });
  std::set<std::string> types;
  for (const OriginNode& node : depthwise->origin_nodes) types.insert(node.op_type);
  EXPECT_THAT(types, ::testing::IsSupersetOf({"Conv", "Clip"}));
}

TEST_F(ProfileCommand, PrecisionThreadsAndBatchAreObeyedAndReported) {
  const std::string model = path("dynamic.onnx");
  ASSERT_EQ(run_tensorrt_profiling({"sample", "mobilenetv2", "-o", model, "--batch", "dynamic", "--resolution", "64"})
                .exit_code,
            0);
  const auto result = run_tensorrt_profiling(
      {model, "--batch", "2", "--threads", "1", "--precision", "f32", "--iterations", "10", "--json", path("p.json")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const Profile profile = loaded(path("p.json"));
  EXPECT_EQ(profile.environment.threads, 1);
  EXPECT_EQ(profile.environment.precision, "f32");
  EXPECT_EQ(profile.model.batch, 2);
  ASSERT_EQ(profile.model.inputs.size(), 1U);
  EXPECT_EQ(profile.model.inputs[0].shape, (std::vector<std::int64_t>{2, 3, 64, 64}));
  ASSERT_TRUE(profile.layer_run);
  for (const Layer& layer : profile.layer_run->layers) EXPECT_NE(layer.precision, "bf16") << layer.name;
}

TEST_F(ProfileCommand, QuietIsTheGuidesReportAlone) {
  const auto result = run_tensorrt_profiling({sample(), "--iterations", "5", "--quiet"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out.find(std::string(80, '=')), 0U);
  EXPECT_EQ(result.err, "");
}

TEST_F(ProfileCommand, CtrlCKeepsWhatWasMeasured) {
  const std::string model = sample();
  const auto result = run_tensorrt_profiling(
      {model, "--verbose", "--warmup", "5", "--duration", "60", "--json", path("p.json")},
      {.timeout_seconds = 60, .signal_after_seconds = 1.0, .signal_after_text = "measuring end to end"});
  EXPECT_EQ(result.exit_code, 130) << result.err;
  EXPECT_THAT(result.out, HasSubstr("PARTIAL"));
  const Profile profile = loaded(path("p.json"));
  EXPECT_TRUE(profile.partial);
  ASSERT_TRUE(profile.end_to_end);
  EXPECT_EQ(profile.end_to_end->measurement.stop_reason, StopReason::interrupted);
  EXPECT_GT(profile.end_to_end->total.samples.size(), 0U);
}

TEST_F(ProfileCommand, CtrlCBeforeAnythingWasMeasured) {
  const auto result =
      run_tensorrt_profiling({sample(), "--duration", "60"}, {.timeout_seconds = 30, .signal_after_seconds = 0.05});
  EXPECT_EQ(result.exit_code, 130) << result.err;
}

struct OcrModel {
  std::string name;
  std::string file;
  std::string shape;
};

class RealModels : public ProfileCommand, public ::testing::WithParamInterface<OcrModel> {};

TEST_P(RealModels, EveryLayerIsMapped) {
  const std::string model = std::string(kOcrModelsDir) + "/" + GetParam().file;
  ASSERT_TRUE(fs::exists(model)) << "tools/deps.sh python models brings it";
  const auto result =
      run_tensorrt_profiling({model, "--shape", GetParam().shape, "--iterations", "10", "--json", path("p.json")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  expect_origins(loaded(path("p.json")), OnnxModel::load(model)->graph());
}

INSTANTIATE_TEST_SUITE_P(PaddleOcr, RealModels,
                         ::testing::Values(OcrModel{"detection", "ch_PP-OCRv4_det_infer.onnx", "x:1x3x640x640"},
                                           OcrModel{"recognition", "ch_PP-OCRv4_rec_infer.onnx", "x:1x3x48x320"},
                                           OcrModel{"direction", "ch_ppocr_mobile_v2.0_cls_infer.onnx", "1x3x48x192"}),
                         [](const auto& parameter) { return parameter.param.name; });

TEST(Program, VersionAndHelp) {
  const auto version = run_tensorrt_profiling({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.out, HasSubstr("openvino"));
  const auto help = run_tensorrt_profiling({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("sample KIND"));
  EXPECT_EQ(help.err, "");
}

}  // namespace
}  // namespace trtprof::test
