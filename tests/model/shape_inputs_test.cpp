#include "trtprof/model/shape_inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trtprof {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ValueInfo value(const std::string& name, ElementType type, const std::vector<std::int64_t>& shape) {
  ValueInfo info{name, type, std::vector<Dimension>{}};
  for (const std::int64_t d : shape) info.shape->push_back({d < 0 ? std::nullopt : std::optional(d), ""});
  return info;
}

GraphNode node(const std::string& op, std::vector<std::string> inputs, std::vector<std::string> outputs,
               const std::string& domain = "") {
  GraphNode result;
  result.op_type = op;
  result.domain = domain;
  result.inputs = std::move(inputs);
  result.outputs = std::move(outputs);
  return result;
}

Graph graph(const ValueInfo& input, std::vector<GraphNode> nodes) {
  Graph result;
  result.inputs = {value("x", ElementType::f32, {1, 3, 8, 8}), input};
  result.nodes = std::move(nodes);
  return result;
}

const ValueInfo kSizes = value("sizes", ElementType::i64, {4});

TEST(ShapeInputs, WhatSizesATensorHoldsAShape) {
  EXPECT_THAT(shape_inputs(graph(kSizes, {node("Reshape", {"x", "sizes"}, {"y"})})), ElementsAre("sizes"));
  EXPECT_THAT(shape_inputs(graph(kSizes, {node("Resize", {"x", "", "", "sizes"}, {"y"})})), ElementsAre("sizes"));
  EXPECT_THAT(shape_inputs(graph(kSizes, {node("Expand", {"x", "sizes"}, {"y"})})), ElementsAre("sizes"));
}

TEST(ShapeInputs, ThroughArithmeticToo) {
  const auto length = value("length", ElementType::i32, {});
  EXPECT_THAT(shape_inputs(graph(length, {node("Cast", {"length"}, {"l64"}), node("Unsqueeze", {"l64", "axes"}, {"l1"}),
                                          node("Mul", {"l1", "two"}, {"l2"}), node("Concat", {"one", "l2"}, {"shape"}),
                                          node("Reshape", {"x", "shape"}, {"y"})})),
              ElementsAre("length"));
  // What is looked at is its shape, not what it holds.
  EXPECT_THAT(shape_inputs(graph(kSizes, {node("Shape", {"sizes"}, {"n"}), node("Expand", {"x", "n"}, {"y"})})),
              IsEmpty());
}

TEST(ShapeInputs, OtherInputsDoNot) {
  const auto reshape = node("Reshape", {"x", "sizes"}, {"y"});
  EXPECT_THAT(shape_inputs(graph(value("sizes", ElementType::f32, {4}), {reshape})), IsEmpty());
  EXPECT_THAT(shape_inputs(graph(value("sizes", ElementType::i64, {-1}), {reshape})), IsEmpty());
  EXPECT_THAT(shape_inputs(graph(value("sizes", ElementType::i64, {2, 2}), {reshape})), IsEmpty());
  EXPECT_THAT(shape_inputs(graph(kSizes, {node("Gather", {"table", "sizes"}, {"y"})})), IsEmpty());
  EXPECT_THAT(shape_inputs(graph(kSizes, {node("Reshape", {"x", "sizes"}, {"y"}, "my.domain")})), IsEmpty());
}

TEST(TakeShapeValues, TakesWhatIsSaidOfThem) {
  const Graph model = graph(kSizes, {node("Reshape", {"x", "sizes"}, {"y"})});
  ShapeRequest request;
  request.by_input = {{"x", {1, 3, 8, 8}}, {"sizes", {1, 1, 16, 12}}};
  const auto values = take_shape_values(model, request);
  ASSERT_TRUE(values) << values.error().message;
  EXPECT_EQ(*values, (BoundShapes{{"sizes", {1, 1, 16, 12}}}));
  EXPECT_EQ(request.by_input, (std::map<std::string, std::vector<std::int64_t>>{{"x", {1, 3, 8, 8}}}));
}

TEST(TakeShapeValues, ItsOwnShapeStaysAndAnotherCountIsRefused) {
  const Graph model = graph(kSizes, {node("Reshape", {"x", "sizes"}, {"y"})});
  ShapeRequest request;
  request.by_input = {{"sizes", {4}}};
  EXPECT_EQ(take_shape_values(model, request).value(), BoundShapes{});
  EXPECT_EQ(request.by_input.size(), 1U);
  request.by_input = {{"sizes", {1, 2}}};
  const auto refused = take_shape_values(model, request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::usage);
  EXPECT_THAT(refused.error().message, HasSubstr("'sizes' holds a shape of 4 values, not 1x2"));
}

TEST(TakeShapeValues, TheOnlyInputNeedsNoName) {
  Graph model = graph(kSizes, {node("ConstantOfShape", {"sizes"}, {"y"})});
  model.inputs.erase(model.inputs.begin());
  ShapeRequest request;
  request.by_input = {{"", {1, 2, 3, 4}}};
  EXPECT_EQ(take_shape_values(model, request).value(), (BoundShapes{{"sizes", {1, 2, 3, 4}}}));
  EXPECT_TRUE(request.by_input.empty());
}

}  // namespace
}  // namespace trtprof
