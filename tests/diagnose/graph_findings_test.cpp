#include "trtprof/diagnose/graph_findings.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/torchvision_mobilenetv2.h"
#include "test_paths.h"
#include "trtprof/diagnose/known_model.h"

namespace trtprof {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

ValueInfo value(const std::string& name, const std::vector<std::int64_t>& shape, ElementType type = ElementType::f32) {
  ValueInfo info{name, type, std::vector<Dimension>{}};
  for (const std::int64_t dim : shape) info.shape->push_back({dim, ""});
  return info;
}

// x [2, 3, 4] goes in; `types` of tensors in between are given where they matter.
class Made {
 public:
  Made() {
    graph.inputs = {value("x", {2, 3, 4})};
    graph.outputs = {value("y", {2, 3, 4})};
  }
  Made& node(const std::string& op_type, std::vector<std::string> inputs, const std::string& output,
             Attributes attributes = {}) {
    graph.nodes.push_back({output, op_type, "", std::move(inputs), {output}, "", std::move(attributes)});
    return *this;
  }
  Made& tensor(const std::string& name, const std::vector<std::int64_t>& shape, ElementType type = ElementType::f32) {
    values.push_back(value(name, shape, type));
    return *this;
  }
  Made& weight(const std::string& name, const std::vector<std::int64_t>& shape, ElementType type = ElementType::f32) {
    graph.initializers.push_back(value(name, shape, type));
    return *this;
  }
  // "cancels a b", in stored order.
  [[nodiscard]] std::vector<std::string> redundant() const {
    std::vector<std::string> texts;
    for (const RedundantNodes& each : find_redundant_nodes(graph, tensor_table(graph, values))) {
      std::string text{to_string(each.what)};
      for (const std::size_t i : each.nodes) text += " " + graph.nodes[i].display_name();
      texts.push_back(text);
    }
    return texts;
  }
  [[nodiscard]] ConstantSubgraphs constants() const {
    return find_constant_subgraphs(graph, tensor_table(graph, values));
  }

  Graph graph;
  std::vector<ValueInfo> values;
};

TEST(RedundantNodes, IdentityAndDropoutDoNothing) {
  Made made;
  made.node("Relu", {"x"}, "a").node("Identity", {"a"}, "b").node("Dropout", {"b"}, "c").node("Sigmoid", {"c"}, "y");
  EXPECT_THAT(made.redundant(), ElementsAre("identity b", "identity c"));
}

TEST(RedundantNodes, DropoutThatTrainsOrWhoseMaskIsReadStays) {
  Made trains;
  trains.weight("ratio", {}).weight("training", {}, ElementType::boolean);
  trains.node("Dropout", {"x", "ratio", "training"}, "a").node("Relu", {"a"}, "y");
  EXPECT_THAT(trains.redundant(), IsEmpty());
  Made mask;
  mask.node("Dropout", {"x"}, "a").node("Relu", {"a"}, "b").node("Where", {"mask", "b", "x"}, "y");
  mask.graph.nodes[0].outputs.push_back("mask");
  EXPECT_THAT(mask.redundant(), IsEmpty());
}

TEST(RedundantNodes, IdentityFromInputToOutputIsNeeded) {
  Made made;
  made.node("Identity", {"x"}, "y");
  EXPECT_THAT(made.redundant(), IsEmpty());
}

TEST(RedundantNodes, WhatChangesNothing) {
  Made made;
  made.weight("shape", {3}, ElementType::i64).weight("starts", {1}, ElementType::i64);
  for (const char* name : {"r", "t", "s", "c", "k", "p"}) made.tensor(name, {2, 3, 4});
  made.node("Reshape", {"x", "shape"}, "r")
      .node("Transpose", {"r"}, "t", {{"perm", std::vector<std::int64_t>{0, 1, 2}}})
      .node("Slice", {"t", "starts", "starts"}, "s")
      .node("Cast", {"s"}, "c")
      .node("Concat", {"c"}, "k", {{"axis", std::int64_t{0}}})
      .node("Pad", {"k"}, "p", {{"pads", std::vector<std::int64_t>(6, 0)}})
      .node("Relu", {"p"}, "y");
  EXPECT_THAT(made.redundant(),
              ElementsAre("no_effect r", "no_effect t", "no_effect s", "no_effect c", "no_effect k", "no_effect p"));
}

TEST(RedundantNodes, WhatLooksLikeItAndChangesSomething) {
  Made made;
  made.weight("shape", {2}, ElementType::i64).weight("steps", {1}, ElementType::i64);
  made.tensor("r", {6, 4}).tensor("t", {4, 6}).tensor("s", {4, 6}).tensor("c", {4, 6}, ElementType::f16);
  made.node("Reshape", {"x", "shape"}, "r")
      .node("Transpose", {"r"}, "t")
      // Backwards, for all one knows.
      .node("Slice", {"t", "steps", "steps", "steps", "steps"}, "s")
      .node("Cast", {"s"}, "c")
      .node("Concat", {"c", "t"}, "y", {{"axis", std::int64_t{0}}});
  EXPECT_THAT(made.redundant(), IsEmpty());
}

TEST(RedundantNodes, PairsThatCancel) {
  Made made;
  made.tensor("wide", {2, 3, 4}, ElementType::f64).tensor("back", {2, 3, 4}).tensor("flat", {24});
  made.tensor("square", {2, 3, 4}).weight("shape", {1}, ElementType::i64);
  made.node("Cast", {"x"}, "wide")
      .node("Cast", {"wide"}, "back")
      .node("Reshape", {"back", "shape"}, "flat")
      .node("Reshape", {"flat", "shape"}, "square")
      .node("Transpose", {"square"}, "one", {{"perm", std::vector<std::int64_t>{1, 2, 0}}})
      .node("Transpose", {"one"}, "two", {{"perm", std::vector<std::int64_t>{2, 0, 1}}})
      .node("Relu", {"two"}, "y");
  EXPECT_THAT(made.redundant(), ElementsAre("cancels wide back", "cancels flat square", "cancels one two"));
}

TEST(RedundantNodes, PairsThatDoNotCancel) {
  Made made;
  made.tensor("narrow", {2, 3, 4}, ElementType::f16).tensor("back", {2, 3, 4});
  made.node("Cast", {"x"}, "narrow")  // loses digits
      .node("Cast", {"narrow"}, "back")
      .node("Transpose", {"back"}, "one", {{"perm", std::vector<std::int64_t>{1, 2, 0}}})
      .node("Transpose", {"one"}, "two", {{"perm", std::vector<std::int64_t>{1, 2, 0}}})
      .node("Relu", {"two"}, "y");
  EXPECT_THAT(made.redundant(), IsEmpty());
}

TEST(RedundantNodes, WithAnotherReaderInBetweenOnlyTheSecondGoes) {
  Made made;
  made.node("Transpose", {"x"}, "one", {{"perm", std::vector<std::int64_t>{1, 0, 2}}})
      .node("Transpose", {"one"}, "two", {{"perm", std::vector<std::int64_t>{1, 0, 2}}})
      .node("Relu", {"two"}, "y")
      .node("Sigmoid", {"one"}, "z");
  made.graph.outputs.push_back(value("z", {3, 2, 4}));
  EXPECT_THAT(made.redundant(), ElementsAre("cancels two"));
}

TEST(RedundantNodes, TheSameComputedTwice) {
  Made made;
  made.node("Relu", {"x"}, "a")
      .node("Relu", {"x"}, "b")
      .node("Clip", {"a"}, "c", {{"max", 6.0}})
      .node("Clip", {"b"}, "d", {{"max", 6.0}})  // the same only because a and b are
      .node("Clip", {"b"}, "e", {{"max", 1.0}})
      .node("RandomNormalLike", {"x"}, "f")
      .node("RandomNormalLike", {"x"}, "g")
      .node("Sum", {"c", "d", "e", "f", "g"}, "y");
  EXPECT_THAT(made.redundant(), ElementsAre("duplicate b", "duplicate d"));
}

TEST(RedundantNodes, WhatNobodyReads) {
  Made made;
  made.node("Relu", {"x"}, "y").node("Sigmoid", {"x"}, "a").node("Tanh", {"a"}, "b");
  EXPECT_THAT(made.redundant(), ElementsAre("dead a", "dead b"));
}

TEST(RedundantNodes, BodiesOfControlFlowMayReadAnything) {
  Made made;
  made.node("Relu", {"x"}, "y").node("Sigmoid", {"x"}, "a").node("If", {"condition"}, "b");
  made.graph.nodes.push_back({"inner", "Tanh", "", {"a"}, {"inner"}, "b/then_branch", {}});
  EXPECT_THAT(made.redundant(), IsEmpty());
}

TEST(RedundantNodes, FoundInModelsAsExportersWriteThem) {
  const auto found = [](const char* file) {
    auto model = OnnxModel::load(std::filesystem::path(test::kOcrModelsDir) / file);
    EXPECT_TRUE(model);
    auto known = KnownModel::of(std::move(*model), Profile{});
    EXPECT_TRUE(known);
    std::vector<std::string> texts;
    for (const RedundantNodes& each : find_redundant_nodes(known->graph(), known->tensors())) {
      texts.push_back(std::string(to_string(each.what)) + " " + known->graph().nodes[each.nodes.front()].op_type);
    }
    return texts;
  };
  EXPECT_THAT(found("ch_PP-OCRv4_det_infer.onnx"), IsEmpty());
  EXPECT_THAT(found("ch_PP-OCRv4_rec_infer.onnx"), ElementsAre("duplicate Shape", "duplicate Cast", "duplicate Cast"));
  EXPECT_THAT(found("ch_ppocr_mobile_v2.0_cls_infer.onnx"), ElementsAre("identity Identity"));
}

TEST(RedundantNodes, NoneInTorchvisionsMobileNetV2) {
  const Graph graph = test::torchvision_mobilenet_v2(1);
  EXPECT_THAT(find_redundant_nodes(graph, tensor_table(graph)), IsEmpty());
}

TEST(ConstantSubgraphs, AreJoinedByTheTensorsBetweenThem) {
  Made made;
  made.weight("w", {3}).weight("v", {3}).weight("shape", {1}, ElementType::i64);
  made.tensor("a", {3}).tensor("b", {3}).tensor("c", {3});
  made.node("Constant", {}, "k")
      .node("Mul", {"w", "k"}, "a")
      .node("Add", {"a", "v"}, "b")
      .node("Exp", {"v"}, "c")
      .node("Mul", {"x", "b"}, "d")
      .node("Mul", {"d", "c"}, "y");
  const ConstantSubgraphs found = made.constants();
  ASSERT_THAT(found.foldable, SizeIs(2));
  EXPECT_THAT(found.foldable[0].nodes, ElementsAre(1, 2));
  EXPECT_THAT(found.foldable[0].results, ElementsAre("b"));
  EXPECT_EQ(found.foldable[0].result_bytes, 12U);
  EXPECT_THAT(found.foldable[1].nodes, ElementsAre(3));
  EXPECT_THAT(found.too_large, IsEmpty());
}

TEST(ConstantSubgraphs, LeaveOutWhatMustStay) {
  Made made;
  made.weight("w", {3}).weight("scale", {}).weight("q", {3}, ElementType::i8);
  made.tensor("a", {3}).tensor("b", {3}).tensor("c", {3}).tensor("d", {3});
  made.node("Identity", {"w"}, "a")
      .node("DequantizeLinear", {"q", "scale"}, "b")
      .node("RandomNormalLike", {"w"}, "c")
      .node("If", {"scale"}, "d")
      .node("Sum", {"x", "a", "b", "c", "d"}, "y");
  EXPECT_THAT(made.constants().foldable, IsEmpty());
}

TEST(ConstantSubgraphs, DoNotGrowTheModelWithoutBound) {
  Made made;
  made.weight("zero", {}).weight("shape", {2}, ElementType::i64);
  made.tensor("large", {4096, 1025}).tensor("limit", {4096, 1024}).tensor("unknown", {-1});
  made.node("Expand", {"zero", "shape"}, "large")
      .node("Expand", {"zero", "shape"}, "limit")
      .node("NonZero", {"zero"}, "unknown")
      .node("Sum", {"x", "large", "limit", "unknown"}, "y");
  const ConstantSubgraphs found = made.constants();
  ASSERT_THAT(found.foldable, SizeIs(1));
  EXPECT_THAT(found.foldable[0].results, ElementsAre("limit"));
  EXPECT_THAT(found.too_large, SizeIs(2));
}

TEST(ConstantSubgraphs, FoundInPaddlesExports) {
  const auto count = [](const char* file) {
    auto model = OnnxModel::load(std::filesystem::path(test::kOcrModelsDir) / file);
    auto known = KnownModel::of(std::move(*model), Profile{});
    return find_constant_subgraphs(known->graph(), known->tensors()).foldable.size();
  };
  EXPECT_EQ(count("ch_PP-OCRv4_det_infer.onnx"), 0U);
  EXPECT_EQ(count("ch_PP-OCRv4_rec_infer.onnx"), 15U);
  EXPECT_EQ(count("ch_ppocr_mobile_v2.0_cls_infer.onnx"), 19U);
}

}  // namespace
}  // namespace trtprof
