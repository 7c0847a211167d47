#include "trtprof/optimize/evaluate.h"

#include <cmath>
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/defs/parser.h>

#include "support/openvino_models.h"
#include "test_paths.h"
#include "trtprof/measure/inputs.h"

namespace trtprof {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

OnnxModel parsed(const std::string& text) {
  onnx::ModelProto proto;
  const auto status = onnx::OnnxParser::Parse(proto, text.c_str());
  EXPECT_TRUE(status.IsOK()) << status.ErrorMessage();
  return OnnxModel::from_proto(std::move(proto));
}

OnnxModel small() {
  return parsed(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float[n, 3] x) => (float[n, 3] y) <float[3] w = {1, 2, 3}> { s = Add(x, w)  r = Relu(s)  y = Neg(r) })");
}

Tensor floats(std::vector<std::int64_t> shape, const std::vector<float>& values) {
  Tensor tensor{ElementType::f32, std::move(shape), {}};
  tensor.data.resize(values.size() * sizeof(float));
  std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
  return tensor;
}

std::vector<float> floats_of(const Tensor& tensor) {
  EXPECT_EQ(tensor.type, ElementType::f32);
  std::vector<float> values(tensor.data.size() / sizeof(float));
  std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
  return values;
}

TEST(Evaluate, GivesTheOutputs) {
  const auto outputs = evaluate(test::openvino(), small(), {{"x", floats({1, 3}, {-5, 1, 2})}});
  ASSERT_TRUE(outputs.has_value()) << outputs.error().message;
  ASSERT_EQ(outputs->size(), 1U);
  EXPECT_THAT(floats_of(outputs->at("y")), ElementsAre(-0.0F, -3.0F, -5.0F));
}

TEST(Evaluate, GivesValuesInsideToo) {
  const OnnxModel model = small();
  const std::string before = model.proto().SerializeAsString();
  const auto outputs =
      evaluate(test::openvino(), model, {{"x", floats({1, 3}, {-5, 1, 2})}}, {.watched = {"s", "r", "y"}});
  ASSERT_TRUE(outputs.has_value()) << outputs.error().message;
  EXPECT_EQ(outputs->size(), 3U);
  EXPECT_THAT(floats_of(outputs->at("s")), ElementsAre(-4.0F, 3.0F, 5.0F));
  EXPECT_THAT(floats_of(outputs->at("r")), ElementsAre(0.0F, 3.0F, 5.0F));
  EXPECT_EQ(model.proto().SerializeAsString(), before) << "the model was changed";
}

TEST(Evaluate, OneCompilationServesManyInputs) {
  auto evaluator = Evaluator::create(test::openvino(), small(), {{"x", {2, 3}}});
  ASSERT_TRUE(evaluator.has_value()) << evaluator.error().message;
  ASSERT_EQ(evaluator->inputs().size(), 1U);
  EXPECT_THAT(evaluator->inputs().front().shape, ElementsAre(2, 3));
  for (const float value : {1.0F, 2.0F}) {
    const auto outputs = evaluator->run({{"x", floats({2, 3}, std::vector<float>(6, value))}});
    ASSERT_TRUE(outputs.has_value()) << outputs.error().message;
    EXPECT_THAT(floats_of(outputs->at("y")),
                ElementsAre(-value - 1, -value - 2, -value - 3, -value - 1, -value - 2, -value - 3));
  }
}

TEST(Evaluate, SaysWhatIsMissing) {
  const auto message = [](const NamedTensors& inputs, std::vector<std::string> watched) {
    const auto outputs = evaluate(test::openvino(), small(), inputs, {.watched = std::move(watched)});
    return outputs ? "" : outputs.error().message;
  };
  const Tensor x = floats({1, 3}, {1, 2, 3});
  EXPECT_EQ(message({{"x", x}}, {"w"}), "the main graph makes no value 'w'");
  EXPECT_EQ(message({{"x", x}}, {"nothing"}), "the main graph makes no value 'nothing'");
  auto evaluator = Evaluator::create(test::openvino(), small(), {{"x", {1, 3}}});
  ASSERT_TRUE(evaluator.has_value());
  const auto without = evaluator->run({});
  ASSERT_FALSE(without.has_value());
  EXPECT_EQ(without.error().message, "there are no values for input 'x'");
}

// Every activation of a real model can be looked at, and none is other than without looking at it.
TEST(Evaluate, LooksInsideARealModel) {
  auto model = OnnxModel::load(std::string(test::kOcrModelsDir) + "/" + test::kCls.file);
  ASSERT_TRUE(model.has_value()) << model.error().message;
  std::vector<std::string> watched;
  for (const GraphNode& node : model->graph().nodes) {
    if (node.op_type != "Constant") watched.push_back(node.outputs.front());
  }
  const NamedTensors inputs{{"x", random_tensor({"x", "f32", test::kCls.shape, "", {}}, 7)}};
  const auto plain = evaluate(test::openvino(), *model, inputs);
  const auto looked = evaluate(test::openvino(), *model, inputs, {.watched = watched});
  ASSERT_TRUE(plain.has_value()) << plain.error().message;
  ASSERT_TRUE(looked.has_value()) << looked.error().message;
  EXPECT_GE(looked->size(), watched.size());
  const std::vector<float> expected = floats_of(plain->begin()->second);
  const std::vector<float> found = floats_of(looked->at(plain->begin()->first));
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-5);
}

}  // namespace
}  // namespace trtprof
