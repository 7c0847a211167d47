// The 16-bit floating-point formats of inputs and outputs, as bits: IEEE 754 binary16 and bfloat16. Used where tensors
// are made or read on the host; gcc 11 has no type for either.
#pragma once

#include <bit>
#include <cstdint>

namespace trtprof {

namespace detail {

inline constexpr std::uint32_t kF32SignMask = 0x8000'0000U;
inline constexpr std::uint32_t kF32Infinity = 0x7F80'0000U;

// `value` without its lowest `shift` bits (1 to 31), rounded to nearest, ties to even.
[[nodiscard]] constexpr std::uint32_t shift_right_rounded(std::uint32_t value, unsigned shift) {
  const std::uint32_t half = 1U << (shift - 1U);
  const std::uint32_t odd = (value >> shift) & 1U;
  return (value + (half - 1U) + odd) >> shift;
}

}  // namespace detail

// Rounds to nearest, ties to even; overflow becomes infinity, a NaN stays a (quiet) NaN.
[[nodiscard]] constexpr std::uint16_t float_to_f16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits & detail::kF32SignMask) >> 16U;
  const std::uint32_t magnitude = bits & ~detail::kF32SignMask;
  if (magnitude > detail::kF32Infinity) {
    return static_cast<std::uint16_t>(sign | 0x7E00U | ((magnitude >> 13U) & 0x3FFU));
  }
  const std::uint32_t exponent = magnitude >> 23U;  // biased by 127
  if (exponent >= 143) {                            // 2^16 and above: past the largest finite value even when rounded
    return static_cast<std::uint16_t>(sign | 0x7C00U);
  }
  if (exponent >= 113) {  // 2^-14 and above: normal; a carry out of the mantissa is the next exponent, or infinity
    const std::uint32_t rebiased = magnitude - (112U << 23U);
    return static_cast<std::uint16_t>(sign | detail::shift_right_rounded(rebiased, 13));
  }
  if (exponent < 102) {  // under 2^-25, half the smallest subnormal
    return static_cast<std::uint16_t>(sign);
  }
  const std::uint32_t mantissa = (magnitude & 0x007F'FFFFU) | 0x0080'0000U;
  return static_cast<std::uint16_t>(sign | detail::shift_right_rounded(mantissa, 126U - exponent));
}

[[nodiscard]] constexpr float f16_to_float(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000U) << 16U;
  const std::uint32_t exponent = (half >> 10U) & 0x1FU;
  const std::uint32_t mantissa = half & 0x3FFU;
  if (exponent == 31) {
    return std::bit_cast<float>(sign | detail::kF32Infinity | (mantissa << 13U));
  }
  if (exponent == 0) {  // zero and subnormals: a multiple of 2^-24, exact in f32
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24F;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | sign);
  }
  return std::bit_cast<float>(sign | ((exponent + 112U) << 23U) | (mantissa << 13U));
}

// Rounds to nearest, ties to even; a NaN stays a (quiet) NaN.
[[nodiscard]] constexpr std::uint16_t float_to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & ~detail::kF32SignMask) > detail::kF32Infinity) {
    return static_cast<std::uint16_t>((bits >> 16U) | 0x0040U);
  }
  const std::uint32_t sign = (bits & detail::kF32SignMask) >> 16U;
  return static_cast<std::uint16_t>(sign | detail::shift_right_rounded(bits & ~detail::kF32SignMask, 16));
}

[[nodiscard]] constexpr float bf16_to_float(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U);
}

}  // namespace trtprof
