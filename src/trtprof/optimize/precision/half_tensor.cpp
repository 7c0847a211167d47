#include "trtprof/optimize/precision/half_tensor.h"

#include <cmath>
#include <cstring>

#include "trtprof/base/half.h"
#include "trtprof/base/text.h"
#include "trtprof/model/tensor_values.h"
#include "trtprof/optimize/precision/plan.h"

namespace trtprof::precision {
namespace {

constexpr std::uint16_t kMagnitude = 0x7FFF;
constexpr std::uint16_t kSign = 0x8000;
constexpr std::uint16_t kLargestF16 = 0x7BFF;
constexpr std::uint16_t kLargestBf16 = 0x7F7F;
constexpr std::uint16_t kSmallest = 1;  // subnormal, of both

std::uint16_t rounded(float value, HalfType type, WeightLoss& loss) {
  std::uint16_t bits = type == HalfType::f16 ? float_to_f16(value) : float_to_bf16(value);
  if (!std::isfinite(value)) return bits;
  const std::uint16_t largest = type == HalfType::f16 ? kLargestF16 : kLargestBf16;
  if ((bits & kMagnitude) > largest) {
    ++loss.overflowed;
    return static_cast<std::uint16_t>((bits & kSign) | largest);
  }
  if (value != 0.0F && (bits & kMagnitude) == 0) {
    if (loss.elements == 1) {
      ++loss.raised;
      bits = static_cast<std::uint16_t>(bits | kSmallest);
    } else {
      ++loss.flushed;
    }
  }
  return bits;
}

}  // namespace

Result<HalfTensor> to_half(const onnx::TensorProto& tensor, HalfType type, const std::filesystem::path& model_path) {
  const auto values = read_tensor(tensor, model_path);
  if (!values) return forward_error(values);
  HalfTensor half;
  half.tensor.set_name(tensor.name());
  half.tensor.set_data_type(onnx_type(type));
  *half.tensor.mutable_dims() = tensor.dims();
  if (tensor.has_doc_string()) half.tensor.set_doc_string(tensor.doc_string());
  half.loss.tensor = tensor.name();
  half.loss.elements = values->data.size() / sizeof(float);
  std::string& bytes = *half.tensor.mutable_raw_data();
  bytes.resize(half.loss.elements * sizeof(std::uint16_t));
  for (std::size_t i = 0; i < half.loss.elements; ++i) {
    float value = 0.0F;
    std::memcpy(&value, values->data.data() + i * sizeof value, sizeof value);
    const std::uint16_t bits = rounded(value, type, half.loss);
    std::memcpy(bytes.data() + i * sizeof bits, &bits, sizeof bits);
  }
  return half;
}

}  // namespace trtprof::precision
