// Texts as OpenVINO 2026.4.1 throws them.
#include "trtprof/backend/openvino_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trtprof {
namespace {

GraphNode node(std::string name, std::string op, std::string domain, std::string output) {
  GraphNode result;
  result.name = std::move(name);
  result.op_type = std::move(op);
  result.domain = std::move(domain);
  result.outputs = {std::move(output)};
  return result;
}

Graph graph_of(std::vector<GraphNode> nodes) {
  Graph graph;
  graph.nodes = std::move(nodes);
  return graph;
}

std::string message(std::string_view what, const Graph& graph) {
  return openvino_error(what, graph, "OpenVINO 2026.4.1", "m.onnx could not be compiled").message;
}

std::string unconverted(const std::string& operations) {
  return "Exception from src/inference/src/cpp/core.cpp:84:\nCheck 'false' failed at "
         "src/frontends/common_translators/src/unconverted_ops_report.cpp:151:\nFrontEnd API failed with "
         "OpConversionFailure:\nModel wasn't fully converted.\nSummary:\n-- No conversion rule found for operations: " +
         operations + "\n\n";
}

TEST(OpenVinoError, NamesTheUnsupportedOperatorAndItsNode) {
  const Graph graph = graph_of({node("r1", "Relu", "", "r"), node("foo_1", "Foo", "com.acme", "y")});
  EXPECT_EQ(message(unconverted("com.acme.Foo"), graph),
            "operator 'com.acme.Foo' of node 'foo_1' is not supported by OpenVINO 2026.4.1");
}

TEST(OpenVinoError, AnOperatorOfOnnxItselfIsNamedWithoutItsVersion) {
  const Graph graph = graph_of({node("", "MaxUnpool", "", "pooled")});
  EXPECT_EQ(message(unconverted("MaxUnpool-13"), graph),
            "operator 'MaxUnpool' of node 'pooled' is not supported by OpenVINO 2026.4.1");
}

TEST(OpenVinoError, NamesSeveralOperatorsAndCountsTheirNodes) {
  const Graph graph = graph_of({node("a", "Foo", "d", "1"), node("b", "Foo", "d", "2"), node("c", "Foo", "d", "3"),
                                node("e", "Foo", "d", "4"), node("m", "MaxUnpool", "", "5")});
  EXPECT_EQ(message(unconverted("d.Foo, MaxUnpool-13"), graph),
            "operator 'd.Foo' of nodes 'a', 'b', 'c' and 1 more and operator 'MaxUnpool' of node 'm' are not supported "
            "by OpenVINO 2026.4.1");
}

TEST(OpenVinoError, AContradictionInsideTheModelNamesNodeAndShapes) {
  const Graph graph = graph_of({node("conv_7", "Conv", "", "y")});
  EXPECT_EQ(message("Check 'data_rank.is_dynamic() || filters_rank.is_dynamic() || "
                    "data_shape[1].compatible(filters_shape[1])' failed at "
                    "src/core/shape_inference/include/convolution_shape_inference_util.hpp:307:\nWhile validating node "
                    "'opset1::Convolution y (opset1::Relu r1[0]:f32[1,3,8,8], opset1::Constant w[0]:f32[4,5,3,3]) -> "
                    "(f32[?,4,1..,1..])' with friendly_name 'y':\nData batch channel count (3) does not match filter "
                    "input channel count (5).\n",
                    graph),
            "node 'conv_7' (Conv) with input shapes 1x3x8x8 and 4x5x3x3 is not possible: Data batch channel count (3) "
            "does not match filter input channel count (5)");
}

TEST(OpenVinoError, ANodeRefusedWhileReadingIsNamed) {
  const Graph graph = graph_of({node("sm", "Softmax", "", "y")});
  EXPECT_EQ(
      message("Exception from src/inference/src/cpp/core.cpp:84:\nCheck 'false' failed at "
              "src/frontends/common_translators/src/unconverted_ops_report.cpp:151:\nFrontEnd API failed with "
              "OpConversionFailure:\nModel wasn't fully converted. Failed operations detailed log:\n-- Softmax-13 "
              "with a message:\nWhile validating ONNX node '<Node(Softmax): y>': Check 'is_axis_valid(axis, r)' "
              "failed at src/core/src/validation_util.cpp:336:\nWhile validating node 'opset8::Softmax "
              "Softmax_32 (opset1::Parameter x[0]:f32[1,3]) -> (dynamic[...])' with friendly_name "
              "'Softmax_32':\nAxis 7 out of the tensor rank range [-2, 1].\n\nSummary:\n-- Conversion is failed "
              "for: Softmax-13\n\n",
              graph),
      "node 'sm' (Softmax) with input shapes 1x3 is not possible: Axis 7 out of the tensor rank range [-2, 1]");
}

TEST(OpenVinoError, ANodeOfTheEnginesOwnMakingIsSaidToBeThat) {
  EXPECT_EQ(message("While validating node 'opset1::Add Add_5 (opset1::Parameter x[0]:f32[]) -> (f32[])' with "
                    "friendly_name 'Add_5':\nArgument shapes are inconsistent.\n",
                    {}),
            "what OpenVINO 2026.4.1 calls 'Add_5' with input shapes scalar is not possible: Argument shapes are "
            "inconsistent");
}

TEST(OpenVinoError, AnythingElseIsItsLastSentenceAfterWhatWasAttempted) {
  EXPECT_EQ(message("Exception from src/inference/src/cpp/core.cpp:117:\nException from "
                    "src/inference/src/dev/plugin.cpp:54:\nCheck 'val_i >= 0' failed at "
                    "src/inference/src/dev/threading/istreams_executor.cpp:58:\nWrong value for property key "
                    "INFERENCE_NUM_THREADS. Expected only non negative integer numbers. Got: -3\n\n\n",
                    {}),
            "m.onnx could not be compiled: Wrong value for property key INFERENCE_NUM_THREADS. Expected only non "
            "negative integer numbers. Got: -3");
  EXPECT_EQ(message("", {}), "m.onnx could not be compiled: no reason was given");
}

TEST(OpenVinoError, NamesCannotMoveTheCursor) {
  const Graph graph = graph_of({node("bad\x1b[2J", "Foo", "d", "1")});
  EXPECT_THAT(message(unconverted("d.Foo"), graph), ::testing::Not(::testing::HasSubstr("\x1b")));
}

TEST(OpenVinoError, IsAlwaysOneLine) {
  for (const std::string text : {"a\nb\nc", "Check 'x' failed\n", "With friendly_name 'y':\n\n", "\n\n"}) {
    EXPECT_EQ(message(text, {}).find('\n'), std::string::npos);
  }
}

}  // namespace
}  // namespace trtprof
