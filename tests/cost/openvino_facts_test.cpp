// Layers as OpenVINO 2026.4's runtime model tells them (shapes and precisions of the PP-OCR classifier's first layers).
#include "trtprof/cost/openvino_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cost/facts.h"

namespace trtprof::test {
namespace {

TensorDesc desc(const std::string& name, const Dims& shape, const std::string& type) {
  TensorDesc tensor{name, type, shape, "", std::nullopt};
  tensor.bytes = *element_count(shape) * bits_of(*element_type_from_string(type)) / 8;
  return tensor;
}

Layer layer(const std::string& type, LayerClass layer_class, std::vector<TensorDesc> inputs,
            std::vector<TensorDesc> outputs, std::vector<OriginNode> origins) {
  Layer result;
  result.name = outputs[0].name;
  result.engine_type = type;
  result.layer_class = layer_class;
  result.precision = "bf16";
  result.inputs = std::move(inputs);
  result.outputs = std::move(outputs);
  result.origin_source = origins.empty() ? OriginSource::none : OriginSource::reported;
  result.origin_nodes = std::move(origins);
  return result;
}

ValueInfo value(const std::string& name, const Dims& dims) {
  ValueInfo info{name, ElementType::f32, std::vector<Dimension>{}};
  for (const std::int64_t dim : dims) {
    info.shape->push_back({dim, ""});
  }
  return info;
}

// Conv, BatchNormalization, HardSwish; then Reshape.
struct OpenVino : testing::Test {
  OpenVino() : operators(graph(), tensor_table(graph(), {value("c", kOut), value("n", kOut), value("h", kOut)})) {}

  static inline const Dims kIn{1, 3, 48, 192};
  static inline const Dims kOut{1, 8, 24, 96};

  static const Graph& graph() {
    static const Graph graph = [] {
      Graph g;
      g.inputs = {value("x", kIn)};
      g.initializers = {value("w", {8, 3, 3, 3}), value("s", {8}), value("b", {8}), value("m", {8}), value("v", {8})};
      g.outputs = {value("y", {1, 8 * 24 * 96})};
      g.nodes = {{"conv", "Conv", "", {"x", "w"}, {"c"}, "", {}},
                 {"norm", "BatchNormalization", "", {"c", "s", "b", "m", "v"}, {"n"}, "", {}},
                 {"act", "HardSwish", "", {"n"}, {"h"}, "", {}},
                 {"flat", "Flatten", "", {"h"}, {"y"}, "", {}}};
      return g;
    }();
    return graph;
  }

  [[nodiscard]] Layer convolution() const {
    return layer("Convolution", LayerClass::convolution,
                 {desc("x_reordered", kIn, "bf16"), desc("Multiply_10004", {8, 3, 3, 3}, "f32"),
                  desc("Constant_9708_reordered", {8}, "bf16")},
                 {desc("Multiply_9703", kOut, "bf16")},
                 {{"conv", "Conv"}, {"norm", "BatchNormalization"}, {"act", "HardSwish"}});
  }

  OnnxOperators operators;
};

TEST_F(OpenVino, AFusedLayerDoesItsNodesArithmeticOnTheEnginesTensors) {
  const auto facts = openvino_layers({convolution()}, operators);
  ASSERT_EQ(facts.size(), 1U);
  const Cost cost = cost_of(facts[0]);
  const double outputs = 8.0 * 24 * 96;
  EXPECT_DOUBLE_EQ(*cost.macs, outputs * 27);
  EXPECT_DOUBLE_EQ(*cost.flops, 2 * outputs * 27 + 5 * outputs);  // the normalisation is in the weights
  // Weights in the precision of the layer, though the runtime model lists them in f32 still; one bias, not four
  // vectors.
  EXPECT_DOUBLE_EQ(*cost.weight_bytes, 2.0 * (8 * 27 + 8));
  EXPECT_DOUBLE_EQ(*cost.bytes_read, 2.0 * (3 * 48 * 192 + 8 * 27 + 8));
  EXPECT_DOUBLE_EQ(*cost.bytes_written, 2.0 * outputs);
}

TEST_F(OpenVino, AnInsertedReorderIsACopy) {
  const auto facts = openvino_layers(
      {layer("Reorder", LayerClass::reformat, {desc("x", kIn, "f32")}, {desc("x_reordered", kIn, "bf16")}, {})},
      operators);
  const double count = 3.0 * 48 * 192;
  EXPECT_EQ(cost_of(facts[0]), (Cost{0.0, 0.0, 4 * count, 2 * count, 0.0, ""}));
}

TEST_F(OpenVino, ARenamingLayerIsFree) {
  const auto facts = openvino_layers({layer("Reshape", LayerClass::shuffle, {desc("Multiply_9703", kOut, "bf16")},
                                            {desc("flat", {1, 8 * 24 * 96}, "bf16")}, {{"flat", "Flatten"}})},
                                     operators);
  EXPECT_EQ(cost_of(facts[0]), (Cost{0.0, 0.0, 0.0, 0.0, 0.0, ""}));
}

TEST_F(OpenVino, ANodeSpreadOverTwoLayersMakesTheirArithmeticUnknownNotDouble) {
  const Layer half = layer("Eltwise", LayerClass::elementwise, {desc("a", kOut, "bf16")}, {desc("b", kOut, "bf16")},
                           {{"act", "HardSwish"}});
  const auto facts = openvino_layers({convolution(), half}, operators);
  for (const LayerFacts& each : facts) {
    EXPECT_FALSE(cost_of(each).flops);
    EXPECT_TRUE(cost_of(each).bytes_read);
  }
}

TEST_F(OpenVino, ALayerOfUnknownOriginHasUnknownArithmeticAndKnownBytes) {
  const auto facts = openvino_layers(
      {layer("Subgraph", LayerClass::fused, {desc("a", kOut, "bf16")}, {desc("b", kOut, "bf16")}, {}),
       layer("Subgraph", LayerClass::fused, {desc("a", kOut, "bf16")}, {desc("c", kOut, "bf16")}, {{"gone", "Relu"}})},
      operators);
  for (const LayerFacts& each : facts) {
    EXPECT_FALSE(cost_of(each).flops);
    EXPECT_DOUBLE_EQ(*cost_of(each).bytes_read, 2.0 * 8 * 24 * 96);
  }
}

TEST_F(OpenVino, ATensorOfUnknownRankIsNotAScalar) {
  Layer unknown = layer("Reorder", LayerClass::reformat, {desc("x", kIn, "f32")}, {desc("y", kIn, "bf16")}, {});
  unknown.inputs[0].shape.clear();
  unknown.inputs[0].bytes.reset();
  EXPECT_FALSE(cost_of(openvino_layers({unknown}, operators)[0]).bytes_read);
}

}  // namespace
}  // namespace trtprof::test
