#include "trtprof/model/sparsity.h"

#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include "model_files.h"

namespace trtprof {
namespace {

// Value i of a weight, counted in C order over the whole tensor.
using Values = std::function<float(std::int64_t)>;

void add_weight(onnx::GraphProto& graph, const std::string& name, const std::vector<std::int64_t>& dims,
                const Values& value) {
  auto& tensor = *graph.add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  std::int64_t count = 1;
  for (const std::int64_t dim : dims) {
    tensor.add_dims(dim);
    count *= dim;
  }
  for (std::int64_t i = 0; i < count; ++i) tensor.add_float_data(value(i));
}

float one(std::int64_t) {
  return 1.0F;
}

std::vector<WeightSparsity> found_in(const onnx::ModelProto& proto) {
  const auto result = find_structured_sparsity(OnnxModel::from_proto(proto));
  EXPECT_TRUE(result) << (result ? "" : result.error().message);
  return result.value_or(std::vector<WeightSparsity>{});
}

bool structured(const std::string& op_type, const std::vector<std::int64_t>& dims, const Values& value,
                bool transposed = false) {
  onnx::ModelProto model;
  add_weight(*model.mutable_graph(), "w", dims, value);
  auto& node = test::add_node(*model.mutable_graph(), "n", op_type, {"x", "w"}, {"y"});
  if (transposed) {
    auto& attribute = *node.add_attribute();
    attribute.set_name("transB");
    attribute.set_type(onnx::AttributeProto::INT);
    attribute.set_i(1);
  }
  const auto weights = found_in(model);
  EXPECT_EQ(weights.size(), 1U);
  return !weights.empty() && weights[0].structured;
}

// Two of four along `inner` apart values are zero.
Values two_of_four(std::int64_t inner) {
  return [inner](std::int64_t i) { return i / inner % 4 < 2 ? 0.0F : 1.0F; };
}

TEST(Sparsity, OfAConvolutionIsAlongTheInputChannelsForEachPixel) {
  EXPECT_TRUE(structured("Conv", {3, 8, 2, 2}, two_of_four(4)));
  EXPECT_FALSE(structured("Conv", {3, 8, 2, 2}, two_of_four(1)));  // half the zeros, in the wrong direction
  EXPECT_FALSE(structured("Conv", {3, 8, 3, 3}, one));
}

TEST(Sparsity, OneGroupWithThreeValuesIsEnoughToBreakIt) {
  const Values almost = [](std::int64_t i) { return i == 0 ? 1.0F : two_of_four(1)(i); };
  EXPECT_TRUE(structured("Conv", {2, 8, 1, 1}, two_of_four(1)));
  EXPECT_FALSE(structured("Conv", {2, 8, 1, 1}, almost));
}

TEST(Sparsity, OfAProductIsAlongItsReduction) {
  EXPECT_TRUE(structured("MatMul", {8, 5}, two_of_four(5)));
  EXPECT_FALSE(structured("MatMul", {8, 8}, two_of_four(1)));
  EXPECT_TRUE(structured("MatMul", {2, 8, 5}, two_of_four(5)));
  EXPECT_TRUE(structured("Gemm", {8, 5}, two_of_four(5)));
  EXPECT_TRUE(structured("Gemm", {5, 8}, two_of_four(1), true));
  EXPECT_FALSE(structured("Gemm", {8, 8}, two_of_four(8), true));
}

TEST(Sparsity, MinusZeroIsZeroAndAllZerosCount) {
  EXPECT_TRUE(structured("MatMul", {4, 3}, [](std::int64_t i) { return i < 6 ? -0.0F : 2.0F; }));
  EXPECT_TRUE(structured("MatMul", {4, 3}, [](std::int64_t) { return 0.0F; }));
}

TEST(Sparsity, ALastGroupOfFewerMayHoldTwo) {
  EXPECT_TRUE(structured("MatMul", {6, 1}, [](std::int64_t i) { return i < 2 ? 0.0F : 1.0F; }));
  EXPECT_FALSE(structured("MatMul", {7, 1}, [](std::int64_t i) { return i < 2 ? 0.0F : 1.0F; }));
}

TEST(Sparsity, WhatHasNoReductionOfFourIsNoCandidate) {
  onnx::ModelProto model;
  auto& graph = *model.mutable_graph();
  add_weight(graph, "depthwise", {32, 1, 3, 3}, one);
  add_weight(graph, "stem", {32, 3, 3, 3}, one);
  add_weight(graph, "bias", {8}, one);
  test::add_node(graph, "a", "Conv", {"x", "depthwise"}, {"y"});
  test::add_node(graph, "b", "Conv", {"y", "stem"}, {"z"});
  test::add_node(graph, "c", "Add", {"z", "bias"}, {"u"});
  test::add_node(graph, "d", "MatMul", {"z", "u"}, {"v"});
  EXPECT_TRUE(found_in(model).empty());
}

TEST(Sparsity, ThroughQuantisationAndConstantNodes) {
  onnx::ModelProto model;
  auto& graph = *model.mutable_graph();
  add_weight(graph, "w", {8, 4}, two_of_four(4));
  add_weight(graph, "scale", {1}, one);
  add_weight(graph, "zero", {1}, one);
  test::add_node(graph, "dq", "DequantizeLinear", {"w", "scale"}, {"plain"});
  test::add_node(graph, "dqz", "DequantizeLinear", {"w", "scale", "zero"}, {"shifted"});
  auto& constant = test::add_node(graph, "c", "Constant", {}, {"dense"});
  auto& value = *constant.add_attribute();
  value.set_name("value");
  value.set_type(onnx::AttributeProto::TENSOR);
  add_weight(graph, "temporary", {8, 4}, one);
  *value.mutable_t() = graph.initializer(graph.initializer_size() - 1);
  test::add_node(graph, "", "MatMul", {"x", "plain"}, {"first"});
  test::add_node(graph, "b", "MatMul", {"x", "shifted"}, {"second"});
  test::add_node(graph, "third", "MatMul", {"x", "dense"}, {"u"});
  const auto weights = found_in(model);
  ASSERT_EQ(weights.size(), 2U);
  EXPECT_EQ(weights[0].node, "first");
  EXPECT_EQ(weights[0].weight, "w");
  EXPECT_TRUE(weights[0].structured);
  EXPECT_EQ(weights[1].node, "third");
  EXPECT_FALSE(weights[1].structured);
  EXPECT_EQ(count_structured(weights), 1U);
}

TEST(Sparsity, AWeightThatCannotBeReadIsAnError) {
  onnx::ModelProto model;
  auto& graph = *model.mutable_graph();
  add_weight(graph, "w", {8, 4}, one);
  graph.mutable_initializer(0)->mutable_float_data()->Truncate(3);
  test::add_node(graph, "n", "MatMul", {"x", "w"}, {"y"});
  const auto result = find_structured_sparsity(OnnxModel::from_proto(model));
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, testing::HasSubstr("'w'"));
}

}  // namespace
}  // namespace trtprof
