#include "trtprof/optimize/pruning/prune_2_4.h"

#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include "model/model_files.h"
#include "test_paths.h"
#include "trtprof/model/sparsity.h"
#include "trtprof/model/tensor_values.h"

namespace trtprof::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

void add_weight(onnx::ModelProto& model, const std::string& name, const std::vector<std::int64_t>& dims,
                const std::vector<float>& values) {
  auto& tensor = *model.mutable_graph()->add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t dim : dims) tensor.add_dims(dim);
  for (const float value : values) tensor.add_float_data(value);
}

PrunedModel pruned(const onnx::ModelProto& proto) {
  auto result = prune_2_4(OnnxModel::from_proto(proto));
  EXPECT_TRUE(result.has_value()) << result.error().message;
  return std::move(*result);
}

std::vector<float> weights_of(const OnnxModel& model, int node) {
  const std::string& name = model.proto().graph().node(node).input(1);
  for (const auto& tensor : model.proto().graph().initializer()) {
    if (tensor.name() != name) continue;
    const Tensor values = read_tensor(tensor).value();
    std::vector<float> numbers(values.data.size() / sizeof(float));
    std::memcpy(numbers.data(), values.data.data(), values.data.size());
    return numbers;
  }
  ADD_FAILURE() << name << " is not stored";
  return {};
}

TEST(Prune24, KeepsTheTwoLargestOfEveryFourInputChannels) {
  onnx::ModelProto model;
  // [2 outputs, 6 inputs, 1, 1]: a whole group and one of two.
  add_weight(model, "w", {2, 6, 1, 1}, {1, -4, 3, 2, 5, 6, 0.5F, 0, 0.25F, -0.125F, 0, 7});
  add_node(*model.mutable_graph(), "n", "Conv", {"x", "w"}, {"y"});
  const PrunedModel result = pruned(model);
  EXPECT_THAT(weights_of(result.model, 0), ElementsAre(0, -4, 3, 0, 5, 6, 0.5F, 0, 0.25F, 0, 0, 7));
  ASSERT_EQ(result.report.pruned.size(), 1U);
  EXPECT_EQ(result.report.pruned[0].node, "n");
  EXPECT_EQ(result.report.pruned[0].zeroed, 3U);
  const double all = 1 + 16 + 9 + 4 + 25 + 36 + 0.25 + 0.0625 + 0.015625 + 49;
  EXPECT_NEAR(result.report.pruned[0].lost, (1 + 4 + 0.015625) / all, 1e-9);
}

TEST(Prune24, EachPixelOfTheKernelByItself) {
  onnx::ModelProto model;
  // [1, 4, 1, 2]: inputs lie two apart.
  add_weight(model, "w", {1, 4, 1, 2}, {1, 8, 2, 7, 3, 6, 4, 5});
  add_node(*model.mutable_graph(), "n", "Conv", {"x", "w"}, {"y"});
  EXPECT_THAT(weights_of(pruned(model).model, 0), ElementsAre(0, 8, 0, 7, 3, 0, 4, 0));
}

TEST(Prune24, MatMulAndGemmAlongWhatTheySum) {
  onnx::ModelProto model;
  add_weight(model, "w", {4, 2}, {1, 8, 2, 7, 3, 6, 4, 5});  // read by both
  add_node(*model.mutable_graph(), "m", "MatMul", {"x", "w"}, {"y"});
  auto& gemm = add_node(*model.mutable_graph(), "g", "Gemm", {"y", "w"}, {"z"});
  auto& transposed = *gemm.add_attribute();
  transposed.set_name("transB");
  transposed.set_type(onnx::AttributeProto::INT);
  transposed.set_i(1);
  const PrunedModel result = pruned(model);
  EXPECT_THAT(weights_of(result.model, 0), ElementsAre(0, 8, 0, 7, 3, 0, 4, 0));
  ASSERT_EQ(result.report.left.size(), 1U) << "the transposed one sums over two";
  EXPECT_THAT(weights_of(result.model, 1), ElementsAre(1, 8, 2, 7, 3, 6, 4, 5)) << "its weight is a copy of its own";
}

TEST(Prune24, AWeightThatIsSharedStaysOne) {
  onnx::ModelProto model;
  add_weight(model, "w", {4, 4}, {1, 8, 2, 7, 3, 6, 4, 5, 2, 2, 9, 9, 5, 1, 1, 1});
  add_node(*model.mutable_graph(), "m", "MatMul", {"x", "w"}, {"y"});
  add_node(*model.mutable_graph(), "n", "MatMul", {"y", "w"}, {"z"});
  const PrunedModel result = pruned(model);
  const auto& graph = result.model.proto().graph();
  ASSERT_EQ(graph.initializer_size(), 1);
  EXPECT_EQ(graph.node(0).input(1), graph.initializer(0).name());
  EXPECT_EQ(graph.node(1).input(1), graph.initializer(0).name());
  ASSERT_EQ(result.report.pruned.size(), 2U);
  EXPECT_EQ(result.report.pruned[0].zeroed, 8U);
  EXPECT_EQ(result.report.pruned[1].node, "n");
  EXPECT_EQ(result.report.pruned[1].zeroed, 0U) << "they are zero already";
  EXPECT_EQ(result.report.pruned[1].weights, 16U);
  EXPECT_EQ(result.report.pruned[1].lost, result.report.pruned[0].lost);
}

TEST(Prune24, SaysWhyItLeavesTheRest) {
  onnx::ModelProto model;
  add_weight(model, "depthwise", {8, 1, 1, 1}, {1, 2, 3, 4, 5, 6, 7, 8});
  add_weight(model, "sparse", {1, 4, 1, 1}, {1, 0, 0, 4});
  add_node(*model.mutable_graph(), "d", "Conv", {"x", "depthwise"}, {"y"});
  add_node(*model.mutable_graph(), "s", "Conv", {"y", "sparse"}, {"z"});
  add_node(*model.mutable_graph(), "v", "MatMul", {"z", "x"}, {"u"});
  add_node(*model.mutable_graph(), "l", "MatMul", {"sparse", "u"}, {"t"});
  const PrunedModel result = pruned(model);
  EXPECT_THAT(result.report.pruned, IsEmpty());
  ASSERT_EQ(result.report.left.size(), 4U);
  EXPECT_EQ(result.report.left[0].reason, "it sums over fewer than four inputs");
  EXPECT_EQ(result.report.left[1].reason, "its weights are 2:4 sparse already");
  EXPECT_EQ(result.report.left[2].reason, "its weights are not a constant");
  EXPECT_EQ(result.report.left[3].reason, "its constant is the left operand, and weights are the right one");
  EXPECT_EQ(result.model.proto().SerializeAsString(), model.SerializeAsString());
}

TEST(Prune24, ATrainedModelBecomesWhatBuildTakesForSparse) {
  const auto model = OnnxModel::load(std::string(kSourceDir) + "/models/digits/mobilenetv2_digits_folded.onnx");
  ASSERT_TRUE(model.has_value());
  EXPECT_EQ(count_structured(find_structured_sparsity(*model).value()), 0U);
  const auto result = prune_2_4(*model);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  const auto after = find_structured_sparsity(result->model).value();
  EXPECT_EQ(count_structured(after), after.size());
  EXPECT_EQ(result->report.pruned.size(), after.size());
  for (const PrunedNode& node : result->report.pruned) {
    EXPECT_NEAR(static_cast<double>(node.zeroed), static_cast<double>(node.weights) / 2.0, 1.0) << node.node;
    EXPECT_GT(node.lost, 0.0);
    EXPECT_LT(node.lost, 0.5) << "the smaller half has less than half of the squares";
  }
  EXPECT_TRUE(prune_2_4(result->model)->report.pruned.empty()) << "once is enough";
}

}  // namespace
}  // namespace trtprof::test
