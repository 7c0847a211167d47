#include "trtprof/model/shape_inference.h"

#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "model_files.h"
#include "support/run_program.h"
#include "test_paths.h"

namespace trtprof {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// "2x3", "batch x3" as "batchx3"; "?" for an open dimension, "none" without a shape or the value itself.
std::string shape_of(const InferredShapes& shapes, const std::string& name) {
  const auto value = std::find_if(shapes.values.begin(), shapes.values.end(),
                                  [&name](const ValueInfo& each) { return each.name == name; });
  if (value == shapes.values.end() || !value->shape) return "none";
  std::string text;
  for (const Dimension& dimension : *value->shape) {
    if (!text.empty()) text += "x";
    text += dimension.value ? std::to_string(*dimension.value) : dimension.symbol.empty() ? "?" : dimension.symbol;
  }
  return text;
}

InferredShapes inferred(onnx::ModelProto proto, const BoundShapes& shapes = {}) {
  const OnnxModel model = OnnxModel::from_proto(std::move(proto));
  const std::string before = model.proto().SerializeAsString();
  auto result = infer_shapes(model, shapes);
  EXPECT_EQ(model.proto().SerializeAsString(), before) << "the model was changed";
  EXPECT_TRUE(result.has_value()) << result.error().message;
  return result ? *std::move(result) : InferredShapes{};
}

std::string error_of(onnx::ModelProto proto, const BoundShapes& shapes) {
  const auto result = infer_shapes(OnnxModel::from_proto(std::move(proto)), shapes);
  return result ? "" : result.error().message;
}

onnx::TensorShapeProto::Dimension& dim(onnx::ValueInfoProto& value, int index) {
  return *value.mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(index);
}

// small_model() with x [batch, 3].
onnx::ModelProto batched_model() {
  onnx::ModelProto model = test::small_model();
  dim(*model.mutable_graph()->mutable_input(0), 0).set_dim_param("batch");
  dim(*model.mutable_graph()->mutable_output(0), 0).set_dim_param("batch");
  return model;
}

TEST(InferShapes, EveryTensorHasOne) {
  const InferredShapes shapes = inferred(test::small_model());
  EXPECT_EQ(shape_of(shapes, "x"), "2x3");
  EXPECT_EQ(shape_of(shapes, "w"), "3");
  EXPECT_EQ(shape_of(shapes, "s"), "2x3");
  EXPECT_EQ(shape_of(shapes, "y"), "2x3");
  EXPECT_THAT(shapes.notes, IsEmpty());
  EXPECT_EQ(shapes.graph.nodes.size(), 2U);
}

TEST(InferShapes, SymbolsStayUntilBound) {
  EXPECT_EQ(shape_of(inferred(batched_model()), "s"), "batchx3");
  const InferredShapes bound = inferred(batched_model(), {{"x", {7, 3}}});
  EXPECT_EQ(shape_of(bound, "s"), "7x3");
  EXPECT_EQ(shape_of(bound, "y"), "7x3");
}

TEST(InferShapes, StaleStoredShapesGiveWay) {
  onnx::ModelProto model = batched_model();
  auto& stored = *model.mutable_graph()->add_value_info();
  stored.set_name("s");
  test::set_shape(stored, {1, 3});
  dim(*model.mutable_graph()->mutable_output(0), 0).set_dim_value(1);
  const InferredShapes bound = inferred(model, {{"x", {7, 3}}});
  EXPECT_EQ(shape_of(bound, "s"), "7x3");
  EXPECT_EQ(shape_of(bound, "y"), "7x3");
}

TEST(InferShapes, ShapesThatTheInputRefuses) {
  EXPECT_THAT(error_of(batched_model(), {{"z", {1}}}), HasSubstr("no input 'z'"));
  EXPECT_THAT(error_of(batched_model(), {{"x", {7, 4}}}), AllOf(HasSubstr("'x'"), HasSubstr("7x4")));
  EXPECT_THAT(error_of(batched_model(), {{"x", {7, 3, 1}}}), HasSubstr("7x3x1"));
  onnx::ModelProto square = batched_model();
  dim(*square.mutable_graph()->mutable_input(0), 1).set_dim_param("batch");
  EXPECT_THAT(error_of(square, {{"x", {2, 3}}}), AllOf(HasSubstr("'batch'"), HasSubstr("2"), HasSubstr("3")));
}

TEST(InferShapes, ShapesThatContradictTheGraphNameTheNode) {
  onnx::ModelProto model = batched_model();
  dim(*model.mutable_graph()->mutable_input(0), 1).set_dim_param("features");
  const std::string error = error_of(model, {{"x", {2, 5}}});
  EXPECT_THAT(error, AllOf(HasSubstr("x 2x5"), HasSubstr("'add1' (Add)"), HasSubstr("[2, 5]"), HasSubstr("[3]")));
  EXPECT_EQ(error.find('\n'), std::string::npos);
}

TEST(InferShapes, FailureOfTheModelItselfIsANote) {
  onnx::ModelProto model = batched_model();
  dim(*model.mutable_graph()->mutable_input(0), 1).set_dim_value(5);
  test::add_node(*model.mutable_graph(), "after", "Relu", {"x"}, {"r"});
  for (const BoundShapes& shapes : {BoundShapes{}, BoundShapes{{"x", {2, 5}}}}) {
    const InferredShapes result = inferred(model, shapes);
    EXPECT_THAT(result.notes, Contains(AllOf(HasSubstr("'add1' (Add)"), HasSubstr("ncompatible"))));
    EXPECT_EQ(shape_of(result, "r"), shapes.empty() ? "batchx5" : "2x5") << "later nodes are still inferred";
  }
}

// x [batch, 4] -> Shape -> Gather 0 -> Unsqueeze -> Concat with 2, 2 -> Reshape x.
onnx::ModelProto reshape_model() {
  onnx::ModelProto model = batched_model();
  onnx::GraphProto& graph = *model.mutable_graph();
  dim(*graph.mutable_input(0), 1).set_dim_value(4);
  graph.clear_node();
  graph.clear_initializer();
  const auto constant = [&graph](const std::string& name, const std::vector<std::int64_t>& dims,
                                 const std::vector<std::int64_t>& values) {
    auto& tensor = *graph.add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::INT64);
    for (const auto each : dims) tensor.add_dims(each);
    for (const auto value : values) tensor.add_int64_data(value);
  };
  constant("zero", {}, {0});
  constant("axes", {1}, {0});
  constant("twos", {2}, {2, 2});
  test::add_node(graph, "shape", "Shape", {"x"}, {"d"});
  test::add_node(graph, "first", "Gather", {"d", "zero"}, {"b"});
  test::add_node(graph, "vector", "Unsqueeze", {"b", "axes"}, {"v"});
  auto& concat = test::add_node(graph, "concat", "Concat", {"v", "twos"}, {"t"});
  auto& axis = *concat.add_attribute();
  axis.set_name("axis");
  axis.set_type(onnx::AttributeProto::INT);
  axis.set_i(0);
  test::add_node(graph, "reshape", "Reshape", {"x", "t"}, {"y"});
  graph.mutable_output(0)->mutable_type()->mutable_tensor_type()->clear_shape();
  return model;
}

TEST(InferShapes, ShapeArithmeticIsFollowed) {
  EXPECT_EQ(shape_of(inferred(reshape_model()), "y"), "batchx2x2");
  EXPECT_EQ(shape_of(inferred(reshape_model(), {{"x", {5, 4}}}), "y"), "5x2x2");
}

TEST(InferShapes, CustomDomainsAreNotedAndTheirStoredShapesCarryOn) {
  onnx::ModelProto model = batched_model();
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.mutable_node(0)->set_domain("com.acme");
  graph.mutable_node(0)->set_op_type("Blend");
  EXPECT_EQ(shape_of(inferred(model), "s"), "none");
  auto& stored = *graph.add_value_info();
  stored.set_name("s");
  test::set_shape(stored, {1, 3});
  dim(stored, 0).set_dim_param("batch");
  test::add_node(graph, "last", "Relu", {"s"}, {"r"});
  const InferredShapes shapes = inferred(model, {{"x", {6, 3}}});
  EXPECT_EQ(shape_of(shapes, "s"), "6x3");
  EXPECT_EQ(shape_of(shapes, "r"), "6x3");
  EXPECT_THAT(shapes.notes, ElementsAre(AllOf(HasSubstr("Blend"), HasSubstr("com.acme"), HasSubstr("1 node"))));
}

// A Constant may be taken out before the types are given back, and with it what no Constant has: a graph.
TEST(InferShapes, AGraphInAConstantIsNoBody) {
  onnx::ModelProto model = test::small_model();
  onnx::GraphProto& graph = *model.mutable_graph();
  onnx::NodeProto constant;
  constant.set_op_type("Constant");
  constant.add_output("c");
  onnx::AttributeProto& value = *constant.add_attribute();
  value.set_name("value");
  value.set_type(onnx::AttributeProto::TENSOR);
  value.mutable_t()->set_data_type(onnx::TensorProto::FLOAT);
  value.mutable_t()->add_dims(1 << 20);
  value.mutable_t()->set_raw_data(std::string(std::size_t{4} << 20, '\0'));
  onnx::AttributeProto& body = *constant.add_attribute();
  body.set_name("body");
  body.set_type(onnx::AttributeProto::GRAPH);
  auto& inner = *body.mutable_g()->add_value_info();
  inner.set_name("inner");
  test::set_shape(inner, {1, 2});
  *graph.add_node() = constant;
  EXPECT_EQ(shape_of(inferred(model), "y"), "2x3");
}

TEST(InferShapes, SubgraphsSeeTheShapesOfWhatTheyCapture) {
  onnx::ModelProto model = test::branching_model();
  dim(*model.mutable_graph()->mutable_input(0), 0).set_dim_param("batch");
  const InferredShapes shapes = inferred(model, {{"x", {9, 3}}});
  for (const char* name : {"s", "y", "then_branch_out", "else_branch_out"}) EXPECT_EQ(shape_of(shapes, name), "9x3");
}

// Independent: what the Python package's inference says of models whose nodes are all ONNX's. It is not given the types
// that the model stores, so it leaves dimensions open that are known here.
void expect_same_as_python(const std::string& model_file, const std::vector<std::int64_t>& shape) {
  const std::string path = std::string(test::kOcrModelsDir) + "/" + model_file;
  std::vector<std::string> command = {test::kPython,
                                      std::string(test::kSourceDir) + "/tests/tools/infer_shapes_in_python.py", path};
  for (const auto each : shape) command.push_back(std::to_string(each));
  const auto python = test::run_program(command);
  ASSERT_EQ(python.exit_code, 0) << python.err;
  const auto model = OnnxModel::load(path);
  ASSERT_TRUE(model.has_value()) << model.error().message;
  const auto shapes = infer_shapes(*model, {{"x", shape}});
  ASSERT_TRUE(shapes.has_value()) << shapes.error().message;
  const auto expected = nlohmann::json::parse(python.out);
  std::size_t whole = 0;
  std::size_t compared = 0;
  for (const auto& [name, expected_shape] : expected.items()) {
    const std::string ours = shape_of(*shapes, name);
    const std::string theirs = expected_shape.get<std::string>();
    if (theirs.find('?') == std::string::npos) {
      EXPECT_EQ(ours, theirs) << name;
      ++compared;
    }
    whole += ours.find('?') == std::string::npos ? 1U : 0U;
  }
  fmt::print("{}: {} tensors, {} known to the last dimension, {} in Python\n", model_file, expected.size(), whole,
             compared);
  EXPECT_GE(compared * 100, expected.size() * 95);
  EXPECT_GE(expected.size(), 300U);
  EXPECT_EQ(whole, expected.size());
}

TEST(InferShapes, TextDetectionAsInPython) {
  expect_same_as_python("ch_PP-OCRv4_det_infer.onnx", {1, 3, 640, 640});
}

TEST(InferShapes, TextRecognitionAsInPython) {
  expect_same_as_python("ch_PP-OCRv4_rec_infer.onnx", {1, 3, 48, 320});
}

TEST(InferShapes, TextDirectionAsInPython) {
  expect_same_as_python("ch_ppocr_mobile_v2.0_cls_infer.onnx", {1, 3, 48, 192});
}

}  // namespace
}  // namespace trtprof
