#include "trtprof/model/tensor_values.h"

#include <cstring>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/text.h"
#include "trtprof/model/element_types.h"
#include "trtprof/model/external_data.h"

namespace trtprof {
namespace {

std::vector<std::byte> bytes_of(const std::string& text) {
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

// Each value of a typed field, cut to `bytes` of its own: ONNX keeps an f16 or a pair of i4 in an int32.
template <class Field>
std::vector<std::byte> packed(const Field& field, std::size_t bytes) {
  std::vector<std::byte> data(static_cast<std::size_t>(field.size()) * bytes);
  std::byte* to = data.data();
  for (const auto value : field) {  // little-endian, as raw_data is
    std::memcpy(to, &value, bytes);
    to += bytes;
  }
  return data;
}

std::vector<std::byte> from_typed_fields(const onnx::TensorProto& proto, ElementType type) {
  const std::size_t bytes = (bits_of(type) + 7) / 8;
  switch (type) {
    case ElementType::f32:
      return packed(proto.float_data(), bytes);
    case ElementType::f64:
      return packed(proto.double_data(), bytes);
    case ElementType::i64:
      return packed(proto.int64_data(), bytes);
    case ElementType::u32:
    case ElementType::u64:
      return packed(proto.uint64_data(), bytes);
    default:
      return packed(proto.int32_data(), bytes);
  }
}

}  // namespace

Result<Tensor> read_tensor(const onnx::TensorProto& proto, const std::filesystem::path& model_path) {
  Tensor tensor;
  tensor.type = element_type_from_onnx(proto.data_type());
  tensor.shape.assign(proto.dims().begin(), proto.dims().end());
  const std::string who = fmt::format("tensor '{}'", printable(proto.name()));
  const std::size_t bits = bits_of(tensor.type);
  const auto count = element_count(tensor.shape);
  if (bits == 0) return fail(fmt::format("{} has values of a type that cannot be read", who));
  if (!count || *count > UINT64_MAX / bits) return fail(fmt::format("{} has an impossible shape", who));
  if (proto.data_location() == onnx::TensorProto::EXTERNAL) {
    auto data = read_external_data(proto, model_path);
    if (!data) return forward_error(data);
    tensor.data = bytes_of(*data);
  } else {
    tensor.data = proto.has_raw_data() ? bytes_of(proto.raw_data()) : from_typed_fields(proto, tensor.type);
  }
  const std::uint64_t needed = (*count * bits + 7) / 8;
  if (tensor.data.size() != needed) {
    return fail(
        fmt::format("{} needs {} bytes for its shape, but the model has {} of it", who, needed, tensor.data.size()));
  }
  return tensor;
}

}  // namespace trtprof
