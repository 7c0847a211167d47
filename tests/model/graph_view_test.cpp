#include "trtprof/model/graph_view.h"

#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/checker.h>

#include "model_files.h"
#include "test_paths.h"
#include "trtprof/model/onnx_model.h"

namespace trtprof {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> names_of(const GraphView& view) {
  std::vector<std::string> names;
  for (const onnx::NodeProto* node : view.nodes()) names.push_back(node->name());
  return names;
}

onnx::NodeProto& node_named(const GraphView& view, const std::string& name) {
  for (onnx::NodeProto* node : view.nodes()) {
    if (node->name() == name) return *node;
  }
  throw std::out_of_range(name);
}

onnx::NodeProto new_node(const std::string& name, const std::string& input, const std::string& output) {
  onnx::GraphProto graph;
  return test::add_node(graph, name, "Relu", {input}, {output});
}

// What the view says is what a new view of the same model says.
void expect_consistent(const GraphView& view, onnx::ModelProto& model) {
  EXPECT_NO_THROW(onnx::checker::check_model(model));
  const GraphView fresh(model);
  for (const onnx::NodeProto* node : fresh.nodes()) {
    for (const auto* values : {&node->input(), &node->output()}) {
      for (const auto& value : *values) {
        EXPECT_EQ(view.producer(value), fresh.producer(value)) << value;
        EXPECT_EQ(view.is_constant(value), fresh.is_constant(value)) << value;
        const auto expected = fresh.uses(value);
        EXPECT_THAT(view.uses(value), testing::UnorderedElementsAreArray(expected)) << value;
      }
    }
  }
}

TEST(GraphView, KnowsWhoMakesAndWhoReads) {
  onnx::ModelProto model = test::small_model();
  const GraphView view(model);
  onnx::NodeProto& add = node_named(view, "add1");
  onnx::NodeProto& relu = node_named(view, "relu1");
  EXPECT_EQ(view.producer("s"), &add);
  EXPECT_EQ(view.producer("x"), nullptr);
  EXPECT_THAT(view.uses("s"), ElementsAre(GraphView::Use{&relu, 0}));
  EXPECT_THAT(view.uses("w"), ElementsAre(GraphView::Use{&add, 1}));
  EXPECT_TRUE(view.is_graph_input("x"));
  EXPECT_FALSE(view.is_graph_input("w"));
  EXPECT_TRUE(view.is_graph_output("y"));
  EXPECT_TRUE(view.is_used("y"));
  EXPECT_FALSE(view.is_used("nothing"));
}

TEST(GraphView, ConstantsOfEveryKind) {
  onnx::ModelProto model = test::small_model();
  const auto add = [&model](const std::string& attribute_name, auto set) {
    auto& node = test::add_node(*model.mutable_graph(), attribute_name, "Constant", {}, {attribute_name});
    node.add_attribute()->set_name(attribute_name);
    set(*node.mutable_attribute(0));
  };
  add("value_ints", [](onnx::AttributeProto& attribute) {
    attribute.add_ints(7);
    attribute.add_ints(-1);
  });
  add("value_float", [](onnx::AttributeProto& attribute) { attribute.set_f(0.5F); });
  add("value", [](onnx::AttributeProto& attribute) {
    attribute.mutable_t()->set_data_type(onnx::TensorProto::INT8);
    attribute.mutable_t()->add_dims(3);
    for (const int value : {1, -2, 3}) attribute.mutable_t()->add_int32_data(value);
  });
  add("value_string", [](onnx::AttributeProto& attribute) { attribute.set_s("text"); });
  const GraphView view(model);
  EXPECT_EQ(view.constant("w").value().shape, (std::vector<std::int64_t>{3}));
  EXPECT_EQ(view.constant("w").value().data.size(), 12U);
  const Tensor ints = view.constant("value_ints").value();
  std::int64_t last = 0;
  std::memcpy(&last, ints.data.data() + 8, 8);
  EXPECT_EQ(last, -1);
  EXPECT_TRUE(view.constant("value_float").value().shape.empty());
  EXPECT_THAT(view.constant("value").value().data, ElementsAre(std::byte{1}, std::byte{0xfe}, std::byte{3}));
  EXPECT_THAT(view.constant("value_string").error().message, HasSubstr("value_string"));
  EXPECT_THAT(view.constant("s").error().message, HasSubstr("not a constant"));
  model.mutable_graph()->mutable_initializer(0)->set_raw_data("short");
  EXPECT_THAT(view.constant("w").error().message, HasSubstr("needs 12 bytes"));
}

class GraphViewFiles : public test::ModelFiles {};

TEST_F(GraphViewFiles, ExternalConstantsAreReadWhenAsked) {
  onnx::ModelProto model = test::external_model("w.bin");
  const auto path = write("model.onnx", model);
  const GraphView view(model, path);
  EXPECT_THAT(view.constant("w").error().message, HasSubstr("missing"));
  const auto data = write("w.bin", "abcdefghijkl");
  EXPECT_EQ(view.constant("w").value().data.back(), std::byte{'l'});
  EXPECT_THAT(GraphView(model).constant("w").error().message, HasSubstr("not read from one"));
}

TEST(GraphView, InsertsAndKeepsAddresses) {
  onnx::ModelProto model = test::small_model();
  GraphView view(model);
  onnx::NodeProto& add = node_named(view, "add1");
  onnx::NodeProto& relu = node_named(view, "relu1");
  onnx::NodeProto& between = **view.insert_after(add, new_node("between", "s", "t"));
  view.set_input(relu, 0, "t");
  ASSERT_TRUE(view.insert_before(add, new_node("first", "x", "x2")).has_value());
  EXPECT_THAT(names_of(view), ElementsAre("first", "add1", "between", "relu1"));
  EXPECT_EQ(view.producer("t"), &between);
  EXPECT_THAT(view.uses("t"), ElementsAre(GraphView::Use{&relu, 0}));
  EXPECT_EQ(&node_named(view, "add1"), &add);
  expect_consistent(view, model);
}

TEST(GraphView, RefusesInsertionsThatBreakTheGraph) {
  onnx::ModelProto model = test::small_model();
  GraphView view(model);
  onnx::NodeProto& add = node_named(view, "add1");
  const std::string before = model.SerializeAsString();
  EXPECT_THAT(view.insert_before(add, new_node("n", "s", "t")).error().message, HasSubstr("made later"));
  EXPECT_THAT(view.insert_before(add, new_node("n", "nothing", "t")).error().message, HasSubstr("nothing makes"));
  EXPECT_THAT(view.insert_after(add, new_node("n", "s", "y")).error().message, HasSubstr("'y' exists"));
  EXPECT_EQ(model.SerializeAsString(), before);
}

TEST(GraphView, RemovesWithWhatOnlyTheNodeRead) {
  onnx::ModelProto model = test::small_model();
  test::add_node(*model.mutable_graph(), "side", "Abs", {"s"}, {"a"});
  test::add_node(*model.mutable_graph(), "dead", "Mul", {"a", "w2"}, {"m"});
  auto w2 = model.graph().initializer(0);
  w2.set_name("w2");
  // Before w, whose address must not change with it.
  *model.mutable_graph()->add_initializer() = w2;
  model.mutable_graph()->mutable_initializer()->SwapElements(0, 1);
  GraphView view(model);
  EXPECT_THAT(view.remove(node_named(view, "side")).error().message, HasSubstr("'a' is used"));
  ASSERT_TRUE(view.remove(node_named(view, "dead")).has_value());
  EXPECT_THAT(names_of(view), ElementsAre("add1", "relu1"));
  EXPECT_EQ(model.graph().initializer_size(), 1);
  EXPECT_TRUE(view.constant("w").has_value());
  EXPECT_FALSE(view.is_constant("w2"));
  expect_consistent(view, model);
}

TEST(GraphView, BypassedNodesLeaveTheirInput) {
  onnx::ModelProto model = test::small_model();
  test::add_node(*model.mutable_graph(), "side", "Abs", {"s"}, {"a"});
  model.mutable_graph()->add_output()->set_name("a");
  test::set_shape(*model.mutable_graph()->mutable_output(1), {2, 3});
  GraphView view(model);
  onnx::NodeProto& add = node_named(view, "add1");
  // Its output is the graph's: the value before it takes the name, for its other reader too.
  ASSERT_TRUE(view.bypass(node_named(view, "relu1"), 0).has_value());
  EXPECT_THAT(names_of(view), ElementsAre("add1", "side"));
  EXPECT_EQ(add.output(0), "y");
  EXPECT_EQ(view.producer("y"), &add);
  EXPECT_EQ(view.producer("s"), nullptr);
  EXPECT_EQ(node_named(view, "side").input(0), "y");
  expect_consistent(view, model);
  const std::string before = model.SerializeAsString();
  EXPECT_THAT(view.bypass(node_named(view, "side"), 0).error().message, HasSubstr("'y' cannot be called 'a'"));
  EXPECT_THAT(view.bypass(add, 0).error().message, HasSubstr("it is an input or a constant"));
  EXPECT_EQ(model.SerializeAsString(), before);
}

TEST(GraphView, BypassedInTheMiddleTheyTakeTheirConstantsAlong) {
  onnx::ModelProto model = test::small_model();
  GraphView view(model);
  ASSERT_TRUE(view.bypass(node_named(view, "add1"), 0).has_value());
  EXPECT_EQ(node_named(view, "relu1").input(0), "x");
  EXPECT_EQ(model.graph().initializer_size(), 0);
  expect_consistent(view, model);
}

TEST(GraphView, InputsGrowAndShrink) {
  onnx::ModelProto model = test::small_model();
  GraphView view(model);
  onnx::NodeProto& add = node_named(view, "add1");
  view.set_input(add, 3, "w");
  EXPECT_EQ(add.input_size(), 4);
  EXPECT_EQ(add.input(2), "");
  EXPECT_THAT(view.uses("w"), ElementsAre(GraphView::Use{&add, 1}, GraphView::Use{&add, 3}));
  view.truncate_inputs(add, 1);
  EXPECT_THAT(view.uses("w"), testing::IsEmpty());
  EXPECT_THAT(view.initializers(), ElementsAre("w"));
  view.remove_if_unused("x");
  view.remove_if_unused("s");
  view.remove_if_unused("w");
  EXPECT_THAT(view.initializers(), testing::IsEmpty());
  EXPECT_THAT(names_of(view), ElementsAre("add1", "relu1"));
}

TEST(GraphView, SubgraphsCountAsReaders) {
  onnx::ModelProto model = test::branching_model();
  GraphView view(model);
  onnx::NodeProto& choice = node_named(view, "if1");
  EXPECT_THAT(view.uses("s"), ElementsAre(GraphView::Use{&choice, GraphView::kInSubgraph}));
  EXPECT_FALSE(view.remove(node_named(view, "add1")).has_value());
  ASSERT_TRUE(view.rename("s", "sum").has_value());
  EXPECT_EQ(choice.attribute(0).g().node(0).input(0), "sum");
  EXPECT_EQ(choice.attribute(1).g().node(0).input(0), "sum");
  expect_consistent(view, model);
  view.replace_uses("sum", "x");
  EXPECT_EQ(choice.attribute(1).g().node(0).input(0), "x");
  ASSERT_TRUE(view.remove(node_named(view, "add1")).has_value());
  EXPECT_EQ(model.graph().initializer_size(), 0);
  expect_consistent(view, model);
}

TEST(GraphView, NamesOfSubgraphsAreTaken) {
  onnx::ModelProto model = test::branching_model();
  GraphView view(model);
  EXPECT_EQ(view.unique_name("free"), "free");
  EXPECT_EQ(view.unique_name("then_branch_out"), "then_branch_out_2");
  EXPECT_THAT(view.rename("s", "then_branch_out").error().message, HasSubstr("taken"));
  EXPECT_THAT(view.rename("y", "z").error().message, HasSubstr("output"));
  EXPECT_EQ(view.add_initializer(model.graph().initializer(0)), "w_2");
  EXPECT_TRUE(view.is_constant("w_2"));
}

TEST(GraphView, RealModelStaysValidWhileActivationsLeave) {
  auto loaded = OnnxModel::load(std::string(test::kOcrModelsDir) + "/ch_PP-OCRv4_det_infer.onnx").value();
  onnx::ModelProto& model = loaded.mutable_proto();
  GraphView view(model);
  int removed = 0;
  for (onnx::NodeProto* node : view.nodes()) {
    if (node->op_type() != "HardSigmoid" && node->op_type() != "Relu") continue;
    if (view.is_graph_output(node->output(0))) continue;
    view.replace_uses(node->output(0), node->input(0));
    ASSERT_TRUE(view.remove(*node).has_value());
    ++removed;
  }
  EXPECT_GT(removed, 5);
  expect_consistent(view, model);
}

}  // namespace
}  // namespace trtprof
