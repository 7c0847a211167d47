#include "trtprof/base/npy.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/file.h"
#include "trtprof/base/npy_header.h"
#include "trtprof/base/text.h"

namespace trtprof {

namespace {

constexpr std::uint64_t kLargestFile = std::uint64_t{1} << 36;
constexpr std::size_t kQuotedColumns = 40;

struct Dtype {
  ElementType type = ElementType::unknown;
  bool swapped = false;  // its bytes are in the other order than this machine's
};

struct DtypeRow {
  std::string_view code;  // kind and bytes, as in "<f4"
  ElementType type;
};

constexpr std::array<DtypeRow, 12> kDtypes{{
    {"b1", ElementType::boolean},
    {"i1", ElementType::i8},
    {"u1", ElementType::u8},
    {"i2", ElementType::i16},
    {"u2", ElementType::u16},
    {"i4", ElementType::i32},
    {"u4", ElementType::u32},
    {"i8", ElementType::i64},
    {"u8", ElementType::u64},
    {"f2", ElementType::f16},
    {"f4", ElementType::f32},
    {"f8", ElementType::f64},
}};

// What NumPy calls a kind that no tensor can hold.
std::string_view foreign_kind(char kind) {
  switch (kind) {
    case 'O':
      return "Python objects";
    case 'V':
      return "raw records";
    case 'S':
    case 'a':
      return "byte strings";
    case 'U':
      return "strings";
    case 'c':
      return "complex numbers";
    case 'M':
      return "dates";
    case 'm':
      return "time differences";
    default:
      return "elements of a type that is not known";
  }
}

Result<Dtype> parse_dtype(std::string_view descr) {
  std::string_view code = descr;
  char order = '=';
  if (!code.empty() && std::string_view("<>=|").find(code.front()) != std::string_view::npos) {
    order = code.front();
    code.remove_prefix(1);
  }
  const auto row = std::ranges::find_if(kDtypes, [&](const DtypeRow& r) { return r.code == code; });
  if (row == kDtypes.end()) {
    const std::string_view known = code.starts_with("f") ? "floating-point numbers of another size"
                                                         : foreign_kind(code.empty() ? '\0' : code.front());
    std::string hint = code == "V2" ? "NumPy keeps no name for bfloat16: save the array as float32, for example "
                                      "numpy.save(file, array.astype('float32'))"
                                    : "save the array as a numeric or boolean dtype";
    return fail(fmt::format("it holds {} (dtype '{}')", known, shorten_middle(descr, kQuotedColumns)), std::move(hint));
  }
  const char foreign_order = std::endian::native == std::endian::little ? '>' : '<';
  return Dtype{row->type, order == foreign_order};
}

template <std::size_t kBytes>
void swap_bytes(std::vector<std::byte>& data) {
  for (std::size_t at = 0; at < data.size(); at += kBytes) {
    std::reverse(data.begin() + static_cast<std::ptrdiff_t>(at),
                 data.begin() + static_cast<std::ptrdiff_t>(at + kBytes));
  }
}

// From Fortran order (the first index runs fastest) to C order. `from` and `to` have as many bytes as `shape` tells.
template <std::size_t kBytes>
void to_c_order(const std::vector<std::int64_t>& shape, std::string_view from, std::vector<std::byte>& to) {
  const std::size_t rank = shape.size();
  std::vector<std::size_t> strides(rank, 1);  // in the source, in elements
  for (std::size_t axis = 1; axis < rank; ++axis) {
    strides[axis] = strides[axis - 1] * static_cast<std::size_t>(shape[axis - 1]);
  }
  std::vector<std::size_t> index(rank, 0);
  std::size_t source = 0;
  for (std::size_t at = 0; at < to.size(); at += kBytes) {
    std::memcpy(to.data() + at, &from[source * kBytes], kBytes);
    for (std::size_t axis = rank; axis-- > 0;) {  // the next index in C order: the last axis runs fastest
      source += strides[axis];
      if (std::cmp_less(++index[axis], shape[axis])) {
        break;
      }
      source -= strides[axis] * index[axis];
      index[axis] = 0;
    }
  }
}

template <std::size_t kBytes>
void copy_elements(const detail::NpyHeader& header, bool swapped, std::string_view from, std::vector<std::byte>& to) {
  to.resize(from.size());
  if (header.fortran_order && header.shape.size() > 1) {
    to_c_order<kBytes>(header.shape, from, to);
  } else if (!from.empty()) {
    std::memcpy(to.data(), from.data(), from.size());
  }
  if (swapped) {
    swap_bytes<kBytes>(to);
  }
}

// Errors are the part of a sentence that follows "cannot read FILE: ".
Result<Tensor> parse(std::string_view bytes) {
  const Result<detail::NpyHeader> header = detail::parse_npy_header(bytes);
  if (!header) {
    return forward_error(header);
  }
  const Result<Dtype> dtype = parse_dtype(header->descr);
  if (!dtype) {
    return forward_error(dtype);
  }
  const std::string_view data = bytes.substr(header->bytes);
  const std::uint64_t element_bytes = bits_of(dtype->type) / 8;
  const std::optional<std::uint64_t> count = element_count(header->shape);
  std::uint64_t claimed = 0;
  if (!count || __builtin_mul_overflow(*count, element_bytes, &claimed)) {
    return fail(fmt::format("its header claims a shape that no file can hold: {}", shape_to_string(header->shape)));
  }
  if (claimed != data.size()) {
    return fail(fmt::format("its header claims {} of {}, {} bytes, but {} follow", shape_to_string(header->shape),
                            to_string(dtype->type), claimed, data.size()));
  }
  Tensor tensor{dtype->type, header->shape, {}};
  switch (element_bytes) {
    case 1:
      copy_elements<1>(*header, false, data, tensor.data);
      break;
    case 2:
      copy_elements<2>(*header, dtype->swapped, data, tensor.data);
      break;
    case 4:
      copy_elements<4>(*header, dtype->swapped, data, tensor.data);
      break;
    default:
      copy_elements<8>(*header, dtype->swapped, data, tensor.data);
      break;
  }
  if (tensor.type == ElementType::boolean) {  // C++ code that reads a bool of another value is undefined
    for (std::byte& value : tensor.data) {
      value = value == std::byte{0} ? std::byte{0} : std::byte{1};
    }
  }
  return tensor;
}

}  // namespace

Result<Tensor> parse_npy(std::string_view bytes, std::string_view source) {
  Result<Tensor> tensor = parse(bytes);
  if (!tensor) {
    tensor.error().message = fmt::format("cannot read {}: {}", printable(source), tensor.error().message);
  }
  return tensor;
}

Result<Tensor> load_npy(const std::filesystem::path& path) {
  const Result<std::string> bytes = read_file(path, kLargestFile);
  if (!bytes) {
    return forward_error(bytes);
  }
  return parse_npy(*bytes, path.string());
}

}  // namespace trtprof
