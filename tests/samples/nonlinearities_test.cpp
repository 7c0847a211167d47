#include "trtprof/samples/nonlinearities.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace trtprof::samples {
namespace {

TEST(Logistic, IsWithinAMillionth) {
  for (int i = -4000; i <= 4000; ++i) {
    const float x = static_cast<float>(i) / 100.0F;
    EXPECT_NEAR(logistic(x), 1.0 / (1.0 + std::exp(-static_cast<double>(x))), 1e-6) << x;
  }
}

TEST(Logistic, StaysInsideForExtremes) {
  constexpr float kHuge = std::numeric_limits<float>::max();
  EXPECT_EQ(logistic(kHuge), 1.0F);
  EXPECT_NEAR(logistic(-kHuge), 0.0F, 1e-12F);
  EXPECT_GE(logistic(-kHuge), 0.0F);
  EXPECT_EQ(logistic(0.0F), 0.5F);
}

std::vector<float> values_after(void (*function)(Activations&), std::vector<float> values) {
  Activations x(1, 1, 1, static_cast<std::int64_t>(values.size()));
  x.values = std::move(values);
  function(x);
  return x.values;
}

TEST(Nonlinearities, AreOnnxsDefinitions) {
  EXPECT_EQ(values_after(relu, {-1, 0, 2}), (std::vector<float>{0, 0, 2}));
  EXPECT_EQ(values_after(hard_sigmoid, {-9, -3, 0, 3, 9}), (std::vector<float>{0, 0, 0.5F, 1, 1}));
  EXPECT_EQ(values_after(hard_swish, {-9, -3, 0, 3, 9}), (std::vector<float>{0, 0, 0, 3, 9}));
  EXPECT_FLOAT_EQ(values_after(hard_swish, {-1.5F})[0], -1.5F * 0.25F);
  EXPECT_FLOAT_EQ(values_after(sigmoid, {1.0F})[0], 0.73105858F);
  EXPECT_FLOAT_EQ(values_after(swish, {-1.0F})[0], -0.26894142F);
}

}  // namespace
}  // namespace trtprof::samples
