// `optimize --precision int8` on the sets with labels, as a user runs it. Calibrated on samples that accuracy is not
// measured on.
#include <bit>
#include <cstdint>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>

#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/model/onnx_model.h"

namespace trtprof::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

std::string in_models(const std::string& file) {
  return std::string(kSourceDir) + "/models/" + file;
}
const std::string kDigits = in_models("digits/mobilenetv2_digits.onnx");
const std::string kTextDirection = std::string(kOcrModelsDir) + "/ch_ppocr_mobile_v2.0_cls_infer.onnx";

class QuantizeCommand : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  [[nodiscard]] json document() const { return json::parse(read_file(path("o.json")).value()); }
  [[nodiscard]] ProgramResult optimize(const std::string& model, const std::string& folder, const std::string& data,
                                       const std::vector<std::string>& options) const {
    std::vector<std::string> arguments = {"optimize",
                                          model,
                                          "-o",
                                          path("o.onnx"),
                                          "--json",
                                          path("o.json"),
                                          "--no-compare",
                                          "--calibration-data",
                                          in_models(folder + "/calibration.npz"),
                                          "--data",
                                          in_models(folder + "/" + data)};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return run_tensorrt_profiling(arguments);
  }
  [[nodiscard]] ProgramResult digits(const std::vector<std::string>& options) const {
    return optimize(kDigits, "digits", "heldout.npz", options);
  }
  // Which types of tensors and how many nodes of an operator there are.
  [[nodiscard]] int count(const std::string& op_type) const {
    const auto model = OnnxModel::load(path("o.onnx"));
    EXPECT_TRUE(model.has_value());
    int nodes = 0;
    for (const auto& node : model->proto().graph().node()) nodes += node.op_type() == op_type ? 1 : 0;
    return nodes;
  }

  TemporaryFolder folder_ = TemporaryFolder::create("trtprof-quantize").value();
};

TEST_F(QuantizeCommand, DigitsStayWithinOnePoint) {
  const auto result = digits({"--precision", "int8", "--max-drop", "1", "--min-agreement", "99"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("INT8 by Q/DQ"));
  EXPECT_THAT(result.out, HasSubstr("40 nodes (Add 5, Conv 34, Gemm 1)"));
  const json quantization = document().at("quantization");
  EXPECT_EQ(quantization.at("quantized").size(), 40U);
  EXPECT_EQ(quantization.at("calibration").at("method"), "mse");
  EXPECT_EQ(count("QuantizeLinear"), 35);
  EXPECT_LT(quantization.at("weight_bytes_after").get<double>(),
            0.3 * quantization.at("weight_bytes_before").get<double>());
}

TEST_F(QuantizeCommand, TextDirectionStaysWithinOnePoint) {
  const auto result = optimize(kTextDirection, "text_direction", "text_lines.npz",
                               {"--precision", "int8", "--max-drop", "1", "--min-agreement", "99"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
}

TEST_F(QuantizeCommand, WhatIsLeftBecomesF16) {
  const auto result = digits({"--precision", "int8+f16", "--max-drop", "1"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("operator set 17 became 19, the first with scales in f16"));
  const json blocked = document().at("precision").at("blocked");
  ASSERT_EQ(blocked.size(), 1U) << "scales are numbers of f16";
  EXPECT_EQ(blocked[0].at("op_type"), "QuantizeLinear") << "the model's input is quantised as it comes";
  const auto model = OnnxModel::load(path("o.onnx"));
  EXPECT_NO_THROW(onnx::checker::check_model(model->proto()));
  EXPECT_EQ(count("Cast"), 1) << "at the model's output alone";
}

TEST_F(QuantizeCommand, RangesAreOfTheDataThatThereIs) {
  const std::string data = in_models("digits/calibration.npz");
  const auto result = run_tensorrt_profiling({"optimize", kDigits, "-o", path("o.onnx"), "--json", path("o.json"),
                                              "--no-compare", "--precision", "int8+f16", "--calibration-data", data});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(document().at("precision").at("data"), data);
}

// Convolutions have no bf16 in this operator set: what quantises stays INT8 beside f32, with no Cast in its way.
TEST_F(QuantizeCommand, WithBf16ConvolutionsAreInt8) {
  const auto result = digits({"--precision", "int8+bf16", "--max-drop", "1"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("the first with scales in bf16"));
  auto model = OnnxModel::load(path("o.onnx"));
  ASSERT_TRUE(model);
  std::set<std::string> dequantized;
  for (const auto& node : model->proto().graph().node()) {
    if (node.op_type() == "DequantizeLinear") dequantized.insert(node.output(0));
  }
  for (const auto& node : model->proto().graph().node()) {
    if (node.op_type() != "Cast") continue;
    EXPECT_FALSE(dequantized.contains(node.input(0))) << node.input(0);
  }
}

// Of every activation four fifths are clipped.
TEST_F(QuantizeCommand, ABadCalibrationFailsTheGate) {
  const auto result =
      digits({"--precision", "int8", "--max-drop", "1", "--calibration", "percentile", "--percentile", "20"});
  EXPECT_EQ(result.exit_code, 3) << result.out;
  EXPECT_THAT(result.err, HasSubstr("top-1"));
}

TEST_F(QuantizeCommand, RandomCalibrationIsLoud) {
  const auto result = run_tensorrt_profiling({"optimize", kDigits, "-o", path("o.onnx"), "--no-compare", "--batch", "8",
                                              "--precision", "int8", "--samples", "8"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("CALIBRATED WITH RANDOM NUMBERS"));
}

TEST_F(QuantizeCommand, OneCalibrationServesBothPrecisions) {
  const std::string cache = path("calibration.json");
  ASSERT_EQ(digits({"--precision", "int8", "--calibration-cache", cache}).exit_code, 0);
  const std::string kept = read_file(cache).value();
  const auto result = digits({"--precision", "int8+f16", "--calibration-cache", cache, "--verbose"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("thresholds by mse of calibration.npz from"));
  EXPECT_EQ(read_file(cache).value(), kept);
}

// Its thresholds are of the model as TensorRT saw it.
TEST_F(QuantizeCommand, WithTensorrtsCacheNothingIsEqualised) {
  const std::string cache = path("calibration.json");
  ASSERT_EQ(digits({"--precision", "int8", "--no-equalization", "--calibration-cache", cache}).exit_code, 0);
  const json own = json::parse(read_file(cache).value());
  std::string text = "TRT-100600-EntropyCalibration2\n";
  for (const json& value : own.at("values")) {
    const auto scale = static_cast<float>(value.at("threshold").get<double>() / 127.0);
    text += fmt::format("{}: {:08x}\n", value.at("name").get<std::string>(), std::bit_cast<std::uint32_t>(scale));
  }
  ASSERT_TRUE(write_file(path("int8.cache"), text));
  const auto result = digits({"--precision", "int8", "--calibration-cache", path("int8.cache"), "--max-drop", "1"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("nothing was equalised"));
  EXPECT_FALSE(document().at("quantization").contains("equalized"));
  EXPECT_TRUE(document().at("quantization").contains("biases"));
}

TEST_F(QuantizeCommand, ACacheThatCannotBeWrittenIsSaidBeforeAnythingIsRun) {
  const auto result = digits({"--precision", "int8", "--calibration-cache", path("none/c.json"), "--verbose"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("none/c.json"));
  EXPECT_THAT(result.err, Not(HasSubstr("equalising")));
}

TEST_F(QuantizeCommand, NothingToQuantiseIsAnErrorWithTheReasons) {
  ASSERT_EQ(digits({"--precision", "int8"}).exit_code, 0);
  const auto again = run_tensorrt_profiling({"optimize", path("o.onnx"), "-o", path("again.onnx"), "--precision",
                                             "int8", "--calibration-data", in_models("digits/calibration.npz")});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.err, HasSubstr("o.onnx can be quantised"));
  EXPECT_THAT(again.err, HasSubstr("34 of Conv: it is quantised already"));
}

TEST_F(QuantizeCommand, KeptNodesAndDepthwiseStay) {
  const auto result =
      digits({"--precision", "int8", "--no-quantize-depthwise", "--keep-op", "Gemm", "--explain-passes"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("depthwise convolutions are kept"));
  EXPECT_THAT(result.out, HasSubstr("Gemm is kept by type"));
}

TEST_F(QuantizeCommand, WhatIsForInt8AloneIsNotPassedOver) {
  const auto result = run_tensorrt_profiling({"optimize", kDigits, "--precision", "f16", "--no-equalization"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--no-equalization is for --precision int8"));
  const auto percentile = run_tensorrt_profiling({"optimize", kDigits, "--precision", "int8", "--percentile", "99"});
  EXPECT_EQ(percentile.exit_code, 2);
  EXPECT_THAT(percentile.err, HasSubstr("--percentile is for --calibration percentile"));
  const auto forced = run_tensorrt_profiling({"optimize", kDigits, "--precision", "int8", "--force-calibration-cache"});
  EXPECT_EQ(forced.exit_code, 2);
  EXPECT_THAT(forced.err, HasSubstr("--force-calibration-cache is for --calibration-cache"));
}

TEST_F(QuantizeCommand, OtherCommandsHaveNoInt8) {
  const auto result = run_tensorrt_profiling({"profile", kDigits, "--precision", "int8"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("INT8 is a property of the model"));
}

}  // namespace
}  // namespace trtprof::test
