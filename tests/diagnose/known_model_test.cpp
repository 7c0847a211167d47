#include "trtprof/diagnose/known_model.h"

#include <gmock/gmock.h>

#include "support/stored_profile.h"
#include "trtprof/samples/samples.h"

namespace trtprof::test {
namespace {

using ::testing::HasSubstr;

OnnxModel sample(const std::string& kind, std::optional<std::int64_t> batch) {
  SampleOptions options;
  options.batch = batch;
  return std::move(*make_sample(kind, options));
}

TEST(KnownModel, HasTheShapesOfTheProfileAndWhatTheEngineFused) {
  const Profile profile = stored_profile("mobilenetv2_b64_graph");
  const auto model = KnownModel::of(sample("mobilenetv2", std::nullopt), profile);  // its batch is open
  ASSERT_TRUE(model) << model.error().message;
  ASSERT_NE(model->fusion(), nullptr);
  EXPECT_EQ(model->fusion()->chains_with(FusionStatus::fused), 52U);
  const auto first = model->tensors().find("stem/relu6");
  ASSERT_NE(first, model->tensors().end());
  EXPECT_EQ(first->second.shape->front(), 64) << "bound by the profile's input";
  EXPECT_EQ(model->operators().find({"stem/conv"}).size(), 1U);
}

TEST(KnownModel, OfAProfileWithoutLayersKnowsNoFusion) {
  const auto model = KnownModel::of(sample("transfer", 1), Profile{});
  ASSERT_TRUE(model);
  EXPECT_EQ(model->fusion(), nullptr);
  EXPECT_FALSE(model->graph().nodes.empty());
}

TEST(KnownModel, AModelThatContradictsTheProfileIsRefused) {
  const auto model = KnownModel::of(sample("mobilenetv2", 1), stored_profile("mobilenetv2_b64_graph"));
  ASSERT_FALSE(model);
  EXPECT_THAT(model.error().message, HasSubstr("64x3x224x224"));
}

}  // namespace
}  // namespace trtprof::test
