#include "trtprof/optimize/accuracy/output_error.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/half.h"
#include "trtprof/base/text.h"
#include "trtprof/optimize/accuracy/class_scores.h"

namespace trtprof {
namespace {

template <class Value, class Convert>
std::vector<double> converted(const Tensor& tensor, const Convert& convert) {
  std::vector<double> numbers(tensor.data.size() / sizeof(Value));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    Value value{};
    std::memcpy(&value, tensor.data.data() + i * sizeof value, sizeof value);
    numbers[i] = static_cast<double>(convert(value));
  }
  return numbers;
}

template <class Value>
std::vector<double> plain(const Tensor& tensor) {
  return converted<Value>(tensor, [](Value value) { return value; });
}

std::optional<double> cosine_of(double dot, double a, double b) {
  if (a <= 0.0 || b <= 0.0) return std::nullopt;
  return std::clamp(dot / (std::sqrt(a) * std::sqrt(b)), -1.0, 1.0);
}

}  // namespace

std::optional<std::vector<double>> numbers_of(const Tensor& tensor) {
  switch (tensor.type) {
    case ElementType::f32:
      return plain<float>(tensor);
    case ElementType::f64:
      return plain<double>(tensor);
    case ElementType::f16:
      return converted<std::uint16_t>(tensor, [](std::uint16_t bits) { return f16_to_float(bits); });
    case ElementType::bf16:
      return converted<std::uint16_t>(tensor, [](std::uint16_t bits) { return bf16_to_float(bits); });
    case ElementType::i8:
      return plain<std::int8_t>(tensor);
    case ElementType::u8:
    case ElementType::boolean:
      return plain<std::uint8_t>(tensor);
    case ElementType::i16:
      return plain<std::int16_t>(tensor);
    case ElementType::u16:
      return plain<std::uint16_t>(tensor);
    case ElementType::i32:
      return plain<std::int32_t>(tensor);
    case ElementType::u32:
      return plain<std::uint32_t>(tensor);
    case ElementType::i64:
      return plain<std::int64_t>(tensor);
    case ElementType::u64:
      return plain<std::uint64_t>(tensor);
    default:
      return std::nullopt;
  }
}

OutputErrorCollector::OutputErrorCollector(std::string output, int axis) : axis_(axis) {
  total_.output = std::move(output);
}

Status OutputErrorCollector::add(const Tensor& reference, const Tensor& other, std::size_t samples) {
  const std::string name = printable(total_.output);
  if (reference.shape != other.shape) {
    return fail(fmt::format("output '{}' is {} in the reference and {} in the other", name,
                            shape_to_string(reference.shape), shape_to_string(other.shape)));
  }
  const auto a = numbers_of(reference);
  const auto b = numbers_of(other);
  if (!a || !b || a->size() != b->size()) {
    return fail(fmt::format("output '{}' holds {}, which cannot be compared", name, to_string(reference.type)));
  }
  const std::size_t leading = reference.shape.empty() ? 1 : static_cast<std::size_t>(reference.shape.front());
  const std::size_t counted = std::min(samples, leading);
  const std::size_t of_sample = leading == 0 ? 0 : a->size() / leading;
  for (std::size_t sample = 0; sample < counted; ++sample) {
    for (std::size_t i = sample * of_sample; i < (sample + 1) * of_sample; ++i) add_element((*a)[i], (*b)[i]);
    end_sample();
  }
  const auto layout = class_layout(reference.shape, axis_);
  if (!layout) return forward_error(layout);
  if (layout->classes < 2) return {};
  if (!total_.agreement) total_.agreement.emplace();
  ClassAgreement& agreement = *total_.agreement;
  const bool five = layout->classes > 5;
  if (five && !agreement.top5) agreement.top5 = 0;
  for_each_row(*layout, counted, leading, [&](std::size_t first) {
    const std::size_t top = top_class(*a, *layout, first);
    ++agreement.rows;
    agreement.top1 += top_class(*b, *layout, first) == top ? 1U : 0U;
    if (five) *agreement.top5 += is_among_first(*b, *layout, first, top, 5) ? 1U : 0U;
  });
  return {};
}

void OutputErrorCollector::add_element(double reference, double other) {
  total_.nan_reference += std::isnan(reference) ? 1U : 0U;
  total_.nan_other += std::isnan(other) ? 1U : 0U;
  total_.infinite_reference += std::isinf(reference) ? 1U : 0U;
  total_.infinite_other += std::isinf(other) ? 1U : 0U;
  if (!std::isfinite(reference) || !std::isfinite(other)) {
    const bool same = (std::isnan(reference) && std::isnan(other)) || reference == other;
    total_.not_finite_apart += same ? 0 : 1;
    identical_ = identical_ && same;
    return;
  }
  ++total_.elements;
  const double difference = other - reference;
  identical_ = identical_ && difference == 0.0;
  sample_dot_ += reference * other;
  sample_reference_ += reference * reference;
  sample_other_ += other * other;
  difference_squares_ += difference * difference;
  absolute_ += std::abs(difference);
  signed_ += difference;
  largest_difference_ = std::max(largest_difference_, std::abs(difference));
  total_.largest_reference = std::max(total_.largest_reference, std::abs(reference));
}

void OutputErrorCollector::end_sample() {
  if (const auto cosine = cosine_of(sample_dot_, sample_reference_, sample_other_)) {
    total_.lowest_cosine = std::min(total_.lowest_cosine.value_or(1.0), *cosine);
  }
  dot_ += std::exchange(sample_dot_, 0.0);
  reference_squares_ += std::exchange(sample_reference_, 0.0);
  other_squares_ += std::exchange(sample_other_, 0.0);
}

OutputError OutputErrorCollector::error() const {
  OutputError error = total_;
  if (error.elements == 0) {
    error.identical = identical_ && error.nan_reference + error.infinite_reference > 0;
    return error;
  }
  const auto count = static_cast<double>(error.elements);
  error.identical = identical_;
  error.cosine = cosine_of(dot_, reference_squares_, other_squares_);
  if (reference_squares_ > 0.0 && difference_squares_ > 0.0) {
    error.sqnr_db = 10.0 * std::log10(reference_squares_ / difference_squares_);
  }
  error.max_absolute = largest_difference_;
  if (error.largest_reference > 0.0) error.max_relative = largest_difference_ / error.largest_reference;
  error.mean_absolute = absolute_ / count;
  error.mean = signed_ / count;
  return error;
}

}  // namespace trtprof
