#include "trtprof/samples/samples.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>

#include "trtprof/base/file.h"

namespace trtprof {
namespace {

using testing::HasSubstr;

// A small sample of a kind, and the hash of its bytes, written once and kept: another compiler, C library or processor
// must come to the same.
struct Small {
  SampleOptions options;
  const char* sha256;
};
const SampleOptions kSmallConvnet = {.width = 0.35, .resolution = 64, .classes = 10};
const std::map<std::string, Small> kSmall = {
    {"mobilenetv2",
     {{.width = 0.35, .resolution = 64}, "8eb410dce60c1d34ecd39421b852042c57c0a726431150d2cb40a05e3c2b4562"}},
    {"resnet50", {kSmallConvnet, "e40df6151e5bfb765df1750a53c30d954c1a1a35d5f7a3aad20f762a9b1163fd"}},
    {"mobilenetv3", {kSmallConvnet, "d9879b3a61b360f1e180f309bc00f32f85cf314757a5132e3d097b000341b9dc"}},
    {"efficientnet-b0", {kSmallConvnet, "60e4d21b7342f9472b3d8c4bb408dc1dc4f7295a5601dd4b8a0b99b5672abe05"}},
    {"transformer", {{.classes = 10}, "00b5f4bba009c67d4fdd72bef488c423680fee7c33e4ec22863681b1d7f8aa9e"}},
    {"transfer", {{.resolution = 64}, "fc4f0358c6be3b861eaaf6fbc72b4de3e2f6c53a643bfe1690815db48c3d70d6"}},
};

std::vector<std::string> kinds() {
  std::vector<std::string> names;
  for (const SampleKind& kind : sample_kinds()) names.push_back(kind.name);
  return names;
}

class Sample : public testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] static SampleOptions small() { return kSmall.at(GetParam()).options; }
  [[nodiscard]] static onnx::ModelProto make(const SampleOptions& options) {
    const auto model = make_sample(GetParam(), options);
    EXPECT_TRUE(model.has_value()) << model.error().message;
    return model ? model->proto() : onnx::ModelProto();
  }
};

TEST_P(Sample, SameSeedSameBytes) {
  SampleOptions options = small();
  const std::string bytes = make(options).SerializeAsString();
  EXPECT_EQ(make(options).SerializeAsString(), bytes);
  EXPECT_EQ(sha256_of(bytes), kSmall.at(GetParam()).sha256);
  options.seed = 2;
  EXPECT_NE(make(options).SerializeAsString(), bytes);
}

TEST_P(Sample, WeightsDoNotDependOnBatch) {
  SampleOptions options = small();
  const onnx::ModelProto one = make(options);
  options.batch.reset();
  const onnx::ModelProto dynamic = make(options);
  ASSERT_EQ(one.graph().initializer_size(), dynamic.graph().initializer_size());
  for (int i = 0; i < one.graph().initializer_size(); ++i) {
    EXPECT_EQ(one.graph().initializer(i).SerializeAsString(), dynamic.graph().initializer(i).SerializeAsString());
  }
}

TEST_P(Sample, NamesAreUnique) {
  std::set<std::string> names;
  const onnx::ModelProto model = make(small());
  for (const auto& node : model.graph().node()) EXPECT_TRUE(names.insert(node.name()).second) << node.name();
  EXPECT_EQ(model.opset_import(0).version(), 17);
  EXPECT_THAT(model.doc_string(), HasSubstr("of seed 1"));
}

// Strict shape inference over the whole graph, as `onnx.checker.check_model(full_check=True)` does.
void expect_passes_full_check(const onnx::ModelProto& model, std::optional<std::int64_t> batch) {
  EXPECT_NO_THROW(onnx::checker::check_model(model, true));
  onnx::ModelProto inferred = model;
  inferred.mutable_graph()->mutable_output(0)->mutable_type()->mutable_tensor_type()->clear_shape();
  onnx::shape_inference::InferShapes(inferred);
  const auto& shape = inferred.graph().output(0).type().tensor_type().shape();
  const auto& declared = model.graph().output(0).type().tensor_type().shape();
  ASSERT_EQ(shape.dim_size(), declared.dim_size());
  for (int i = 1; i < shape.dim_size(); ++i) EXPECT_EQ(shape.dim(i).dim_value(), declared.dim(i).dim_value());
  if (batch) {
    EXPECT_EQ(shape.dim(0).dim_value(), *batch);
  } else {
    EXPECT_EQ(shape.dim(0).dim_param(), "batch");
  }
}

TEST_P(Sample, PassesTheFullCheckOfOnnx) {
  for (const std::optional<std::int64_t> batch : {std::optional<std::int64_t>(3), std::optional<std::int64_t>()}) {
    SampleOptions options = small();
    options.batch = batch;
    expect_passes_full_check(make(options), batch);
  }
}

TEST_P(Sample, LoadsBackWithoutAWarning) {
  const auto folder = TemporaryFolder::create("trtprof-sample").value();
  const auto path = folder.path() / "m.onnx";
  const auto model = make_sample(GetParam(), small()).value();
  ASSERT_TRUE(model.save(path).has_value());
  const auto loaded = OnnxModel::load(path);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_TRUE(loaded->warnings().empty());
  EXPECT_EQ(loaded->info().value().sha256, model.info().value().sha256);
}

INSTANTIATE_TEST_SUITE_P(EveryKind, Sample, testing::ValuesIn(kinds()), [](const auto& test) {
  std::string name = test.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

// Convolutional networks down to the smallest images, with and without batch-norm nodes.
class ConvnetSample : public Sample {};

TEST_P(ConvnetSample, FoldingTakesTheBatchNormsAway) {
  SampleOptions options = {.width = 0.25, .resolution = 32, .batch = std::nullopt};
  const onnx::ModelProto separate = make(options);
  options.fold_batch_norm = true;
  const onnx::ModelProto folded = make(options);
  const auto count = [](const onnx::ModelProto& model, const std::string& op_type) {
    const auto& nodes = model.graph().node();
    return std::count_if(nodes.begin(), nodes.end(), [&](const auto& node) { return node.op_type() == op_type; });
  };
  EXPECT_EQ(count(folded, "BatchNormalization"), 0);
  EXPECT_EQ(count(folded, "Conv"), count(separate, "Conv"));
  EXPECT_EQ(folded.graph().node_size(), separate.graph().node_size() - count(separate, "BatchNormalization"));
  expect_passes_full_check(folded, std::nullopt);
}

TEST_P(ConvnetSample, WeightsDoNotDependOnResolution) {
  SampleOptions options = {.width = 0.25, .resolution = 32};
  const auto first_weight = [](const onnx::ModelProto& model) { return model.graph().initializer(0).raw_data(); };
  const std::string weight = first_weight(make(options));
  options.resolution = 33;
  EXPECT_EQ(first_weight(make(options)), weight);
}

TEST_P(ConvnetSample, TooFewPixelsAreAUsageError) {
  const auto model = make_sample(GetParam(), {.resolution = 31});
  ASSERT_FALSE(model.has_value());
  EXPECT_EQ(model.error().code, ErrorCode::usage);
  EXPECT_THAT(model.error().message, HasSubstr("resolution of " + GetParam() + " must be 32 to"));
}

INSTANTIATE_TEST_SUITE_P(Convnets, ConvnetSample,
                         testing::Values("mobilenetv2", "resnet50", "mobilenetv3", "efficientnet-b0"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

Error error_of(const std::string& kind, const SampleOptions& options) {
  const auto model = make_sample(kind, options);
  EXPECT_FALSE(model.has_value());
  return model ? Error{} : model.error();
}

TEST(Samples, KindsHaveNamesAndDescriptions) {
  EXPECT_EQ(sample_kinds().size(), kSmall.size());
  for (const SampleKind& kind : sample_kinds()) {
    EXPECT_FALSE(kind.description.empty());
    EXPECT_TRUE(kSmall.contains(kind.name)) << kind.name;
  }
}

TEST(Samples, UnknownKindListsThoseThereAre) {
  const Error error = error_of("resnet9000", {});
  EXPECT_EQ(error.code, ErrorCode::usage);
  EXPECT_THAT(error.message, HasSubstr("'resnet9000'"));
  for (const SampleKind& kind : sample_kinds()) EXPECT_THAT(error.message, HasSubstr(kind.name));
}

TEST(Samples, ValuesOutOfRangeAreUsageErrors) {
  for (const double width :
       {0.0, -1.0, 4.5, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    const Error error = error_of("mobilenetv2", {.width = width});
    EXPECT_EQ(error.code, ErrorCode::usage);
    EXPECT_THAT(error.message, HasSubstr("width"));
  }
  EXPECT_THAT(error_of("resnet50", {.width = 2.5}).message,
              HasSubstr("width of resnet50 must be over 0 and at most 2"));
  for (const std::int64_t resolution : {std::int64_t{-224}, std::int64_t{0}, std::int64_t{31}, std::int64_t{1} << 40}) {
    EXPECT_THAT(error_of("mobilenetv2", {.resolution = resolution}).message,
                HasSubstr("resolution of mobilenetv2 must be 32 to"));
  }
  for (const std::int64_t batch : {std::int64_t{0}, std::int64_t{-1}}) {
    EXPECT_THAT(error_of("mobilenetv2", {.batch = batch}).message, HasSubstr("batch must be at least 1"));
  }
  for (const std::int64_t classes : {std::int64_t{0}, std::int64_t{-5}, std::int64_t{1} << 40}) {
    EXPECT_THAT(error_of("mobilenetv2", {.classes = classes}).message, HasSubstr("classes"));
  }
  EXPECT_THAT(error_of("transfer", {.resolution = 0}).message, HasSubstr("resolution of transfer must be 1 to"));
}

// Even where the value is what a network of another kind has by default.
TEST(Samples, OptionsThatAKindDoesNotTakeAreUsageErrors) {
  struct Case {
    const char* kind;
    SampleOptions options;
    const char* option;
  };
  const std::vector<Case> cases = {
      {"transformer", {.width = 1.0}, "--width"},
      {"transformer", {.resolution = 224}, "--resolution"},
      {"transformer", {.fold_batch_norm = true}, "--fold-bn"},
      {"transfer", {.width = 1.0}, "--width"},
      {"transfer", {.classes = 1000}, "--classes"},
      {"transfer", {.fold_batch_norm = true}, "--fold-bn"},
  };
  for (const Case& c : cases) {
    const Error error = error_of(c.kind, c.options);
    EXPECT_EQ(error.code, ErrorCode::usage);
    EXPECT_THAT(error.message, HasSubstr(std::string("the sample ") + c.kind + " does not take " + c.option));
    EXPECT_THAT(error.hint, HasSubstr("it takes"));
    EXPECT_THAT(error.hint, testing::Not(HasSubstr(c.option)));
  }
}

}  // namespace
}  // namespace trtprof
