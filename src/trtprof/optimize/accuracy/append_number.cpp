#include "trtprof/optimize/accuracy/append_number.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "trtprof/base/half.h"

namespace trtprof {
namespace {

template <class Value>
void append(std::vector<std::byte>& data, Value value) {
  const std::size_t at = data.size();
  data.resize(at + sizeof value);
  std::memcpy(data.data() + at, &value, sizeof value);
}

}  // namespace

bool append_number(std::vector<std::byte>& data, ElementType type, double number) {
  switch (type) {
    case ElementType::f32:
      append(data, static_cast<float>(number));
      return true;
    case ElementType::f64:
      append(data, number);
      return true;
    case ElementType::f16:
      append(data, float_to_f16(static_cast<float>(number)));
      return true;
    case ElementType::bf16:
      append(data, float_to_bf16(static_cast<float>(number)));
      return true;
    case ElementType::i64:
      append(data, static_cast<std::int64_t>(number));
      return true;
    case ElementType::i32:
      append(data, static_cast<std::int32_t>(number));
      return true;
    case ElementType::u8:
    case ElementType::boolean:
      append(data, static_cast<std::uint8_t>(std::clamp(number, 0.0, 255.0)));
      return true;
    case ElementType::i8:
      append(data, static_cast<std::int8_t>(std::clamp(number, -128.0, 127.0)));
      return true;
    default:
      return false;
  }
}

}  // namespace trtprof
