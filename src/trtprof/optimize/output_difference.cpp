#include "trtprof/optimize/output_difference.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "trtprof/base/half.h"
#include "trtprof/base/text.h"

namespace trtprof {
namespace {

template <class Value>
double as_double(Value value) {
  return static_cast<double>(value);
}
double of_f16(std::uint16_t bits) {
  return f16_to_float(bits);
}
double of_bf16(std::uint16_t bits) {
  return bf16_to_float(bits);
}

template <class Stored>
double relative_error(const Tensor& before, const Tensor& after, double (*value)(Stored)) {
  double largest = 0.0;
  double difference = 0.0;
  for (std::size_t at = 0; at + sizeof(Stored) <= before.data.size(); at += sizeof(Stored)) {
    Stored stored{};
    std::memcpy(&stored, before.data.data() + at, sizeof(Stored));
    const double a = value(stored);
    std::memcpy(&stored, after.data.data() + at, sizeof(Stored));
    const double b = value(stored);
    if (std::isfinite(a)) largest = std::max(largest, std::abs(a));
    if (a == b || (std::isnan(a) && std::isnan(b))) continue;
    if (!std::isfinite(a) || !std::isfinite(b)) return std::numeric_limits<double>::infinity();
    difference = std::max(difference, std::abs(a - b));
  }
  return difference == 0.0 ? 0.0 : difference / std::max(largest, std::numeric_limits<double>::min());
}

double share_that_differs(const Tensor& before, const Tensor& after) {
  const std::size_t size = std::max<std::size_t>(bits_of(before.type) / 8, 1);
  const std::size_t count = before.data.size() / size;
  std::size_t differ = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (std::memcmp(before.data.data() + i * size, after.data.data() + i * size, size) != 0) ++differ;
  }
  return count == 0 ? 0.0 : static_cast<double>(differ) / static_cast<double>(count);
}

double error_of(const Tensor& before, const Tensor& after) {
  switch (before.type) {
    case ElementType::f32:
      return relative_error<float>(before, after, as_double<float>);
    case ElementType::f64:
      return relative_error<double>(before, after, as_double<double>);
    case ElementType::f16:
      return relative_error<std::uint16_t>(before, after, of_f16);
    case ElementType::bf16:
      return relative_error<std::uint16_t>(before, after, of_bf16);
    default:
      return share_that_differs(before, after);
  }
}

std::string contradiction_of(const std::string& name, const Tensor& before, const Tensor& after) {
  if (before.type == after.type && before.shape == after.shape && before.data.size() == after.data.size()) return {};
  return fmt::format("output '{}' was {} {} and is {} {}", printable(name), to_string(before.type),
                     shape_to_string(before.shape), to_string(after.type), shape_to_string(after.shape));
}

}  // namespace

OutputDifference difference_of(const NamedTensors& before, const NamedTensors& after) {
  OutputDifference worst;
  for (const auto& [name, tensor] : before) {
    const auto found = after.find(name);
    if (found == after.end()) {
      worst.contradiction = fmt::format("output '{}' is not there any more", printable(name));
      return worst;
    }
    worst.contradiction = contradiction_of(name, tensor, found->second);
    if (!worst.contradiction.empty()) return worst;
    const double error = error_of(tensor, found->second);
    if (worst.output.empty() || error > worst.error) {
      worst.output = name;
      worst.error = error;
    }
  }
  return worst;
}

}  // namespace trtprof
