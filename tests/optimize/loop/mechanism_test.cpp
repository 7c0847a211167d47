// Claims against two profiles: what is seen, what is not, and what is said of it.
#include "trtprof/optimize/loop/mechanism.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/loop/fake_loop.h"
#include "support/profile_fixture.h"
#include "trtprof/optimize/loop/decision.h"

namespace trtprof::test {
namespace {

using ::testing::HasSubstr;

TensorDesc tensor(std::uint64_t bytes) {
  TensorDesc desc;
  desc.bytes = bytes;
  return desc;
}

Layer layer(LayerClass layer_class, const std::string& precision, std::uint64_t bytes = 1000) {
  Layer made = layer_taking("layer", layer_class, 1e-3);
  made.precision = precision;
  made.inputs = {tensor(bytes)};
  made.outputs = {tensor(bytes)};
  return made;
}

RunFacts facts_of(std::vector<Layer> layers) {
  Profile profile = bare_profile();
  profile.layer_run.emplace();
  profile.layer_run->layers = std::move(layers);
  return run_facts({&profile, 1});
}

ClaimCheck check(ClaimKind kind, const RunFacts& a, const RunFacts& b, const std::string& type = {},
                 std::size_t reimplemented = 0) {
  return check_claim({kind, type}, a, b, {reimplemented});
}

const RunFacts kF32 = facts_of({layer(LayerClass::convolution, "f32"), layer(LayerClass::fully_connected, "f32"),
                                layer(LayerClass::reformat, "f32"), layer(LayerClass::activation, "f32")});

TEST(Mechanism, ComputesInAnotherPrecision) {
  const RunFacts int8 = facts_of({layer(LayerClass::convolution, "u8"), layer(LayerClass::fully_connected, "f32"),
                                  layer(LayerClass::quantize, "u8")});
  const ClaimCheck seen = check(ClaimKind::computes_in, kF32, int8, "int8");
  EXPECT_TRUE(seen.seen);
  EXPECT_EQ(seen.text, "1 of 2 convolutions and matrix products compute in int8, where 0 of 2 did");
  EXPECT_FALSE(check(ClaimKind::computes_in, int8, int8, "int8").seen) << "no more than before";
  EXPECT_FALSE(check(ClaimKind::computes_in, kF32, int8, "half").seen);
  const RunFacts half = facts_of({layer(LayerClass::convolution, "f16"), layer(LayerClass::fully_connected, "bf16")});
  EXPECT_TRUE(check(ClaimKind::computes_in, kF32, half, "half").seen);
  // An activation in f16 between f32 convolutions is not the claim.
  const RunFacts light = facts_of({layer(LayerClass::convolution, "f32"), layer(LayerClass::activation, "f16")});
  EXPECT_FALSE(check(ClaimKind::computes_in, kF32, light, "half").seen);
}

TEST(Mechanism, LayersReformatsAndBytesThatAreGone) {
  const RunFacts fused =
      facts_of({layer(LayerClass::convolution, "f32", 500), layer(LayerClass::fully_connected, "f32", 500)});
  EXPECT_TRUE(check(ClaimKind::fewer_layers, kF32, fused).seen);
  EXPECT_EQ(check(ClaimKind::fewer_layers, kF32, fused).text, "2 layers where there were 4");
  EXPECT_TRUE(check(ClaimKind::fewer_reformats, kF32, fused).seen);
  EXPECT_EQ(check(ClaimKind::fewer_reformats, kF32, fused).text, "0 reformats in 0 s, where it was 1 in 1.00 ms");
  EXPECT_TRUE(check(ClaimKind::fewer_bytes, kF32, fused).seen);
  EXPECT_THAT(check(ClaimKind::fewer_bytes, kF32, fused).text, HasSubstr("2.00 kB where it was 8.00 kB"));
  for (const ClaimKind kind : {ClaimKind::fewer_layers, ClaimKind::fewer_reformats, ClaimKind::fewer_bytes}) {
    EXPECT_FALSE(check(kind, kF32, kF32).seen) << to_string(kind);
    EXPECT_FALSE(check(kind, fused, kF32).seen) << to_string(kind);
  }
}

TEST(Mechanism, OtherKernels) {
  EXPECT_FALSE(check(ClaimKind::other_kernels, kF32, kF32, {}, 0).seen);
  EXPECT_TRUE(check(ClaimKind::other_kernels, kF32, kF32, {}, 3).seen);
}

// A number that the engine reports, and nothing that came of it, is the option's echo.
TEST(Mechanism, StreamsAndBatchesAreSeenInWhatWasRun) {
  RunFacts one = kF32;
  one.batch = 1;
  one.streams = 1;
  one.latency = 0.010;
  one.interval = 0.010;
  RunFacts streams = one;
  streams.streams = 2;
  EXPECT_FALSE(check(ClaimKind::more_side_by_side, one, streams).seen) << "no item more a second";
  streams.interval = 0.006;
  EXPECT_TRUE(check(ClaimKind::more_side_by_side, one, streams).seen);
  EXPECT_EQ(check(ClaimKind::more_side_by_side, one, streams).text,
            "2 streams of unknown threads in all, where it was 1 of unknown, 166.7 items/s where it was 100.0");
  EXPECT_FALSE(check(ClaimKind::more_side_by_side, streams, streams).seen);
  RunFacts batch = one;
  batch.batch = 8;
  batch.interval = 0.050;
  EXPECT_FALSE(check(ClaimKind::larger_batch, one, batch).seen) << "its layers have no more to do";
  batch.tensor_bytes = one.tensor_bytes * 8.0;
  EXPECT_TRUE(check(ClaimKind::larger_batch, one, batch).seen);
  EXPECT_EQ(check(ClaimKind::larger_batch, one, batch).text,
            "batches of 8 where it was 1, 160.0 items/s where it was 100.0");
  batch.interval = 0.090;
  EXPECT_FALSE(check(ClaimKind::larger_batch, one, batch).seen) << "no item more a second";
  EXPECT_FALSE(check(ClaimKind::larger_batch, batch, one).seen);
}

// One layer run of one launch is no measure of time: 7.1 us and 6.5 us of the same two reformats.
TEST(Mechanism, AsManyReformatsInLessTimeOnlyOverAllLaunches) {
  RunFacts less = kF32;
  less.reformat_seconds = kF32.reformat_seconds * 0.9;
  const Claim claim = {ClaimKind::fewer_reformats};
  EXPECT_FALSE(check_claim(claim, kF32, less, {}).seen);
  EXPECT_FALSE(check_claim(claim, kF32, less, {0, PartTime{Outcome::undecided, 1e-3, 0.9e-3}}).seen);
  EXPECT_TRUE(check_claim(claim, kF32, less, {0, PartTime{Outcome::faster, 1e-3, 0.9e-3}}).seen);
  RunFacts more = less;
  more.reformats = 2;
  EXPECT_FALSE(check_claim(claim, kF32, more, {0, PartTime{Outcome::faster, 1e-3, 0.9e-3}}).seen);
}

// Of five launches of each side, all of them.
TEST(Mechanism, TimesOfPartsAreJudgedOverAllLaunches) {
  const auto launches = [](double depthwise, double reformat) {
    std::vector<Profile> side;
    for (int i = 0; i < 5; ++i) {
      Profile profile = bare_profile();
      profile.layer_run.emplace();
      const double noise = 1.0 + 0.001 * (i % 3);
      profile.layer_run->layers = {layer_taking("dw", LayerClass::depthwise_convolution, depthwise * noise),
                                   layer_taking("conv", LayerClass::convolution, 1e-3),
                                   layer_taking("reformat", LayerClass::reformat, reformat * (1.0 + 0.3 * (i % 2)))};
      side.push_back(std::move(profile));
    }
    return side;
  };
  const std::vector<Profile> a = launches(2e-3, 1e-5);
  const std::vector<Profile> b = launches(1e-3, 0.97e-5);
  const auto comparison = compare_profiles(a, b);
  ASSERT_TRUE(comparison.has_value()) << comparison.error().message;
  const LookFacts look = look_facts(*comparison, a, b);
  ASSERT_TRUE(look.depthwise && look.reformatting);
  EXPECT_EQ(look.depthwise->outcome, Outcome::faster);
  EXPECT_NEAR(look.depthwise->seconds_b, 1e-3, 1e-5);
  EXPECT_NE(look.reformatting->outcome, Outcome::faster) << "3 % of what varies by 30 %";
  const ClaimCheck check = check_claim({ClaimKind::faster_depthwise}, look.a, look.b, {0, {}, look.depthwise});
  EXPECT_TRUE(check.seen);
  EXPECT_EQ(check.text, "depthwise convolutions take 1.00 ms where it was 2.00 ms");
  EXPECT_FALSE(check_claim({ClaimKind::faster_depthwise}, look.a, look.b, {}).seen);
}

TEST(Mechanism, AVariantClaimsWhatIsAroundItsType) {
  RunFacts int8 = kF32;
  int8.heavy_layers = {{"i8", 2}};
  RunFacts mixed = int8;
  mixed.reformats = 0;
  const std::vector<Claim> claims = {{ClaimKind::computes_in, "int8"}, {ClaimKind::fewer_reformats, {}, "int8"}};
  const auto on_int8 = check_claims(claims, int8, mixed, {});
  ASSERT_EQ(on_int8.size(), 2U);
  EXPECT_FALSE(on_int8[0].seen);
  EXPECT_TRUE(on_int8[1].seen);
  RunFacts f32_again = kF32;
  f32_again.reformats = 0;
  const auto on_f32 = check_claims(claims, kF32, f32_again, {});
  ASSERT_EQ(on_f32.size(), 1U) << "INT8 is what the first one is to bring";
  EXPECT_FALSE(on_f32[0].seen);
}

TEST(Mechanism, WithoutLayersNothingIsSeen) {
  RunFacts none;
  for (const ClaimKind kind : {ClaimKind::computes_in, ClaimKind::fewer_layers, ClaimKind::fewer_reformats,
                               ClaimKind::fewer_bytes, ClaimKind::other_kernels}) {
    const ClaimCheck unknown = check(kind, kF32, none, "int8", 5);
    EXPECT_FALSE(unknown.seen) << to_string(kind);
    EXPECT_EQ(unknown.text, "the layers are not known");
  }
}

}  // namespace
}  // namespace trtprof::test
