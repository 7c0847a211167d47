// What the counting functions of the cost table share. Private to cost/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/cost/cost.h"

namespace trtprof::counting {

using Dims = std::vector<std::int64_t>;

struct Arithmetic {
  std::optional<double> macs;
  std::optional<double> flops;
  std::string unknown_reason;
};

[[nodiscard]] Arithmetic unknown(std::string reason);
// `other_flops` beside the multiply-adds.
[[nodiscard]] Arithmetic multiply_adds(double macs, double other_flops = 0.0);
[[nodiscard]] Arithmetic flops_only(double flops);
// For a counter whose operands are not all known: names the first that is not, in ONNX's order.
[[nodiscard]] Arithmetic missing_shape(const OperatorFacts& facts);
[[nodiscard]] Arithmetic unexpected_shapes(const OperatorFacts& facts);

// nullptr: left out, or past the end.
[[nodiscard]] const TensorFacts* input(const OperatorFacts& facts, std::size_t index);
[[nodiscard]] const TensorFacts* output(const OperatorFacts& facts, std::size_t index);

// nullptr: left out, or not fully known.
[[nodiscard]] const Dims* input_shape(const OperatorFacts& facts, std::size_t index);
[[nodiscard]] const Dims* output_shape(const OperatorFacts& facts, std::size_t index);

[[nodiscard]] std::optional<double> elements(const TensorFacts* tensor);
[[nodiscard]] std::optional<double> input_elements(const OperatorFacts& facts, std::size_t index);
[[nodiscard]] std::optional<double> output_elements(const OperatorFacts& facts, std::size_t index);

[[nodiscard]] double product(const Dims& dims, std::size_t from = 0);

// In memory, packed: two i4 to a byte, rounded up. nullopt: shape or type not known, or text.
[[nodiscard]] std::optional<double> bytes_of(const TensorFacts& tensor);
// The same for sums. nullopt, too, beyond 256 TiB: a slip of the model that no machine could hold.
[[nodiscard]] std::optional<std::uint64_t> storage_of(const TensorFacts* tensor);

[[nodiscard]] std::int64_t int_attribute(const OperatorFacts& facts, const std::string& name, std::int64_t fallback);
[[nodiscard]] double float_attribute(const OperatorFacts& facts, const std::string& name, double fallback);
[[nodiscard]] std::string text_attribute(const OperatorFacts& facts, const std::string& name,
                                         std::string_view fallback);
[[nodiscard]] bool has_attribute(const OperatorFacts& facts, const std::string& name);

// FLOPs that interpolate one value between the 2^axes corners around it: a linear blend (subtract, multiply, add) per
// corner saved; cubic weighs 4^axes neighbours; nearest computes nothing. nullopt for a mode not known.
[[nodiscard]] std::optional<double> interpolation_flops(std::string_view mode, int axes);

}  // namespace trtprof::counting
