#include "trtprof/measure/output_check.h"

#include <cstring>
#include <limits>

#include <fmt/format.h>

namespace trtprof {
namespace {

// By bits, so that 16-bit formats need no conversion: all exponent bits set means infinity, or NaN when the mantissa is
// not zero.
template <class Bits>
NonFiniteCount count_by_bits(const Tensor& tensor, Bits exponent_mask, Bits mantissa_mask) {
  NonFiniteCount count;
  for (std::size_t at = 0; at + sizeof(Bits) <= tensor.data.size(); at += sizeof(Bits)) {
    Bits bits = 0;
    std::memcpy(&bits, tensor.data.data() + at, sizeof(Bits));
    if ((bits & exponent_mask) != exponent_mask) continue;
    if ((bits & mantissa_mask) != 0) {
      ++count.nan;
    } else {
      ++count.infinite;
    }
  }
  return count;
}

}  // namespace

NonFiniteCount count_non_finite(const Tensor& tensor) {
  switch (tensor.type) {
    case ElementType::f64:
      return count_by_bits<std::uint64_t>(tensor, 0x7FF0'0000'0000'0000U, 0x000F'FFFF'FFFF'FFFFU);
    case ElementType::f32:
      return count_by_bits<std::uint32_t>(tensor, 0x7F80'0000U, 0x007F'FFFFU);
    case ElementType::f16:
      return count_by_bits<std::uint16_t>(tensor, 0x7C00U, 0x03FFU);
    case ElementType::bf16:
      return count_by_bits<std::uint16_t>(tensor, 0x7F80U, 0x007FU);
    default:
      return {};
  }
}

Remarks output_remarks(CompiledModel& model) {
  Remarks remarks;
  for (const TensorDesc& output : model.outputs()) {
    const Result<Tensor> tensor = model.output(output.name);
    if (!tensor) {
      remarks.notes.push_back(
          fmt::format("output \"{}\" could not be checked for NaN: {}", output.name, tensor.error().message));
      continue;
    }
    const NonFiniteCount count = count_non_finite(*tensor);
    if (count.nan == 0 && count.infinite == 0) continue;
    remarks.notes.push_back(fmt::format(
        "output \"{}\" holds {} NaN and {} infinite values of {}: the values are of no use, and a model may "
        "take another time for such",
        output.name, count.nan, count.infinite, element_count(tensor->shape).value_or(0)));
  }
  return remarks;
}

}  // namespace trtprof
