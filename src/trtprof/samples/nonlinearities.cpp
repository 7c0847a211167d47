#include "trtprof/samples/nonlinearities.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace trtprof::samples {
namespace {

constexpr float kSixth = 1.0F / 6.0F;

// Past it the float nearest to 1 / (1 + exp(-x)) is 1, and exp(-x) still far from the smallest float.
constexpr float kSaturated = 30.0F;

// The product of two floats is exact in a double.
float multiply_add(float a, float b, float c) {
  return static_cast<float>(static_cast<double>(a) * static_cast<double>(b) + static_cast<double>(c));
}

// 2^x: Taylor's polynomial of exp(x ln 2) around 0, for the fraction between -1/2 and 1/2.
float power_of_two(float x) {
  constexpr std::array<float, 7> coefficients = {
      1.5403530e-4F, 1.3333558e-3F, 9.6181291e-3F, 5.5504109e-2F, 2.4022651e-1F, std::numbers::ln2_v<float>, 1.0F};
  const float whole = std::floor(x + 0.5F);
  const float fraction = x - whole;
  float sum = 0.0F;
  for (const float coefficient : coefficients) sum = multiply_add(sum, fraction, coefficient);
  return std::ldexp(sum, static_cast<int>(whole));
}

float hard_logistic(float x) {
  return std::clamp(multiply_add(x, kSixth, 0.5F), 0.0F, 1.0F);
}

}  // namespace

float logistic(float x) {
  const float inside = std::clamp(x, -kSaturated, kSaturated);
  return 1.0F / (1.0F + power_of_two(multiply_add(-inside, std::numbers::log2e_v<float>, 0.0F)));
}

void relu(Activations& x) {
  for (float& value : x.values) value = std::max(value, 0.0F);
}

void sigmoid(Activations& x) {
  for (float& value : x.values) value = logistic(value);
}

void swish(Activations& x) {
  for (float& value : x.values) value *= logistic(value);
}

void hard_sigmoid(Activations& x) {
  for (float& value : x.values) value = hard_logistic(value);
}

void hard_swish(Activations& x) {
  for (float& value : x.values) value *= hard_logistic(value);
}

}  // namespace trtprof::samples
