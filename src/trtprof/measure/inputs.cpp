#include "trtprof/measure/inputs.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <system_error>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "trtprof/base/half.h"
#include "trtprof/base/npy.h"
#include "trtprof/base/text.h"

namespace trtprof {
namespace {

using Tensors = std::map<std::string, Tensor>;

// ---- files

// What numpy.savez calls arrays that were given no name.
constexpr std::string_view kUnnamedArray = "arr_";

bool has_extension(const std::filesystem::path& path, std::string_view wanted) {
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return extension == wanted;
}

std::string list_of(const std::vector<std::string>& names) {
  return names.empty() ? "none" : fmt::format("\"{}\"", fmt::join(names, "\", \""));
}

std::string list_of(const Tensors& arrays) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : arrays) names.push_back(name);
  return list_of(names);
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

tl::unexpected<Error> unknown_input(const std::string& name, const std::string& source,
                                    const std::vector<std::string>& input_names) {
  const auto nearest = std::ranges::min_element(
      input_names, [&](const auto& a, const auto& b) { return edit_distance(a, name) < edit_distance(b, name); });
  // More than half of it different is another word, not a slip.
  const bool similar =
      nearest != input_names.end() && edit_distance(*nearest, name) <= std::max<std::size_t>(name.size() / 2, 1);
  return usage_error(
      fmt::format("{}: the model has no input \"{}\"; its inputs: {}", source, name, list_of(input_names)),
      similar ? fmt::format("did you mean \"{}\"?", *nearest) : "");
}

// "arr_12" is 12.
std::optional<std::size_t> unnamed_index(std::string_view name) {
  if (!name.starts_with(kUnnamedArray)) return std::nullopt;
  name.remove_prefix(kUnnamedArray.size());
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
  return error == std::errc() && end == name.data() + name.size() ? std::optional(index) : std::nullopt;
}

// "arr_0" is the first input, and so on, unless an input has that very name.
Result<Tensors> by_input_name(Tensors arrays, const std::string& source, const std::vector<std::string>& input_names) {
  Tensors named;
  for (auto& [array, tensor] : arrays) {
    std::string input = array;
    if (!contains(input_names, input)) {
      const auto index = unnamed_index(array);
      if (!index) return unknown_input(array, source, input_names);
      if (*index >= input_names.size()) {
        return usage_error(fmt::format("{}: array \"{}\" would be input {} of a model with {}: {}", source, array,
                                       *index + 1, input_names.size(), list_of(input_names)));
      }
      input = input_names[*index];
    }
    if (!named.emplace(input, std::move(tensor)).second) {
      return usage_error(fmt::format("{}: two arrays are for input \"{}\"", source, input));
    }
  }
  return named;
}

// The array of an .npz that "NAME:FILE.npz" means: the only one, or the one called NAME.
Result<Tensors> one_array(Tensors arrays, const InputFile& file) {
  const auto found = arrays.size() == 1 ? arrays.begin() : arrays.find(file.input);
  if (found == arrays.end()) {
    return usage_error(
        fmt::format("{}: which array is input \"{}\"? It holds {}", file.path.string(), file.input, list_of(arrays)),
        "name the arrays as the inputs, and give the file without a name");
  }
  Tensors named;
  named.emplace(file.input, std::move(found->second));
  return named;
}

Result<Tensors> load_file(const InputFile& file, const std::vector<std::string>& input_names) {
  const std::string source = file.path.string();
  if (!file.input.empty() && !contains(input_names, file.input)) return unknown_input(file.input, source, input_names);

  if (has_extension(file.path, ".npz")) {
    auto arrays = load_npz(file.path);
    if (!arrays) return forward_error(arrays);
    return file.input.empty() ? by_input_name(std::move(*arrays), source, input_names)
                              : one_array(std::move(*arrays), file);
  }
  if (!has_extension(file.path, ".npy")) {
    return usage_error(fmt::format("{}: an input file is .npy or .npz", source));
  }
  if (file.input.empty() && input_names.size() != 1) {
    return usage_error(
        fmt::format("{}: which input is it? The model has {}: {}", source, input_names.size(), list_of(input_names)),
        "write NAME:FILE");
  }
  auto tensor = load_npy(file.path);
  if (!tensor) return forward_error(tensor);
  Tensors named;
  named.emplace(file.input.empty() ? input_names.front() : file.input, std::move(*tensor));
  return named;
}

// ---- random values

// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): integers only, so the same on every machine; the distributions of
// the standard library are not.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9E37'79B9'7F4A'7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58'476D'1CE4'E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D0'49BB'1331'11EBU;
    return z ^ (z >> 31U);
  }

  // Normal(0, 1) as the centred sum of twelve uniform numbers of 16 bits: mean 0 and variance 1 up to 2^-32, within
  // -6 to 6. Exact in double, and free of log() and cos(), whose last bits depend on the C library.
  double normal() {
    constexpr int words = 3;
    std::int64_t sum = 0;
    for (int word = 0; word < words; ++word) {
      for (std::uint64_t bits = next(), part = 0; part < 4; ++part, bits >>= 16U) {
        sum += static_cast<std::int64_t>(bits & 0xFFFFU);
      }
    }
    constexpr double mean_of_sum = 12 * 65535 / 2.0;
    return (static_cast<double>(sum) - mean_of_sum) / 65536.0;
  }

 private:
  std::uint64_t state_;
};

// FNV-1a, so that inputs of one model differ under one seed.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xCBF2'9CE4'8422'2325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x0000'0100'0000'01B3U;
  return hash;
}

template <class Value, class Make>
void fill(Tensor& tensor, std::uint64_t count, Make make) {
  tensor.data.resize(static_cast<std::size_t>(count) * sizeof(Value));
  for (std::size_t i = 0; i < count; ++i) {
    const Value value = make();
    std::memcpy(tensor.data.data() + i * sizeof(Value), &value, sizeof(Value));
  }
}

// 8-bit floating point of the value nearest to `value` among -2, -1, 0, 1, 2: `one` and `two` are the bits of 1 and 2.
std::uint8_t tiny_float(double value, std::uint8_t one, std::uint8_t two) {
  const double magnitude = value < 0.0 ? -value : value;
  if (magnitude < 0.5) return 0;
  const std::uint8_t bits = magnitude < 1.5 ? one : two;
  return value < 0.0 ? static_cast<std::uint8_t>(bits | 0x80U) : bits;
}

// 0 or 1 in every nibble.
std::uint8_t two_nibbles(Generator& random) {
  return static_cast<std::uint8_t>(random.next() >> 40U & 0x11U);
}

void fill_random(Tensor& tensor, std::uint64_t count, Generator& random) {
  const auto normal = [&] { return random.normal(); };
  const auto zero_or_one = [&] { return random.next() >> 63U; };
  switch (tensor.type) {
    case ElementType::f32:
      return fill<float>(tensor, count, [&] { return static_cast<float>(normal()); });
    case ElementType::f64:
      return fill<double>(tensor, count, normal);
    case ElementType::f16:
      return fill<std::uint16_t>(tensor, count, [&] { return float_to_f16(static_cast<float>(normal())); });
    case ElementType::bf16:
      return fill<std::uint16_t>(tensor, count, [&] { return float_to_bf16(static_cast<float>(normal())); });
    case ElementType::f8e4m3:
      return fill<std::uint8_t>(tensor, count, [&] { return tiny_float(normal(), 0x38, 0x40); });
    case ElementType::f8e5m2:
      return fill<std::uint8_t>(tensor, count, [&] { return tiny_float(normal(), 0x3C, 0x40); });
    case ElementType::u8:
      return fill<std::uint8_t>(tensor, count, [&] { return static_cast<std::uint8_t>(random.next() >> 56U); });
    case ElementType::i8:
    case ElementType::boolean:
      return fill<std::uint8_t>(tensor, count, [&] { return static_cast<std::uint8_t>(zero_or_one()); });
    case ElementType::i16:
    case ElementType::u16:
      return fill<std::uint16_t>(tensor, count, [&] { return static_cast<std::uint16_t>(zero_or_one()); });
    case ElementType::i32:
    case ElementType::u32:
      return fill<std::uint32_t>(tensor, count, [&] { return static_cast<std::uint32_t>(zero_or_one()); });
    case ElementType::i64:
    case ElementType::u64:
      return fill<std::uint64_t>(tensor, count, zero_or_one);
    case ElementType::i4:
    case ElementType::u4:
      return fill<std::uint8_t>(tensor, (count + 1) / 2, [&] { return two_nibbles(random); });
    case ElementType::string:
    case ElementType::unknown:
      return;  // complete_inputs() refuses them
  }
}

// ---- matching

std::string describe(std::string_view element_type, const std::vector<std::int64_t>& shape) {
  return fmt::format("{} {}", element_type, shape_to_string(shape));
}

bool shape_matches(const std::vector<std::int64_t>& wanted, const std::vector<std::int64_t>& held) {
  return wanted.size() == held.size() && std::equal(wanted.begin(), wanted.end(), held.begin(),
                                                    [](auto want, auto have) { return want < 0 || want == have; });
}

Status check_given(const TensorDesc& desc, const Tensor& tensor) {
  const bool same_type = desc.element_type.empty() || desc.element_type == to_string(tensor.type);
  if (same_type && shape_matches(desc.shape, tensor.shape)) return {};
  return usage_error(
      fmt::format("input \"{}\" wants {}, the array given for it holds {}", desc.name,
                  describe(desc.element_type, desc.shape), describe(to_string(tensor.type), tensor.shape)),
      same_type ? "give an array of that shape, or its shape with --shape"
                : fmt::format("convert it: array.astype(...) to {}", desc.element_type));
}

Result<Tensor> make_random(const TensorDesc& desc, std::uint64_t seed) {
  const auto type = element_type_from_string(desc.element_type);
  if (!type || bits_of(*type) == 0) {
    return usage_error(fmt::format("input \"{}\" is of type {}, which has no random values", desc.name,
                                   desc.element_type.empty() ? "unknown" : desc.element_type),
                       "give a file with --input");
  }
  if (!element_count(desc.shape)) {
    return fail(fmt::format("input \"{}\" has no usable shape: {}", desc.name, shape_to_string(desc.shape)));
  }
  return random_tensor(desc, seed);
}

}  // namespace

InputFile parse_input_option(const std::string& text) {
  std::error_code error;
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || std::filesystem::is_regular_file(text, error)) return {"", text};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

Result<Tensors> load_inputs(const std::vector<InputFile>& files, const std::vector<std::string>& input_names) {
  Tensors all;
  std::map<std::string, std::string> sources;
  for (const InputFile& file : files) {
    auto tensors = load_file(file, input_names);
    if (!tensors) return tensors;
    for (auto& [name, tensor] : *tensors) {
      const auto [source, is_new] = sources.emplace(name, file.path.string());
      if (!is_new) {
        return usage_error(
            fmt::format("input \"{}\" is given twice: {} and {}", name, source->second, file.path.string()));
      }
      all.emplace(name, std::move(tensor));
    }
  }
  return all;
}

Tensor random_tensor(const TensorDesc& desc, std::uint64_t seed) {
  Tensor tensor;
  tensor.type = element_type_from_string(desc.element_type).value_or(ElementType::unknown);
  tensor.shape = desc.shape;
  Generator random(seed ^ hash_of(desc.name));
  fill_random(tensor, element_count(desc.shape).value_or(0), random);
  return tensor;
}

Result<Tensors> complete_inputs(const std::vector<TensorDesc>& inputs, Tensors given, std::uint64_t seed) {
  Tensors complete;
  std::vector<std::string> names;
  for (const TensorDesc& input : inputs) {
    names.push_back(input.name);
    const auto found = given.find(input.name);
    if (found != given.end()) {
      if (const Status checked = check_given(input, found->second); !checked) return forward_error(checked);
      complete.insert(given.extract(found));
      continue;
    }
    auto tensor = make_random(input, seed);
    if (!tensor) return forward_error(tensor);
    complete.emplace(input.name, std::move(*tensor));
  }
  if (!given.empty()) return unknown_input(given.begin()->first, "--input", names);
  return complete;
}

}  // namespace trtprof
