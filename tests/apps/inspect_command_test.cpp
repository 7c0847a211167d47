// `inspect`, as a user does it: the published figures of the sample networks, real models, every kind of file.
#include <filesystem>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/plans.h"
#include "support/profile_fixture.h"
#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class InspectCommand : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(folder_.has_value()); }
  std::string path(const std::string& name) const { return (folder_->path() / name).string(); }

  std::string sample(const std::string& kind, std::vector<std::string> options = {}) const {
    const std::string model = path(kind + ".onnx");
    options.insert(options.begin(), {"sample", kind, "-o", model});
    EXPECT_EQ(run_tensorrt_profiling(options).exit_code, 0);
    return model;
  }

  // The model part of the JSON.
  json inspected(const std::string& model, std::vector<std::string> options = {}) const {
    options.insert(options.begin(), {"inspect", model, "--json", path("i.json")});
    const ProgramResult result = run_tensorrt_profiling(options);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.err, "");
    const auto text = read_file(path("i.json"));
    EXPECT_TRUE(text.has_value());
    return text ? json::parse(*text)["model"] : json();
  }

  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-inspect-command");
};

std::int64_t candidates(const json& model, const std::string& kind) {
  std::int64_t count = 0;
  for (const json& candidate : model["fusion_candidates"]) count += candidate["kind"] == kind ? 1 : 0;
  return count;
}

TEST_F(InspectCommand, MobileNetV2AsPublished) {
  const std::string file = sample("mobilenetv2");
  const json model = inspected(file);
  EXPECT_EQ(model["parameters"], 3504872);
  EXPECT_EQ(model["totals"]["macs"], 300774272.0);
  EXPECT_EQ(model["totals"]["unknown_operators"], 0);
  EXPECT_EQ(candidates(model, "inverted_residual"), 17);
  EXPECT_EQ(candidates(model, "conv_bn_activation"), 35);
  EXPECT_EQ(candidates(model, "conv_add"), 10);
  EXPECT_EQ(candidates(model, "conv_bn"), 7);
  // 96 x 112 x 112 before and after a node of the first expansion.
  EXPECT_EQ(model["memory"]["peak_activation_bytes"], 2 * 96 * 112 * 112 * 4);
  EXPECT_THAT(model["open_dimensions"], IsEmpty());

  std::set<std::string> names;
  const Graph graph = OnnxModel::load(file)->graph();
  for (const GraphNode& node : graph.nodes) names.insert(node.display_name());
  for (const json& candidate : model["fusion_candidates"]) {
    for (const json& node : candidate["nodes"]) EXPECT_TRUE(names.contains(node)) << node;
  }
}

TEST_F(InspectCommand, FoldedBatchNormalisationChangesCandidatesNotCost) {
  const json model = inspected(sample("mobilenetv2", {"--fold-bn"}));
  EXPECT_EQ(model["totals"]["macs"], 300774272.0);
  EXPECT_EQ(candidates(model, "conv_activation"), 35);
  EXPECT_EQ(candidates(model, "inverted_residual"), 17);
}

TEST_F(InspectCommand, ResNet50AsPublished) {
  const json model = inspected(sample("resnet50"));
  EXPECT_EQ(model["parameters"], 25557032);
  EXPECT_NEAR(model["totals"]["macs"].get<double>(), 4.09e9, 0.005e9);
  EXPECT_EQ(candidates(model, "conv_add"), 16);
  EXPECT_EQ(candidates(model, "inverted_residual"), 0);
}

TEST_F(InspectCommand, EfficientNetAndMobileNetV3AsPublished) {
  const json efficientnet = inspected(sample("efficientnet-b0"));
  EXPECT_EQ(efficientnet["parameters"], 5288548);
  EXPECT_EQ(candidates(efficientnet, "inverted_residual"), 16);
  const json mobilenet = inspected(sample("mobilenetv3"));
  EXPECT_EQ(mobilenet["parameters"], 5483032);
  EXPECT_EQ(candidates(mobilenet, "inverted_residual"), 15);
}

TEST_F(InspectCommand, TextHasEverySection) {
  const ProgramResult result = run_tensorrt_profiling({"inspect", sample("mobilenetv2"), "--largest", "1"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("Parameters: 3.50 M (3504872)\nMACs:       300.8 M\n"));
  for (const char* section : {"\nOperators:\n", "\nPrecision:\n", "\nMemory:\n", "\nLargest tensors:\n"}) {
    EXPECT_THAT(result.out, HasSubstr(section));
  }
  EXPECT_THAT(result.out, HasSubstr("Fusion candidates: 69"));
  EXPECT_THAT(result.out, HasSubstr("classifier/weight"));
  EXPECT_THAT(result.out, Not(HasSubstr("activation  ")));  // the largest tensor is a weight
  EXPECT_THAT(result.out, Not(HasSubstr("\x1b")));
}

TEST_F(InspectCommand, OpenDimensionsAreNoObstacleAndBindWhenGiven) {
  const std::string file = sample("mobilenetv2", {"--batch", "dynamic"});
  const json open = inspected(file);
  EXPECT_EQ(open["parameters"], 3504872);
  EXPECT_EQ(open["totals"]["macs"], 0.0);
  EXPECT_GT(open["totals"]["unknown_operators"], 100);
  EXPECT_FALSE(open["memory"].contains("peak_activation_bytes"));
  EXPECT_EQ(open["open_dimensions"].size(), 1U);
  EXPECT_THAT(open["notes"][0].get<std::string>(), HasSubstr("--shape"));
  EXPECT_EQ(candidates(open, "inverted_residual"), 17);

  const json bound = inspected(file, {"--batch", "2"});
  EXPECT_EQ(bound["totals"]["macs"], 2 * 300774272.0);
  EXPECT_EQ(bound["inputs"][0]["shape"], json({2, 3, 224, 224}));
  EXPECT_THAT(bound["open_dimensions"], IsEmpty());

  const ProgramResult text = run_tensorrt_profiling({"inspect", file});
  EXPECT_THAT(text.out, HasSubstr("MACs:         not known"));
}

TEST_F(InspectCommand, AShapeThatContradictsTheModel) {
  const ProgramResult result = run_tensorrt_profiling({"inspect", sample("mobilenetv2"), "--shape", "input:1x4x9x9"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
}

struct OcrModel {
  const char* file;
  const char* shape;
  double macs;
};

// The multiply-adds that docs/cost.md compares with an independent counter.
TEST_F(InspectCommand, OcrModels) {
  for (const OcrModel& ocr : {OcrModel{"ch_PP-OCRv4_det_infer.onnx", "x:1x3x640x640", 2301935744.0},
                              OcrModel{"ch_PP-OCRv4_rec_infer.onnx", "x:1x3x48x320", 702469440.0},
                              OcrModel{"ch_ppocr_mobile_v2.0_cls_infer.onnx", "x:1x3x48x192", 16315376.0}}) {
    const json model = inspected(std::string(kOcrModelsDir) + "/" + ocr.file, {"--shape", ocr.shape});
    EXPECT_EQ(model["totals"]["macs"], ocr.macs) << ocr.file;
    EXPECT_EQ(model["totals"]["unknown_operators"], 0) << ocr.file;
    EXPECT_TRUE(model["memory"].contains("peak_activation_bytes")) << ocr.file;
    EXPECT_FALSE(model["fusion_candidates"].empty()) << ocr.file;
  }
}

TEST_F(InspectCommand, ASavedProfile) {
  ASSERT_TRUE(save_profile(full_profile(), path("p.json")).has_value());
  const ProgramResult result = run_tensorrt_profiling({"inspect", path("p.json"), "--json", path("i.json")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("PARTIAL"));
  EXPECT_THAT(result.out, HasSubstr("schema 1.2)"));
  EXPECT_THAT(result.out, HasSubstr("OpenVINO 2026.4.1"));
  const json document = json::parse(*read_file(path("i.json")));
  EXPECT_EQ(document["kind"], "profile");
  EXPECT_EQ(document["profile"]["end_to_end"]["samples"], 12);
  EXPECT_EQ(document["file"]["bytes"], std::filesystem::file_size(path("p.json")));

  EXPECT_EQ(run_tensorrt_profiling({"inspect", path("p.json"), "--batch", "2"}).exit_code, 2);
}

TEST_F(InspectCommand, AnEngineWithoutItsModuleShowsItsHeader) {
  ASSERT_TRUE(write_file(path("m.engine"), plan_bytes("ftrt", {9, 2, 0, 5}, 100)));
  const ProgramResult result = run_tensorrt_profiling({"inspect", path("m.engine"), "--json", path("i.json")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, HasSubstr("(128 B, sha256 "));
  EXPECT_THAT(result.out, HasSubstr("Built by: TensorRT 9.2.0.5"));
  EXPECT_THAT(result.out, HasSubstr("Not seen:"));
  EXPECT_THAT(result.out, HasSubstr("tensorrt-9"));
  const json engine = json::parse(read_file(path("i.json")).value_or("{}"))["engine"];
  EXPECT_EQ(engine["version"], "9.2.0.5");
  EXPECT_EQ(engine["unseen"].size(), 1U);
  EXPECT_FALSE(engine.contains("fusion"));
}

TEST_F(InspectCommand, FilesThatCannotBe) {
  ASSERT_TRUE(write_file(path("text.onnx"), "not a model").has_value());
  EXPECT_EQ(run_tensorrt_profiling({"inspect", path("text.onnx")}).exit_code, 1);
  EXPECT_EQ(run_tensorrt_profiling({"inspect", path("missing.onnx")}).exit_code, 1);
  EXPECT_EQ(run_tensorrt_profiling({"inspect", sample("mobilenetv2"), "--json", path("no/such/i.json")}).exit_code, 1);
  const ProgramResult full = run_tensorrt_profiling({"inspect", path("mobilenetv2.onnx")}, {.out_path = "/dev/full"});
  EXPECT_EQ(full.exit_code, 1);
  EXPECT_THAT(full.err, HasSubstr("standard output"));
}

}  // namespace
}  // namespace trtprof::test
