#include "trtprof/cost/inspection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cost/graphs.h"

namespace trtprof::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr std::size_t kAll = 1000;

Inspection inspected(const GraphWriter& writer, const std::vector<ValueInfo>& values = {}) {
  return inspect_graph(writer.graph, values, kAll);
}

TEST(Inspection, ParametersAreWhatTrainingLearns) {
  GraphWriter writer;
  writer.input("x", {1, 8, 4, 4}).conv("x", "c", 8, 16, 3).batch_norm("c", "b", 16);
  writer.weight("low", {}).weight("high", {}).node("Clip", {"b", "low", "high"}, "r");
  writer.weight("shape", {2}, ElementType::i64).node("Reshape", {"r", "shape"}, "f");
  writer.weight("fc", {10, 256}).weight("fc_b", {10}).node("Gemm", {"f", "fc", "fc_b"}, "y");
  writer.weight("half", {}).node("Mul", {"y", "half"}, "z").weight("unused", {99});
  const Inspection result = inspected(writer);
  EXPECT_EQ(result.parameters, 8 * 16 * 9 + 2 * 16 + 2560 + 10);
  std::map<std::string, std::int64_t> by_operator;
  for (const OperatorGroup& group : result.operators) {
    by_operator[group.op_type] = group.parameters;
  }
  EXPECT_THAT(by_operator, ElementsAre(Pair("BatchNormalization", 32), Pair("Clip", 0), Pair("Conv", 1152),
                                       Pair("Gemm", 2570), Pair("Mul", 0), Pair("Reshape", 0)));
  EXPECT_EQ(result.weight_bytes, 4U * (1152 + 4 * 16 + 2 + 2560 + 10 + 1 + 99) + 16U);
  EXPECT_THAT(result.weights_by_precision, ElementsAre(Pair("f32", 4U * 3888), Pair("i64", 16U)));
}

TEST(Inspection, AParameterIsCountedOnceHoweverItGetsToItsPlace) {
  GraphWriter writer;
  writer.input("x", {1, 4}).weight("w", {4, 4});
  writer.node("Identity", {"w"}, "shared").node("MatMul", {"x", "w"}, "a").node("MatMul", {"a", "shared"}, "b");
  writer.weight("q", {4, 4}, ElementType::i8).weight("scale", {4}).weight("zero", {4}, ElementType::i8);
  writer.node("DequantizeLinear", {"q", "scale", "zero"}, "dq").node("Transpose", {"dq"}, "t");
  writer.node("MatMul", {"b", "t"}, "y").weight("table", {7}, ElementType::i64).node("Gather", {"table", "i"}, "g");
  EXPECT_EQ(inspected(writer).parameters, 32);
}

TEST(Inspection, ConstantNodesAreWeights) {
  GraphWriter writer;
  writer.input("x", {1, 4}).node("Constant", {}, "w").node("MatMul", {"x", "w"}, "y");
  const Inspection result = inspected(writer, {value("w", {4, 4}), value("y", {1, 4})});
  EXPECT_EQ(result.parameters, 16);
  EXPECT_EQ(result.weight_bytes, 64U);
  ASSERT_EQ(result.operators.size(), 1U);
  EXPECT_EQ(result.operators[0].op_type, "MatMul");
  EXPECT_EQ(result.totals.macs, 16.0);
  EXPECT_THAT(result.nodes_by_precision, ElementsAre(Pair("f32", 1)));
}

TEST(Inspection, OperatorsMostFrequentFirstWithTheirDomain) {
  GraphWriter writer;
  writer.input("x", {2}).node("Exp", {"x"}, "a").node("Relu", {"a"}, "b").node("Relu", {"b"}, "c");
  writer.node("Foo", {"c"}, "d");
  writer.graph.nodes.back().domain = "com.acme";
  const Inspection result = inspected(writer, {value("a", {2}), value("b", {2}), value("c", {2}), value("d", {2})});
  ASSERT_EQ(result.operators.size(), 3U);
  EXPECT_EQ(result.operators[0].op_type, "Relu");
  EXPECT_EQ(result.operators[0].count, 2);
  EXPECT_EQ(result.operators[0].totals.bytes_written, 16.0);
  EXPECT_EQ(result.operators[2].op_type, "com.acme.Foo");
  EXPECT_EQ(result.totals.unknown_operators, 1);
  EXPECT_THAT(result.notes, ElementsAre(HasSubstr("1 com.acme.Foo is not known: Foo: an operator of the domain")));
}

// x(40) -> a(40) -> b(80) -> c(8), x read by c too.
GraphWriter chain() {
  GraphWriter writer;
  writer.input("x", {10}).output("c", {2});
  writer.node("Exp", {"x"}, "a").node("Concat", {"a", "a"}, "b").node("Foo", {"b", "x"}, "c");
  return writer;
}

TEST(Inspection, PeakOfActivationsAliveTogether) {
  const Inspection result = inspected(chain(), {value("a", {10}), value("b", {20})});
  EXPECT_EQ(result.peak_activation_bytes, 160U);  // x, a, b at the Concat
  EXPECT_EQ(result.peak_node, "b");
  EXPECT_EQ(result.activation_bytes, 168U);
  EXPECT_EQ(result.tensors_of_unknown_size, 0);
}

TEST(Inspection, RenamingTakesNoMemoryAndKeepsItsSourceAlive) {
  GraphWriter writer;
  writer.input("x", {10}).output("z", {5}).weight("s", {2}, ElementType::i64);
  writer.node("Exp", {"x"}, "a")
      .node("Reshape", {"a", "s"}, "v")
      .node("Exp", {"x"}, "b")
      .node("MatMul", {"v", "b"}, "z");
  const Inspection result = inspected(writer, {value("a", {10}), value("v", {5, 2}), value("b", {10})});
  EXPECT_EQ(result.peak_activation_bytes, 120U);  // x, a (as v), b
  EXPECT_EQ(result.peak_node, "b");
  EXPECT_EQ(result.activation_bytes, 140U);
  for (const TensorSize& tensor : result.largest_tensors) {
    EXPECT_NE(tensor.name, "v");
  }
}

TEST(Inspection, OutputsStayToTheEndAndUnreadResultsDoNot) {
  GraphWriter writer;
  writer.input("x", {10}).output("a", {10}).output("d", {1});
  writer.node("Exp", {"x"}, "a").node("Exp", {"x"}, "unread").node("Exp", {"x"}, "b").node("ReduceSum", {"b"}, "d");
  const Inspection result = inspected(writer, {value("unread", {10}), value("b", {10})});
  EXPECT_EQ(result.peak_activation_bytes, 120U);  // x, a and unread, or b
  EXPECT_EQ(result.peak_node, "unread");
}

TEST(Inspection, AnUnknownSizeLeavesThePeakUnknown) {
  const Inspection result = inspected(chain(), {value("a", {10})});
  EXPECT_EQ(result.peak_activation_bytes, std::nullopt);
  EXPECT_EQ(result.activation_bytes, std::nullopt);
  EXPECT_EQ(result.peak_node, "");
  EXPECT_EQ(result.tensors_of_unknown_size, 1);
}

TEST(Inspection, ASizeThatNoMachineHoldsIsUnknown) {
  GraphWriter writer;
  writer.input("x", {std::int64_t{1} << 62}).node("Neg", {"x"}, "y");
  const Inspection result = inspected(writer, {value("y", {std::int64_t{1} << 62})});
  EXPECT_EQ(result.peak_activation_bytes, std::nullopt);
  EXPECT_EQ(result.tensors_of_unknown_size, 2);
}

TEST(Inspection, OpenDimensionsAreListedWhereTheyBegin) {
  GraphWriter writer;
  writer.graph.inputs.push_back(
      {"x", ElementType::f32, std::vector<Dimension>{{std::nullopt, "batch"}, {3, ""}, {std::nullopt, ""}}});
  writer.input("k", {5}).node("Exp", {"x"}, "a").node("NonZero", {"k"}, "n").node("Cast", {"n"}, "m");
  const Inspection result = inspected(writer, {value("a", {-1, 3, -1}), value("n", {1, -1}, ElementType::i64)});
  EXPECT_THAT(result.open_dimensions, ElementsAre("input x: batch, dimension 2", "tensor n: dimension 1"));
  EXPECT_THAT(result.notes, ElementsAre(HasSubstr("because sizes are not")));
}

TEST(Inspection, LargestTensorsOfBothKinds) {
  GraphWriter writer;
  writer.input("x", {1, 8, 4, 4}).output("c", {1, 16, 4, 4}).conv("x", "c", 8, 16, 3);
  const Inspection result = inspect_graph(writer.graph, {}, 2);
  ASSERT_EQ(result.largest_tensors.size(), 2U);
  EXPECT_EQ(result.largest_tensors[0].name, "c_w");
  EXPECT_EQ(result.largest_tensors[0].bytes, 4608U);
  EXPECT_TRUE(result.largest_tensors[0].constant);
  EXPECT_EQ(result.largest_tensors[1].name, "c");
  EXPECT_FALSE(result.largest_tensors[1].constant);
  EXPECT_THAT(inspect_graph(writer.graph, {}, 0).largest_tensors, IsEmpty());
}

TEST(Inspection, BodiesAreCountedOnceAndSaidSo) {
  GraphWriter writer;
  writer.input("x", {2}).node("Loop", {"", "", "x"}, "y").node("Exp", {"x"}, "e", {}, "y/body");
  const Inspection result = inspected(writer, {value("e", {2}), value("y", {2})});
  EXPECT_EQ(result.totals.operators, 2);
  EXPECT_EQ(result.totals.flops, 2.0);
  EXPECT_THAT(result.notes,
              ElementsAre(HasSubstr("1 Loop is not known"), HasSubstr("Control flow: 1 body with 1 node")));
}

TEST(Inspection, AnEmptyGraphHasNothing) {
  const Inspection result = inspected({});
  EXPECT_EQ(result.parameters, 0);
  EXPECT_EQ(result.peak_activation_bytes, 0U);
  EXPECT_THAT(result.fusion_candidates, IsEmpty());
  EXPECT_THAT(result.notes, IsEmpty());
}

}  // namespace
}  // namespace trtprof::test
