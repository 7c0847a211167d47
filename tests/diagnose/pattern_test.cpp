#include "trtprof/diagnose/pattern.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "support/profile_fixture.h"

namespace trtprof::test {
namespace {

struct Share {
  LayerClass layer_class;
  double percent;
};

// One inference of 10 ms, of which `copies` are copies, and the rest layers with these shares.
PatternVerdict pattern(const std::vector<Share>& shares, double copies = 0.0) {
  Profile profile = bare_profile();
  profile.layer_run = LayerRun{};
  for (const Share& share : shares) {
    profile.layer_run->layers.push_back(layer_taking(std::string("layer ") + std::string(to_string(share.layer_class)),
                                                     share.layer_class, share.percent * 1e-4));
  }
  TimeAccount account;
  account.end_to_end = 10e-3;
  account.terms = {{TermKind::host_to_device, 0.6 * copies * 10e-3, HowKnown::measured, {}, "here"},
                   {TermKind::device_to_host, 0.4 * copies * 10e-3, HowKnown::measured, {}, "here"}};
  const auto roofline = roofline_of(profile, layer_costs(profile, nullptr), nullptr);
  return pattern_of(profile, account, roofline ? &*roofline : nullptr);
}

using enum LayerClass;

// The three examples of the patterns as they are usually told.
TEST(Pattern, ConvolutionsWith85PercentDominate) {
  const auto result = pattern({{convolution, 85}, {activation, 8}, {pooling, 4}, {fully_connected, 3}});
  EXPECT_EQ(result.pattern, Pattern::convolution_dominated);
  EXPECT_EQ(result.classes.front().layer_class, convolution);
  EXPECT_NEAR(result.classes.front().share, 0.85, 1e-9);
}

TEST(Pattern, CopiesOfHalfTheInferenceBindIt) {
  EXPECT_EQ(pattern({{convolution, 100}}, 0.5).pattern, Pattern::transfer_bound);
  EXPECT_EQ(pattern({{convolution, 100}}, 0.49).pattern, Pattern::convolution_dominated);
}

TEST(Pattern, ManyClassesAreDiverse) {
  const auto result =
      pattern({{convolution, 30}, {fully_connected, 25}, {gather, 20}, {shuffle, 15}, {elementwise, 10}});
  EXPECT_EQ(result.pattern, Pattern::operator_diverse);
}

TEST(Pattern, DepthwiseAndOtherConvolutionsCountTogether) {
  EXPECT_EQ(pattern({{convolution, 30}, {depthwise_convolution, 30}, {matmul, 20}, {gather, 20}}).pattern,
            Pattern::convolution_dominated);
}

TEST(Pattern, OneOtherClassDominates) {
  EXPECT_EQ(pattern({{matmul, 80}, {softmax, 20}}).pattern, Pattern::one_class_dominated);
}

TEST(Pattern, WhatTellsNothingIsUnknown) {
  EXPECT_EQ(pattern({{opaque, 60}, {convolution, 40}}).pattern, Pattern::unknown);
  EXPECT_EQ(pattern({}).pattern, Pattern::unknown);
}

}  // namespace
}  // namespace trtprof::test
