// What fusions are worth on an engine where that is scripted, and what is said where it cannot be measured.
#include "trtprof/optimize/fusion_worth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/fusing_backend.h"
#include "trtprof/base/file.h"
#include "trtprof/samples/samples.h"

namespace trtprof::test {
namespace {

using ::testing::DoubleNear;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class FusionWorthTest : public ::testing::Test {
 protected:
  // MobileNetV2: 52 BatchNormalizations behind 52 convolutions, 35 activations, 10 additions.
  void SetUp() override {
    SampleOptions options;
    options.width = 0.35;
    options.resolution = 32;
    write("mobilenetv2", options);
  }

  void write(const std::string& kind, const SampleOptions& options) {
    const auto sample = make_sample(kind, options);
    ASSERT_TRUE(sample) << sample.error().message;
    ASSERT_TRUE(sample->save(model_path()));
  }

  std::filesystem::path model_path() const { return folder_->path() / "model.onnx"; }

  Result<FusionWorthReport> measure(const FusingRules& rules, bool per_instance = false) {
    FakeClock clock;
    FusingBackend backend(rules, clock);
    NoProgress progress;
    MeasureContext context{progress, stop_, clock.clock()};
    FusionTrialSetup setup{backend, {}, {}, 1, prepare_, 4.0, context};
    auto model = OnnxModel::load(model_path());
    EXPECT_TRUE(model) << model.error().message;
    auto report = measure_fusion_worth(std::move(*model), {std::move(setup), per_instance});
    compiled_ = backend.compiled();
    return report;
  }

  static const KindWorth* find(const FusionWorthReport& report, FusionPairKind kind) {
    const auto found = std::ranges::find(report.kinds, kind, &KindWorth::kind);
    return found == report.kinds.end() ? nullptr : &*found;
  }

  Result<TemporaryFolder> folder_ = TemporaryFolder::create("fusion-worth-test");
  StopFlag stop_;
  std::function<Status(ModelSource&)> prepare_;
  int compiled_ = 0;
};

// Prevented, the tail is a layer of 0.2 ms of its own: 35 activations, 10 additions. Of a convolution without its
// normalisation, that and what follows make one layer.
TEST_F(FusionWorthTest, AKnownWorthComesOut) {
  const auto report = measure({});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_FALSE(report->partial);
  EXPECT_THAT(report->warnings, IsEmpty());
  ASSERT_NE(find(*report, FusionPairKind::conv_bn), nullptr);
  for (const auto& [kind, count] :
       {std::pair(FusionPairKind::conv_bn, 52U), std::pair(FusionPairKind::conv_activation, 35U),
        std::pair(FusionPairKind::conv_add, 10U)}) {
    SCOPED_TRACE(to_string(kind));
    const KindWorth* worth = find(*report, kind);
    ASSERT_NE(worth, nullptr);
    EXPECT_EQ(worth->count(InstanceState::measured), count);
    ASSERT_TRUE(worth->worth && worth->layers && worth->barrier);
    EXPECT_THAT(worth->worth->seconds, DoubleNear(count * 2e-4, 1e-9));
    EXPECT_THAT(worth->layers->seconds, DoubleNear(count * 2e-4, 1e-9));
    EXPECT_TRUE(worth->worth->seen());
    EXPECT_EQ(worth->other_layers_changed, 0U);
    // Slice, Reshape for each tensor; Concat, Reshape, MatMul once (a tap's MatMul begins a layer of 1 ms).
    EXPECT_THAT(worth->barrier->seconds, DoubleNear((2 * count + 2) * 5e-5 + 5e-5, 1e-9));
  }
}

// The machine slows down by 1 % a second: paired and turned round, that is not taken for a worth.
TEST_F(FusionWorthTest, ADriftOfTheMachineIsNoWorth) {
  FusingRules rules;
  rules.tail_seconds = 0.0;
  rules.drift = 0.01;
  const auto report = measure(rules);
  ASSERT_TRUE(report) << report.error().message;
  const KindWorth* worth = find(*report, FusionPairKind::conv_activation);
  ASSERT_NE(worth, nullptr);
  ASSERT_TRUE(worth->worth && worth->original);
  EXPECT_LT(std::abs(worth->worth->seconds), 1e-4 * *worth->original);
}

TEST_F(FusionWorthTest, InstancesByThemselves) {
  SampleOptions options;
  options.width = 0.35;
  options.resolution = 32;
  options.fold_batch_norm = true;
  write("mobilenetv2", options);
  const auto report = measure({}, true);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(find(*report, FusionPairKind::conv_bn), nullptr);
  const KindWorth* worth = find(*report, FusionPairKind::conv_add);
  ASSERT_NE(worth, nullptr);
  ASSERT_THAT(worth->instances, SizeIs(10));
  for (const FusionInstance& instance : worth->instances) {
    ASSERT_TRUE(instance.worth && instance.layers) << instance.pair.tensor;
    EXPECT_THAT(instance.worth->seconds, DoubleNear(2e-4, 1e-9));
  }
}

TEST_F(FusionWorthTest, WhatTheEngineNeverFusesHasABoundAndNoFigure) {
  FusingRules rules;
  rules.fuses = false;
  auto report = measure(rules);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(compiled_, 2);  // the model alone
  bound_what_is_apart(*report, std::nullopt);
  const KindWorth* activation = find(*report, FusionPairKind::conv_activation);
  ASSERT_NE(activation, nullptr);
  EXPECT_EQ(activation->count(InstanceState::apart), 35U);
  EXPECT_FALSE(activation->worth);
  ASSERT_TRUE(activation->bound);
  EXPECT_EQ(activation->bound->basis, BoundBasis::layer_time);
  EXPECT_THAT(activation->bound->seconds, DoubleNear(35 * 2e-4, 1e-9));

  // Both convolutions go on working when they are fused: without a bandwidth nothing is known.
  const KindWorth* depthwise = find(*report, FusionPairKind::depthwise_pointwise);
  ASSERT_NE(depthwise, nullptr);
  EXPECT_EQ(depthwise->count(InstanceState::apart), 17U);
  EXPECT_FALSE(depthwise->bound);
  bound_what_is_apart(*report, 1e9);
  ASSERT_TRUE(depthwise->bound);
  EXPECT_EQ(depthwise->bound->basis, BoundBasis::memory_bandwidth);
  ASSERT_TRUE(depthwise->bytes(InstanceState::apart));
  EXPECT_DOUBLE_EQ(depthwise->bound->seconds, static_cast<double>(*depthwise->bytes(InstanceState::apart)) / 1e9);
  // bf16 is what the engine writes, not the model's f32; written and read: 4 bytes an element.
  EXPECT_EQ(depthwise->instances.front().bytes, 4U * 16 * 16 * 16);
}

TEST_F(FusionWorthTest, ABarrierThatDoesNotHoldGivesNoFigure) {
  FusingRules rules;
  rules.minds_taps = false;
  const auto report = measure(rules);
  ASSERT_TRUE(report) << report.error().message;
  for (const KindWorth& kind : report->kinds) {
    if (kind.kind == FusionPairKind::depthwise_pointwise) continue;
    EXPECT_EQ(kind.count(InstanceState::not_prevented), kind.instances.size()) << to_string(kind.kind);
    EXPECT_FALSE(kind.worth);
  }
}

TEST_F(FusionWorthTest, ATypeThatChangesGivesNoFigure) {
  FusingRules rules;
  rules.retypes_tapped = true;
  const auto report = measure(rules);
  ASSERT_TRUE(report) << report.error().message;
  const KindWorth* worth = find(*report, FusionPairKind::conv_activation);
  ASSERT_NE(worth, nullptr);
  EXPECT_EQ(worth->count(InstanceState::retyped), 35U);
  EXPECT_FALSE(worth->worth);
}

TEST_F(FusionWorthTest, AnEngineThatTellsNoNodesIsNotGuessedAt) {
  FusingRules rules;
  rules.tells_origins = false;
  const auto report = measure(rules);
  ASSERT_TRUE(report) << report.error().message;
  for (const KindWorth& kind : report->kinds) {
    EXPECT_EQ(kind.count(InstanceState::not_told), kind.instances.size()) << to_string(kind.kind);
  }
  EXPECT_EQ(compiled_, 2);
}

TEST_F(FusionWorthTest, WithoutLayerTimesTheEndToEndFigureStays) {
  FusingRules rules;
  rules.tells_layer_times = false;
  const auto report = measure(rules);
  ASSERT_TRUE(report) << report.error().message;
  const KindWorth* worth = find(*report, FusionPairKind::conv_add);
  ASSERT_NE(worth, nullptr);
  EXPECT_TRUE(worth->worth);
  EXPECT_FALSE(worth->layers);
}

TEST_F(FusionWorthTest, AnEngineThatRefusesAVariantEndsThatKindAlone) {
  FusingRules rules;
  rules.most_taps = 20;
  const auto report = measure(rules);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_FALSE(find(*report, FusionPairKind::conv_bn)->worth);
  EXPECT_TRUE(find(*report, FusionPairKind::conv_add)->worth);
  ASSERT_THAT(report->warnings, SizeIs(2));
  EXPECT_THAT(report->warnings.front(), HasSubstr("conv_bn could not be measured: this engine takes no such model."));
}

TEST_F(FusionWorthTest, InterruptedItSaysWhatItHas) {
  stop_.request();
  const auto report = measure({});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->partial);
  EXPECT_EQ(find(*report, FusionPairKind::conv_bn)->count(InstanceState::not_tried), 52U);
}

// Engines are built from each variant once, for its layers and its times alike.
TEST_F(FusionWorthTest, EachModelIsPreparedOnce) {
  std::vector<std::filesystem::path> prepared;
  prepare_ = [&](ModelSource& source) -> Status {
    prepared.push_back(source.path);
    source.engine = "an.engine";
    return {};
  };
  const auto report = measure({});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(prepared, SizeIs(1 + 3 * 2));
  EXPECT_EQ(prepared.front(), model_path());
  prepare_ = [](ModelSource&) -> Status { return fail("no builder"); };
  const auto refused = measure({});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "no builder");
}

}  // namespace
}  // namespace trtprof::test
