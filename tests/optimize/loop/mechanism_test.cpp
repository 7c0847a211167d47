// Claims against two profiles: what is seen, what is not, and what is said of it.
#include "trtprof/optimize/loop/mechanism.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/loop/fake_loop.h"
#include "support/profile_fixture.h"

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
  return check_claim({kind, type}, a, b, reimplemented);
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

TEST(Mechanism, OtherKernelsAndOtherSettings) {
  EXPECT_FALSE(check(ClaimKind::other_kernels, kF32, kF32, {}, 0).seen);
  EXPECT_TRUE(check(ClaimKind::other_kernels, kF32, kF32, {}, 3).seen);
  RunFacts streams = kF32;
  streams.streams = 2;
  EXPECT_TRUE(check(ClaimKind::more_side_by_side, kF32, streams).seen);
  EXPECT_FALSE(check(ClaimKind::more_side_by_side, streams, streams).seen);
  RunFacts batch = kF32;
  batch.batch = 8;
  EXPECT_TRUE(check(ClaimKind::larger_batch, kF32, batch).seen);
  EXPECT_FALSE(check(ClaimKind::larger_batch, batch, kF32).seen);
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
