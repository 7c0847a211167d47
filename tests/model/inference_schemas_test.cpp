// Shapes that an old model computes from shapes: the library's newer inference for its older operators.
#include "trtprof/model/inference_schemas.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/defs/parser.h>

#include "test_paths.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/model/shape_inference.h"

namespace trtprof {
namespace {

// "2x3"; "?" for an open dimension, "none" without a shape.
std::string shape_of(const InferredShapes& shapes, const std::string& name) {
  const auto value = std::find_if(shapes.values.begin(), shapes.values.end(),
                                  [&](const ValueInfo& each) { return each.name == name; });
  if (value == shapes.values.end() || !value->shape) return "none";
  std::string text;
  for (const Dimension& dimension : *value->shape) {
    text += (text.empty() ? "" : "x") + (dimension.value ? std::to_string(*dimension.value) : "?");
  }
  return text;
}

InferredShapes inferred(int opset, const std::string& nodes) {
  const std::string text = fmt::format(R"(<ir_version: 8, opset_import: ["" : {}]>
      g (float[2, 3, 4, 5] x) => (float y) <int64[1] zero = {{0}}, int64[1] two = {{2}}, int64[1] rest = {{-1}}, float[1] one = {{1}}> {{ {} }})",
                                       opset, nodes);
  onnx::ModelProto model;
  const auto status = onnx::OnnxParser::Parse(model, text.c_str());
  EXPECT_TRUE(status.IsOK()) << status.ErrorMessage();
  // The grammar has no way to leave the rank open.
  model.mutable_graph()->mutable_output(0)->mutable_type()->mutable_tensor_type()->clear_shape();
  auto shapes = infer_shapes(OnnxModel::from_proto(std::move(model)));
  EXPECT_TRUE(shapes.has_value()) << shapes.error().message;
  return shapes ? *std::move(shapes) : InferredShapes{};
}

TEST(InferenceSchemas, AnOldReshapeTakesAComputedShape) {
  for (const int opset : {11, 12, 13, 17}) {
    EXPECT_EQ(shape_of(inferred(opset, R"(s = Shape(x)
        i = Cast<to = 6>(s)  j = Cast<to = 7>(i)
        head = Slice(j, zero, two, zero)
        shape = Concat<axis = 0>(head, rest)
        y = Reshape(x, shape))"),
                       "y"),
              "2x3x20")
        << "opset " << opset;
  }
}

TEST(InferenceSchemas, DimensionsPickedOneByOne) {
  // As PyTorch exports x.view(x.size(0), -1) at opset 11.
  EXPECT_EQ(shape_of(inferred(11, R"(s = Shape(x)
      i = Constant<value = int64 {0}>()
      n = Gather<axis = 0>(s, i)
      u = Unsqueeze<axes = [0]>(n)
      shape = Concat<axis = 0>(u, rest)
      y = Reshape(x, shape))"),
                     "y"),
            "2x60");
}

TEST(InferenceSchemas, ExpandToTheShapeOfAnother) {
  for (const int opset : {11, 13}) {
    EXPECT_EQ(shape_of(inferred(opset, "s = Shape(x)  y = Expand(one, s)"), "y"), "2x3x4x5") << "opset " << opset;
  }
}

TEST(InferenceSchemas, WhatIsNewOrOfAnotherDomainIsTheLibrarysOwn) {
  const auto* library = onnx::OpSchemaRegistry::Instance();
  EXPECT_EQ(inference_schemas().GetSchema("Reshape", 14), library->GetSchema("Reshape", 14, ""));
  EXPECT_NE(inference_schemas().GetSchema("Reshape", 13), library->GetSchema("Reshape", 13, ""));
  EXPECT_EQ(inference_schemas().GetSchema("Reshape", 13)->SinceVersion(), 13);
  EXPECT_EQ(inference_schemas().GetSchema("Conv", 11), library->GetSchema("Conv", 11, ""));
  EXPECT_EQ(inference_schemas().GetSchema("Transpose", 1), library->GetSchema("Transpose", 1, ""));
  EXPECT_EQ(inference_schemas().GetSchema("Cast", 11, "com.acme"), nullptr);
}

// What follows made the library's inference run for ever, fill the memory or read beside an array.
TEST(InferenceSchemas, AStepThatNoIntHoldsEnds) {
  for (const int opset : {11, 13}) {
    for (const std::int64_t step : {std::int64_t{1} << 32, -(std::int64_t{1} << 32), std::int64_t{2147483647}}) {
      const InferredShapes shapes = inferred(opset, fmt::format(R"(s = Shape(x)
          step = Constant<value = int64[1] {{{}}}>()
          end = Constant<value = int64[1] {{4}}>()
          part = Slice(s, zero, end, zero, step)
          y = Expand(one, part))",
                                                                step));
      // One element going up, none going down.
      EXPECT_EQ(shape_of(shapes, "y"), step > 0 ? "?" : "1") << "opset " << opset << ", step " << step;
    }
  }
}

TEST(InferenceSchemas, DoubledShapesAreNotFollowedFarther) {
  std::string nodes = "s0 = Shape(x)";
  for (int i = 0; i < 40; ++i) nodes += fmt::format("\ns{} = Concat<axis = 0>(s{}, s{})", i + 1, i, i);
  EXPECT_EQ(shape_of(inferred(13, nodes + "\ny = Expand(one, s1)"), "y"), "2x3x4x5x2x3x4x5");
  EXPECT_EQ(shape_of(inferred(11, nodes + "\ny = Expand(one, s40)"), "y"), "none");
}

TEST(InferenceSchemas, AVectorOfManyElementsIsNoShape) {
  for (const int opset : {8, 13}) {
    onnx::ModelProto model;
    const auto status = onnx::OnnxParser::Parse(model, fmt::format(R"(<ir_version: 8, opset_import: ["" : {}]>
            g (int64[100000000000] x) => (int64[N] y) {{ s = Add(x, x)  t = Mul(s, s)  y = Concat<axis = 0>(t, s) }})",
                                                                   opset)
                                                           .c_str());
    ASSERT_TRUE(status.IsOK()) << status.ErrorMessage();
    const auto shapes = infer_shapes(OnnxModel::from_proto(std::move(model)));
    ASSERT_TRUE(shapes.has_value()) << shapes.error().message;
    EXPECT_EQ(shape_of(*shapes, "y"), "200000000000");
  }
}

TEST(InferenceSchemas, GatherNDCountsFromTheFirstDimension) {
  for (const int opset : {12, 13}) {
    const InferredShapes shapes = inferred(opset, R"(at = Constant<value = int64[1, 1] {0}>()
        y = GatherND<batch_dims = -100000>(x, at))");
    EXPECT_EQ(shape_of(shapes, "y"), "none");
    ASSERT_EQ(shapes.notes.size(), 1U);
    EXPECT_THAT(shapes.notes.front(), testing::HasSubstr("batch_dims"));
    EXPECT_EQ(shape_of(inferred(opset, R"(at = Constant<value = int64[1, 1] {0}>()  y = GatherND(x, at))"), "y"),
              "1x3x4x5");
  }
}

// Exported at opset 11 and 12; they flatten by computed shapes.
TEST(InferenceSchemas, EveryTensorOfTheOcrModelsHasAShape) {
  for (const auto& [name, shape] :
       {std::pair{"ch_PP-OCRv4_det_infer.onnx", std::vector<std::int64_t>{1, 3, 640, 640}},
        std::pair{"ch_PP-OCRv4_rec_infer.onnx", std::vector<std::int64_t>{1, 3, 48, 320}},
        std::pair{"ch_ppocr_mobile_v2.0_cls_infer.onnx", std::vector<std::int64_t>{1, 3, 48, 192}}}) {
    const auto model = OnnxModel::load(std::filesystem::path(test::kOcrModelsDir) / name);
    ASSERT_TRUE(model.has_value()) << model.error().message;
    const auto shapes = infer_shapes(*model, {{"x", shape}});
    ASSERT_TRUE(shapes.has_value()) << shapes.error().message;
    for (const GraphNode& node : shapes->graph.nodes) {
      for (const std::string& output : node.outputs) {
        const std::string text = shape_of(*shapes, output);
        EXPECT_TRUE(text.find('?') == std::string::npos && text != "none") << name << ": " << output << " " << text;
      }
    }
  }
}

}  // namespace
}  // namespace trtprof
