// `fusion` as a user runs it, on OpenVINO: what is fused and how it is prevented, not how long that takes.
#include <filesystem>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"

namespace trtprof::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

class FusionCommand : public ::testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_->path() / name).string(); }

  std::string sample(const std::string& kind, std::vector<std::string> options = {}) const {
    options.insert(options.begin(), {"sample", kind, "-o", path("model.onnx")});
    EXPECT_EQ(run_tensorrt_profiling(options).exit_code, 0);
    return path("model.onnx");
  }

  // A tenth of a second for each kind: six rounds.
  ProgramResult run(const std::string& model, std::vector<std::string> options = {}) const {
    options.insert(options.begin(), {"fusion", model, "--duration", "0.1", "--json", path("f.json")});
    return run_tensorrt_profiling(options, {.environment = {{"TRTPROF_CACHE_DIR", path("cache")}}});
  }

  std::map<std::string, json> kinds_of(const ProgramResult& result) const {
    EXPECT_EQ(result.exit_code, 0) << result.err;
    std::map<std::string, json> kinds;
    const auto text = read_file(path("f.json"));
    EXPECT_TRUE(text);
    if (!text) return kinds;
    const json document = json::parse(*text);
    for (const json& kind : document["kinds"]) kinds[kind["kind"]] = kind;
    return kinds;
  }

  static std::map<std::string, int> states_of(const json& kind) {
    std::map<std::string, int> states;
    for (const json& instance : kind["instances"]) ++states[instance["state"]];
    return states;
  }

  Result<TemporaryFolder> folder_ = TemporaryFolder::create("fusion_command");
};

using States = std::map<std::string, int>;

// In the engine's own precision and in the model's: each fusion is prevented, and what holds its cost against it is not
// changed by being read from.
TEST_F(FusionCommand, MobileNetV2IsMeasuredAsAWhole) {
  const std::string model = sample("mobilenetv2", {"--width", "0.35", "--resolution", "64"});
  for (const std::vector<std::string>& options : {std::vector<std::string>{}, {"--precision", "f32"}}) {
    const ProgramResult result = run(model, options);
    const auto kinds = kinds_of(result);
    ASSERT_EQ(kinds.size(), 4U);
    EXPECT_EQ(states_of(kinds.at("conv_bn")), (States{{"measured", 52}}));
    EXPECT_EQ(states_of(kinds.at("conv_activation")), (States{{"measured", 35}}));
    EXPECT_EQ(states_of(kinds.at("conv_add")), (States{{"measured", 10}}));
    EXPECT_EQ(states_of(kinds.at("depthwise_pointwise")), (States{{"apart", 17}}));
    for (const char* kind : {"conv_bn", "conv_activation", "conv_add"}) {
      EXPECT_GE(kinds.at(kind)["worth"]["rounds"], 6) << kind;
      EXPECT_TRUE(kinds.at(kind).contains("layers")) << kind;
    }
    // By their own times the layers are longer without it, whatever else the machine does.
    EXPECT_GT(kinds.at("conv_activation")["layers"]["seconds"], 0.0);
    EXPECT_THAT(result.out, AllOf(ContainsRegex("Conv . BatchNormalization +52 of 52 .* about 30 %"),
                                  ContainsRegex("depthwise Conv . 1x1 Conv +0 of 17 +not available .* about 15 %"),
                                  HasSubstr("17 not fused by this engine")));
  }
}

TEST_F(FusionCommand, ResNet50AddsInItsConvolutions) {
  const auto kinds = kinds_of(run(sample("resnet50", {"--width", "0.25", "--resolution", "64"})));
  EXPECT_EQ(states_of(kinds.at("conv_add")), (States{{"measured", 16}}));
  EXPECT_EQ(states_of(kinds.at("conv_bn")), (States{{"measured", 53}}));
}

TEST_F(FusionCommand, ARealTextRecogniser) {
  const auto kinds =
      kinds_of(run(std::string(kOcrModelsDir) + "/ch_PP-OCRv4_rec_infer.onnx", {"--shape", "x:1x3x48x320"}));
  ASSERT_TRUE(kinds.contains("matmul_affine"));
  int measured = 0;
  for (const auto& [name, kind] : kinds) {
    States states = states_of(kind);
    measured += states["measured"] > 0 ? 1 : 0;
    EXPECT_EQ(states["not_tried"], 0) << name;
  }
  EXPECT_GE(measured, 3);
}

TEST_F(FusionCommand, EachByItself) {
  const ProgramResult result = run(std::string(kSourceDir) + "/models/digits/mobilenetv2_digits_folded.onnx",
                                   {"--batch", "1", "--per-instance", "--ceilings", "NVIDIA H200 SXM"});
  const auto kinds = kinds_of(result);
  for (const json& instance : kinds.at("conv_add")["instances"]) EXPECT_TRUE(instance.contains("worth"));
  EXPECT_THAT(result.out, HasSubstr("one by one"));
  EXPECT_EQ(kinds.at("depthwise_pointwise")["bound"]["basis"], "memory_bandwidth");
}

TEST_F(FusionCommand, StoppedItShowsWhatItHas) {
  const std::string model = sample("mobilenetv2", {"--width", "0.35", "--resolution", "64"});
  const auto stopped = run_tensorrt_profiling(
      {"fusion", model, "--verbose", "--duration", "60"},
      {.signal_after_seconds = 0.2, .signal_after_text = "measuring with and without the fusion"});
  EXPECT_EQ(stopped.exit_code, 130) << stopped.err;
  EXPECT_THAT(stopped.out, AllOf(HasSubstr("PARTIAL: interrupted"), HasSubstr("not tried, because it was stopped")));
}

// An engine is built of each model and variant, in a folder that goes. The stand-in fuses whatever reads a tensor.
TEST_F(FusionCommand, EnginesAreBuiltAndNotKept) {
  const std::string model = sample("mobilenetv2", {"--width", "0.35", "--resolution", "32"});
  ASSERT_TRUE(std::filesystem::create_directory(path("tmp")));
  const std::vector<std::string> arguments = {"fusion", model, "--backend", "tensorrt-rtx", "--duration", "0.1"};
  ProgramOptions options = {.environment = {{"TRTPROF_BACKEND_PATH", kFakeEngines},
                                            {"TRTPROF_CACHE_DIR", path("cache")},
                                            {"TMPDIR", path("tmp")}}};
  const auto result = run_tensorrt_profiling(arguments, options);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("Fake GPU 0"), ContainsRegex("Conv . activation +35 of 35 +not available"),
                                HasSubstr("35 fused although the tensor in between is read from: no figure")));
  EXPECT_FALSE(std::filesystem::exists(path("cache")));
  EXPECT_TRUE(std::filesystem::is_empty(path("tmp")));

  options.environment.emplace_back("TRTPROF_FAKE_BUILD", "fail");
  EXPECT_EQ(run_tensorrt_profiling(arguments, options).exit_code, 1);
  const auto engine = run_tensorrt_profiling({"build", model, "-o", path("m.engine"), "--backend", "tensorrt-rtx"},
                                             {.environment = {{"TRTPROF_BACKEND_PATH", kFakeEngines}}});
  ASSERT_EQ(engine.exit_code, 0) << engine.err;
  const auto refused = run(path("m.engine"));
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("is an engine, whose fusions were chosen when it was built"));
}

TEST_F(FusionCommand, ErrorsAreToldBeforeAnythingIsMeasured) {
  EXPECT_EQ(run(path("missing.onnx")).exit_code, 1);
  EXPECT_EQ(run_tensorrt_profiling({"fusion"}).exit_code, 2);
  EXPECT_EQ(run_tensorrt_profiling({"fusion", "m.onnx", "--streams", "2"}).exit_code, 2);
  const std::string model = sample("mobilenetv2", {"--width", "0.35", "--resolution", "32"});
  EXPECT_EQ(run_tensorrt_profiling({"fusion", model, "--json", path("no/such/folder/f.json")}).exit_code, 1);
  EXPECT_EQ(run(model, {"--device", "cuda:0"}).exit_code, 4);
}

}  // namespace
}  // namespace trtprof::test
