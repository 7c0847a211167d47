#include "trtprof/diagnose/precision_gain.h"

#include <gmock/gmock.h>

#include "support/subject.h"

namespace trtprof::test {
namespace {

using ::testing::HasSubstr;

TEST(PrecisionGain, OfFp32LayersBoundByTheMemoryIsHalfOfTheirTimeInFp16) {
  const DiagnosedSubject held(stored_profile("mobilenetv2_b64_fp32"), "mobilenetv2", 64);
  const Subject subject = held.get();
  const auto gain = precision_gain(subject, NarrowPrecision::f16);
  ASSERT_TRUE(gain);
  double memory = 0.0;
  for (const LayerRoofline& roof : subject.roofline->layers) {
    if (roof.bound == LayerBound::memory) memory += *roof.seconds;
  }
  ASSERT_GT(memory, 0.0);
  EXPECT_GE(gain->seconds, 0.5 * memory * 0.99);
  EXPECT_LT(gain->seconds, subject.roofline->seconds);
  EXPECT_GT(gain->layers, 10U);
  EXPECT_EQ(gain->narrow_already, 0U);
  // What was measured of FP16 (971 us of compute against 1676) lies within what is said to be possible.
  EXPECT_LT(1676e-6 - 981e-6, gain->seconds + gain->seconds_not_known + 100e-6);
}

TEST(PrecisionGain, AnEngineInFp16GainsNothingFromFp16) {
  const DiagnosedSubject held(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  const auto gain = precision_gain(held.get(), NarrowPrecision::f16);
  ASSERT_TRUE(gain);
  EXPECT_EQ(gain->seconds, 0.0);
  EXPECT_GT(gain->narrow_already, 50U);
  EXPECT_THAT(gain->how, HasSubstr("no layer is left"));
}

TEST(PrecisionGain, LayersBoundByLatencyKeepTheirTime) {
  const DiagnosedSubject held(stored_profile("mobilenetv2_b1_graph"), "mobilenetv2", 1);
  const auto gain = precision_gain(held.get(), NarrowPrecision::i8);
  ASSERT_TRUE(gain);
  EXPECT_LT(gain->seconds, 0.01 * held.get().inference_seconds());
}

TEST(PrecisionGain, IsNotKnownWithoutLayers) {
  const DiagnosedSubject held{Profile{}};
  EXPECT_FALSE(precision_gain(held.get(), NarrowPrecision::i8));
}

TEST(PrecisionGain, SaysWhatItDoesNotKnowWithoutLimitsOfTheDevice) {
  Profile profile = stored_profile("mobilenetv2_b64_fp32");
  profile.environment.device_name = "a device of no table";
  const DiagnosedSubject held(std::move(profile));
  const auto gain = precision_gain(held.get(), NarrowPrecision::f16);
  ASSERT_TRUE(gain);
  EXPECT_EQ(gain->seconds, 0.0);
  EXPECT_GT(gain->seconds_not_known, 1e-3);
  EXPECT_THAT(gain->how, HasSubstr("nothing tells what binds them"));
}

}  // namespace
}  // namespace trtprof::test
