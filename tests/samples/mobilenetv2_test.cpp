#include <algorithm>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>

#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/samples/samples.h"

namespace trtprof {
namespace {

onnx::ModelProto sample(const SampleOptions& options) {
  auto model = make_sample("mobilenetv2", options);
  EXPECT_TRUE(model.has_value());
  return model.value().proto();
}

const SampleOptions kSmall = {.width = 0.35, .resolution = 64};

SampleOptions small(const std::function<void(SampleOptions&)>& change) {
  SampleOptions options = kSmall;
  change(options);
  return options;
}

std::map<std::string, int> operators_of(const onnx::ModelProto& model) {
  std::map<std::string, int> counts;
  for (const auto& node : model.graph().node()) ++counts[node.op_type()];
  return counts;
}

std::int64_t group_of(const onnx::NodeProto& conv) {
  for (const auto& attribute : conv.attribute()) {
    if (attribute.name() == "group") return attribute.i();
  }
  return 1;
}

std::int64_t elements(const onnx::TensorProto& tensor) {
  std::int64_t count = 1;
  for (const std::int64_t dim : tensor.dims()) count *= dim;
  return count;
}

// What is learnt: weights, biases, batch-norm scale and bias; not its running statistics, not Clip's limits.
std::int64_t parameters_of(const onnx::ModelProto& model) {
  std::int64_t count = 0;
  for (const auto& tensor : model.graph().initializer()) {
    const std::string name = tensor.name();
    const bool learnt = name.ends_with("/weight") || name.ends_with("/scale") || name.ends_with("/bias");
    if (learnt) count += elements(tensor);
  }
  return count;
}

TEST(MobileNetV2, HasThePapersStructure) {
  const onnx::ModelProto model = sample({});
  EXPECT_EQ(operators_of(model), (std::map<std::string, int>{{"Conv", 52},
                                                             {"BatchNormalization", 52},
                                                             {"Clip", 35},
                                                             {"Add", 10},
                                                             {"GlobalAveragePool", 1},
                                                             {"Flatten", 1},
                                                             {"Gemm", 1}}));
  const auto& nodes = model.graph().node();
  EXPECT_EQ(std::count_if(nodes.begin(), nodes.end(),
                          [](const auto& node) { return node.op_type() == "Conv" && group_of(node) > 1; }),
            17);
  EXPECT_EQ(parameters_of(model), 3'504'872);  // torchvision's mobilenet_v2: 3.50 M
  EXPECT_EQ(model.opset_import(0).version(), 17);
}

// torchvision's mobilenet_v2(width_mult=0.35) has 1.68 M, 1.4 has 6.11 M (the figures of the paper's authors).
TEST(MobileNetV2, WidthScalesAsPublished) {
  EXPECT_NEAR(static_cast<double>(parameters_of(sample({.width = 0.35, .resolution = 32}))), 1.68e6, 0.01e6);
  EXPECT_NEAR(static_cast<double>(parameters_of(sample({.width = 1.4, .resolution = 32}))), 6.11e6, 0.01e6);
}

TEST(MobileNetV2, FoldingTakesTheBatchNormsAway) {
  const auto counts = operators_of(sample(small([](auto& o) { o.fold_batch_norm = true; })));
  EXPECT_EQ(counts.at("Conv"), 52);
  EXPECT_EQ(counts.count("BatchNormalization"), 0U);
}

TEST(MobileNetV2, NamesAreUniqueAndReadable) {
  std::set<std::string> names;
  const onnx::ModelProto model = sample(kSmall);
  for (const auto& node : model.graph().node()) EXPECT_TRUE(names.insert(node.name()).second) << node.name();
  for (const char* name : {"stem/conv", "block1/depthwise/bn", "block3/expand/relu6", "block3/add",
                           "block17/project/conv", "head/relu6", "classifier"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
}

TEST(MobileNetV2, SameSeedSameBytes) {
  const std::string bytes = sample(kSmall).SerializeAsString();
  EXPECT_EQ(sample(kSmall).SerializeAsString(), bytes);
  EXPECT_NE(sample(small([](auto& o) { o.seed = 2; })).SerializeAsString(), bytes);
  // Written once and kept: another compiler, C library or processor must come to the same.
  EXPECT_EQ(sha256_of(bytes), "8eb410dce60c1d34ecd39421b852042c57c0a726431150d2cb40a05e3c2b4562");
}

TEST(MobileNetV2, WeightsDoNotDependOnResolutionOrBatch) {
  const auto first_weight = [](const onnx::ModelProto& model) { return model.graph().initializer(0).raw_data(); };
  const std::string weight = first_weight(sample(kSmall));
  EXPECT_EQ(first_weight(sample(small([](auto& o) { o.resolution = 96; }))), weight);
  EXPECT_EQ(first_weight(sample(small([](auto& o) { o.batch = 8; }))), weight);
}

// Strict shape inference over the whole graph, as `onnx.checker.check_model(full_check=True)` does.
TEST(MobileNetV2, PassesTheFullCheckOfOnnx) {
  for (const bool fold : {false, true}) {
    for (const std::optional<std::int64_t> batch : {std::optional<std::int64_t>(3), std::optional<std::int64_t>()}) {
      const onnx::ModelProto model = sample(small([&](auto& o) {
        o.fold_batch_norm = fold;
        o.batch = batch;
        o.classes = 10;
      }));
      EXPECT_NO_THROW(onnx::checker::check_model(model, true));
      onnx::ModelProto inferred = model;
      inferred.mutable_graph()->mutable_output(0)->clear_type();
      onnx::shape_inference::InferShapes(inferred);
      const auto& shape = inferred.graph().output(0).type().tensor_type().shape();
      ASSERT_EQ(shape.dim_size(), 2);
      EXPECT_EQ(shape.dim(1).dim_value(), 10);
      if (batch) {
        EXPECT_EQ(shape.dim(0).dim_value(), *batch);
      } else {
        EXPECT_EQ(shape.dim(0).dim_param(), "batch");
      }
    }
  }
}

TEST(MobileNetV2, LoadsBackWithoutAWarning) {
  const auto folder = TemporaryFolder::create("trtprof-sample").value();
  const auto path = folder.path() / "m.onnx";
  const auto model = make_sample("mobilenetv2", kSmall).value();
  ASSERT_TRUE(model.save(path).has_value());
  const auto loaded = OnnxModel::load(path);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_TRUE(loaded->warnings().empty());
  EXPECT_EQ(loaded->info().value().sha256, model.info().value().sha256);
}

// Runs the sample in another implementation and looks at every layer's output.
class MobileNetV2Run : public testing::TestWithParam<SampleOptions> {};

TEST_P(MobileNetV2Run, EveryLayerKeepsAHealthyScale) {
  const auto folder = TemporaryFolder::create("trtprof-sample").value();
  SampleOptions options = GetParam();
  ASSERT_TRUE(make_sample("mobilenetv2", options)->save(folder.path() / "separate.onnx").has_value());
  options.fold_batch_norm = true;
  ASSERT_TRUE(make_sample("mobilenetv2", options)->save(folder.path() / "folded.onnx").has_value());
  const auto run =
      test::run_program({test::kPython, std::string(test::kSourceDir) + "/tests/samples/check_activations.py",
                         (folder.path() / "separate.onnx").string(), (folder.path() / "folded.onnx").string()});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const auto report = nlohmann::json::parse(run.out);
  ASSERT_EQ(report["nodes"].size(), 52U + 52U + 35U + 10U + 1U);
  for (const auto& node : report["nodes"]) {
    const double deviation = node["std"];
    EXPECT_GT(deviation, 0.2) << node["name"];
    EXPECT_LT(deviation, 5.0) << node["name"];
    if (node["op"] == "BatchNormalization") {
      EXPECT_GT(deviation, 0.8) << node["name"];
      EXPECT_LT(deviation, 1.5) << node["name"];
    }
  }
  EXPECT_GT(report["logits"]["over_classes"], 0.5);
  EXPECT_GT(report["logits"]["over_inputs"], 0.5);
  const std::vector<int> top1 = report["logits"]["top1"];
  EXPECT_GE(std::set<int>(top1.begin(), top1.end()).size(), top1.size() / 3) << "of 16 different images";
  EXPECT_LT(report["difference"], 1e-3) << "folded and separate batch norm compute different functions";
}

INSTANTIATE_TEST_SUITE_P(Options, MobileNetV2Run,
                         testing::Values(SampleOptions{.width = 0.35, .resolution = 64},
                                         SampleOptions{.width = 0.5, .resolution = 32, .seed = 7},
                                         SampleOptions{.width = 0.35, .resolution = 97, .batch = std::nullopt},
                                         SampleOptions{}));

}  // namespace
}  // namespace trtprof
