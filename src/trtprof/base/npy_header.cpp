#include "trtprof/base/npy_header.h"

#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/text.h"

namespace trtprof::detail {

namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMostDimensions = 64;  // NPY_MAXDIMS of NumPy 2
constexpr std::size_t kQuotedColumns = 40;   // of a foreign text in a sentence

std::string quoted(std::string_view text) {
  return fmt::format("\"{}\"", shorten_middle(text, kQuotedColumns));
}

// Reads the dict literal from the front; every read_ function leaves the position behind what it read.
class DictParser {
 public:
  explicit DictParser(std::string_view text) : text_(text) {}

  Result<NpyHeader> parse() {
    if (!take('{')) {
      return expected("'{'");
    }
    while (!take('}')) {
      if (const Status item = read_item(); !item) {
        return forward_error(item);
      }
      if (!take(',') && peek() != '}') {
        return expected("',' or '}'");
      }
    }
    skip_spaces();
    if (at_ < text_.size()) {
      return expected("nothing more");
    }
    for (const auto& [seen, key] :
         {std::pair{has_descr_, "descr"}, {has_fortran_order_, "fortran_order"}, {has_shape_, "shape"}}) {
      if (!seen) {
        return fail(fmt::format("its header lacks the key '{}'", key));
      }
    }
    return std::move(header_);
  }

 private:
  tl::unexpected<Error> expected(std::string_view what) const {
    const std::string found = at_ < text_.size() ? quoted(text_.substr(at_)) : "its end";
    return fail(fmt::format("its header is damaged at character {}: expected {}, found {}", at_, what, found));
  }

  void skip_spaces() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  char peek() {
    skip_spaces();
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  bool take(char character) {
    skip_spaces();
    const bool there = at_ < text_.size() && text_[at_] == character;
    at_ += there ? 1 : 0;
    return there;
  }

  bool take_word(std::string_view word) {
    skip_spaces();
    const bool there = text_.substr(at_, word.size()) == word;
    at_ += there ? word.size() : 0;
    return there;
  }

  Result<std::string> read_string() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') {
      return expected("a string");
    }
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) {
      return expected("a string that ends");
    }
    const std::string_view value = text_.substr(at_ + 1, end - at_ - 1);
    if (value.find('\\') != std::string_view::npos) {
      return expected("a string without escapes");
    }
    at_ = end + 1;
    return std::string(value);
  }

  Status read_item() {
    const std::size_t key_at = at_;
    const Result<std::string> key = read_string();
    if (!key) {
      return forward_error(key);
    }
    if (!take(':')) {
      return expected("':'");
    }
    if (*key == "descr") {
      return once(has_descr_, *key, [&] { return read_descr(); });
    }
    if (*key == "fortran_order") {
      return once(has_fortran_order_, *key, [&] { return read_fortran_order(); });
    }
    if (*key == "shape") {
      return once(has_shape_, *key, [&] { return read_shape(); });
    }
    at_ = key_at;
    return expected("'descr', 'fortran_order' or 'shape'");
  }

  template <class Read>
  static Status once(bool& seen, std::string_view key, const Read& read) {
    if (std::exchange(seen, true)) {
      return fail(fmt::format("its header has the key '{}' twice", key));
    }
    return read();
  }

  Status read_descr() {
    if (peek() == '[') {
      return fail("it holds a structured array, whose elements are records",
                  "save each field as an array of its own, for example numpy.save(file, array['field'])");
    }
    const Result<std::string> descr = read_string();
    if (!descr) {
      return forward_error(descr);
    }
    header_.descr = *descr;
    return {};
  }

  Status read_fortran_order() {
    header_.fortran_order = take_word("True");
    if (!header_.fortran_order && !take_word("False")) {
      return expected("True or False");
    }
    return {};
  }

  // "()", "(3,)", "(3, 4)"; Python 2 wrote "(3L,)". "(3)" is a number in Python and not taken.
  Status read_shape() {
    if (!take('(')) {
      return expected("'('");
    }
    bool comma = true;
    while (!take(')')) {
      if (!comma) {
        return expected("','");
      }
      const Result<std::int64_t> dimension = read_dimension();
      if (!dimension) {
        return forward_error(dimension);
      }
      header_.shape.push_back(*dimension);
      if (header_.shape.size() > kMostDimensions) {
        return fail(fmt::format("its header claims more than {} dimensions", kMostDimensions));
      }
      comma = take(',');
    }
    if (header_.shape.size() == 1 && !comma) {
      return expected("',' before ')'");
    }
    return {};
  }

  Result<std::int64_t> read_dimension() {
    skip_spaces();
    std::int64_t value = 0;
    const char* const begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error == std::errc::result_out_of_range) {
      return fail(fmt::format("its header claims a dimension that no file can hold: {}",
                              quoted(std::string_view(begin, static_cast<std::size_t>(end - begin)))));
    }
    if (error != std::errc{} || value < 0) {
      return expected("a dimension");
    }
    at_ += static_cast<std::size_t>(end - begin);
    if (at_ < text_.size() && text_[at_] == 'L') {
      ++at_;
    }
    return value;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  NpyHeader header_;
  bool has_descr_ = false;
  bool has_fortran_order_ = false;
  bool has_shape_ = false;
};

// Little-endian. nullopt where the file ends before.
std::optional<std::size_t> read_length(std::string_view file, std::size_t at, std::size_t bytes) {
  if (file.size() < at + bytes) {
    return std::nullopt;
  }
  std::size_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) {
    value = (value << 8U) | static_cast<unsigned char>(file[at + i]);
  }
  return value;
}

}  // namespace

Result<NpyHeader> parse_npy_header(std::string_view file) {
  if (file.empty()) {
    return fail("it is empty");
  }
  if (!file.starts_with(kMagic)) {
    return fail(R"(it is not an .npy file: it does not begin with "\x93NUMPY")", "write it with numpy.save()");
  }
  const auto cut_short = [] { return fail("it ends within its header"); };
  if (file.size() < kMagic.size() + 2) {
    return cut_short();
  }
  const unsigned major = static_cast<unsigned char>(file[kMagic.size()]);
  const unsigned minor = static_cast<unsigned char>(file[kMagic.size() + 1]);
  if (major < 1 || major > 3 || minor != 0) {
    return fail(fmt::format("its format version {}.{} is not known (1.0, 2.0 and 3.0 are)", major, minor));
  }
  const std::size_t length_at = kMagic.size() + 2;
  const std::size_t length_bytes = major == 1 ? 2 : 4;
  const std::size_t dict_at = length_at + length_bytes;
  const std::optional<std::size_t> length = read_length(file, length_at, length_bytes);
  if (!length) {
    return cut_short();
  }
  if (*length > file.size() - dict_at) {
    return fail(fmt::format("its header claims {} bytes, but only {} follow", *length, file.size() - dict_at));
  }
  Result<NpyHeader> header = DictParser(file.substr(dict_at, *length)).parse();
  if (header) {
    header->bytes = dict_at + *length;
  }
  return header;
}

}  // namespace trtprof::detail
