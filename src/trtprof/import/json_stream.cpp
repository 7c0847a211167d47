#include "trtprof/import/json_stream.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace trtprof {
namespace {

constexpr std::size_t kChunk = std::size_t{64} << 10;
// How far is looked behind a quote to tell whether it ends a text. Keys are shorter, and so is white space.
constexpr std::size_t kLookAhead = 4096;
constexpr std::size_t kLongestWord = 1024;  // numbers with all their digits
constexpr int kTooFar = -2;

bool is_space(int c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_word(int c) {
  return c >= 0 && (std::isalnum(c) != 0 || c == '-' || c == '+' || c == '.' || c == '(' || c == ')' || c == '_');
}

void add_code_point(std::string& text, std::uint32_t code) {
  const auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xc0 | code >> 6);
    add(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    add(0xe0 | code >> 12);
    add(0x80 | (code >> 6 & 0x3f));
    add(0x80 | (code & 0x3f));
  } else {
    add(0xf0 | code >> 18);
    add(0x80 | (code >> 12 & 0x3f));
    add(0x80 | (code >> 6 & 0x3f));
    add(0x80 | (code & 0x3f));
  }
}

// Bytes of the character that begins here; 0: it is not UTF-8.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const std::size_t length = lead < 0x80 ? 1 : lead >= 0xc2 && lead < 0xe0 ? 2 : (lead & 0xf0) == 0xe0 ? 3 : 4;
  if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const bool overlong = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90);
  const bool surrogate = lead == 0xed && byte(1) >= 0xa0;
  const bool beyond = lead == 0xf4 && byte(1) >= 0x90;
  return overlong || surrogate || beyond ? 0 : length;
}

// False: it was UTF-8 already.
bool latin1_to_utf8(std::string& text) {
  std::string repaired;
  bool any = false;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(std::string_view(text).substr(i));
    if (length == 0 && !any) {
      any = true;
      repaired = text.substr(0, i);
    }
    if (length == 0) {
      add_code_point(repaired, static_cast<unsigned char>(text[i++]));
      continue;
    }
    if (any) repaired.append(text, i, length);
    i += length;
  }
  if (any) text = std::move(repaired);
  return any;
}

std::string shown(int c) {
  if (c > ' ' && c < 0x7f) return fmt::format("'{}'", static_cast<char>(c));
  return fmt::format("byte 0x{:02x}", c);
}

}  // namespace

JsonStream::JsonStream(std::istream& in, std::string source, JsonLimits limits)
    : in_(in), source_(std::move(source)), limits_(limits) {}

JsonStream::JsonStream(ForeignStream& file, JsonLimits limits)
    : in_(file.in()), file_(&file), source_(file.name()), limits_(limits) {}

bool JsonStream::fill(std::size_t wanted) {
  while (!exhausted_ && buffer_.size() - at_ < wanted) {
    if (at_ >= kChunk) {
      buffer_.erase(0, at_);
      consumed_ += at_;
      at_ = 0;
    }
    const std::size_t had = buffer_.size();
    buffer_.resize(had + kChunk);
    const std::streamsize got = in_.rdbuf()->sgetn(buffer_.data() + had, static_cast<std::streamsize>(kChunk));
    buffer_.resize(had + static_cast<std::size_t>(std::max<std::streamsize>(got, 0)));
    exhausted_ = got <= 0;
  }
  return buffer_.size() - at_ >= wanted;
}

int JsonStream::peek(std::size_t ahead) {
  if (at_ + ahead >= buffer_.size() && !fill(ahead + 1)) return -1;
  return static_cast<unsigned char>(buffer_[at_ + ahead]);
}

int JsonStream::peek_solid(std::size_t& ahead) {
  while (is_space(peek(ahead))) {
    if (++ahead > kLookAhead) return kTooFar;
  }
  return peek(ahead);
}

void JsonStream::skip_space() {
  while (is_space(peek())) ++at_;
}

JsonToken JsonStream::fault(const std::string& what) {
  if (status_) {
    const Status beneath = file_ != nullptr ? file_->status() : Status{};
    status_ = !beneath ? beneath
              : peek() == -1
                  ? Status(fail(position() == 0 ? fmt::format("{} is empty", source_)
                                                : fmt::format("{} ends after {} bytes in the middle of its JSON, as a "
                                                              "file that was cut off does",
                                                              source_, position())))
                  : Status(fail(fmt::format("{} is not valid JSON: at byte {} {}", source_, position(), what)));
  }
  return JsonToken::failed;
}

void JsonStream::refuse(std::string sentence, std::string hint) {
  if (status_) status_ = fail(fmt::format("{}: {}", source_, sentence), std::move(hint));
}

Status JsonStream::status() const {
  return status_;
}

JsonToken JsonStream::next() {
  if (!status_) return JsonToken::failed;
  skip_space();
  if (levels_.empty()) {
    if (!started_) return value_token();
    return peek() == -1 && (file_ == nullptr || file_->status()) ? JsonToken::end : fault("more follows its end");
  }
  Level& level = levels_.back();
  if (level.after_key) {
    level.after_key = false;
    return value_token();
  }
  const char closing = level.object ? '}' : ']';
  if (peek() == closing) return close(level.object);
  if (level.any) {
    if (peek() != ',') return fault(fmt::format("is {} where ',' or '{}' must be", shown(peek()), closing));
    ++at_;
    skip_space();
  }
  level.any = true;
  if (!level.object) return value_token();
  if (peek() != '"') return fault(fmt::format("is {} where a key must be", shown(peek())));
  if (read_text(true) == JsonToken::failed) return JsonToken::failed;
  skip_space();
  if (peek() != ':') return fault(fmt::format("is {} where ':' must be", shown(peek())));
  ++at_;
  skip_space();
  levels_.back().after_key = true;
  return JsonToken::key;
}

JsonToken JsonStream::value_token() {
  started_ = true;
  switch (peek()) {
    case '{':
      return open(true);
    case '[':
      return open(false);
    case '"':
      return read_text(false);
    default:
      return read_word();
  }
}

JsonToken JsonStream::open(bool object) {
  if (levels_.size() >= limits_.depth) return fault(fmt::format("it nests deeper than {} levels", limits_.depth));
  ++at_;
  levels_.push_back({object});
  return object ? JsonToken::begin_object : JsonToken::begin_array;
}

JsonToken JsonStream::close(bool object) {
  ++at_;
  levels_.pop_back();
  return object ? JsonToken::end_object : JsonToken::end_array;
}

JsonToken JsonStream::read_text(bool key) {
  ++at_;
  text_.clear();
  unescaped_text_ = false;
  for (int c = peek(); c != -1; c = peek()) {
    if (text_.size() > limits_.text) {
      return fault(fmt::format("ends the first {} bytes of a text that is longer", limits_.text));
    }
    ++at_;
    if (c == '"') {
      if (closes_text(key)) {
        if (unescaped_text_) ++unescaped_;
        if (latin1_to_utf8(text_)) ++latin1_;
        return key ? JsonToken::key : JsonToken::text;
      }
      unescaped_text_ = true;
    } else if (c == '\\') {
      read_escape();
      continue;
    } else if (c < 0x20) {
      unescaped_text_ = true;
    }
    text_ += static_cast<char>(c);
  }
  return fault("a text has no end");
}

// at_ is behind the backslash. One that begins no escape stands for itself.
void JsonStream::read_escape() {
  static constexpr std::string_view letters = "\"\\/bfnrt";
  static constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  const int c = peek();
  const std::size_t known = c < 0 ? std::string_view::npos : letters.find(static_cast<char>(c));
  if (known != std::string_view::npos) {
    text_ += meanings[known];
    ++at_;
    return;
  }
  auto code = c == 'u' ? peek_hex(1) : std::nullopt;
  if (!code) {
    text_ += '\\';
    unescaped_text_ = true;
    return;
  }
  at_ += 5;
  if (*code >= 0xd800 && *code < 0xdc00 && peek() == '\\' && peek(1) == 'u') {
    if (const auto low = peek_hex(2); low && *low >= 0xdc00 && *low < 0xe000) {
      code = 0x10000 + ((*code - 0xd800) << 10) + (*low - 0xdc00);
      at_ += 6;
    }
  }
  constexpr std::uint32_t replacement = 0xfffd;
  add_code_point(text_, *code >= 0xd800 && *code < 0xe000 ? replacement : *code);
}

std::optional<std::uint32_t> JsonStream::peek_hex(std::size_t ahead) {
  std::uint32_t code = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const int c = peek(ahead + i);
    if (c < 0 || std::isxdigit(c) == 0) return std::nullopt;
    code = code * 16 + static_cast<std::uint32_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return code;
}

// Whether the quote before at_ is the text's end: what may follow a text in JSON follows it. In valid JSON it always
// does, so that this changes nothing there.
bool JsonStream::closes_text(bool key) {
  if (key || levels_.empty()) return true;
  std::size_t ahead = 0;
  const int c = peek_solid(ahead);
  if (c == -1 || c == kTooFar) return true;
  if (!levels_.back().object) return c == ',' || c == ']';
  if (c == ',') return begins_member(ahead + 1);
  if (c != '}') return false;
  ++ahead;
  const int behind = peek_solid(ahead);
  return behind == -1 || behind == kTooFar || behind == ',' || behind == ']' || behind == '}';
}

bool JsonStream::begins_member(std::size_t ahead) {
  const int quote = peek_solid(ahead);
  if (quote == -1 || quote == kTooFar) return true;
  if (quote != '"') return false;
  for (++ahead; ahead <= kLookAhead; ++ahead) {
    const int c = peek(ahead);
    if (c == -1) return true;
    if (c == '\\') {
      ++ahead;
    } else if (c == '"') {
      ++ahead;
      const int colon = peek_solid(ahead);
      return colon == ':' || colon == -1 || colon == kTooFar;
    }
  }
  return true;
}

JsonToken JsonStream::read_word() {
  std::size_t length = 0;
  while (length <= kLongestWord && is_word(peek(length))) ++length;
  if (length == 0) return fault(peek() == -1 ? "" : fmt::format("is {} where a value must be", shown(peek())));
  const std::string_view word = std::string_view(buffer_).substr(at_, length);
  if (word == "null" || word == "true" || word == "false") {
    boolean_ = word == "true";
    at_ += length;
    return word == "null" ? JsonToken::null : JsonToken::boolean;
  }
  const char* const begin = buffer_.data() + at_;
  const char* const end = begin + length;
  const auto [stop, error] = std::from_chars(begin, end, number_);
  // A number that the file ends with may be half a number.
  if (stop != end || error == std::errc::invalid_argument || length > kLongestWord) {
    return fault("is neither a number nor true, false or null");
  }
  if (error == std::errc::result_out_of_range) number_ = std::numeric_limits<double>::infinity();
  std::int64_t integer = 0;
  const auto [whole, range] = std::from_chars(begin, end, integer);
  integer_ = whole == end && range == std::errc() ? std::optional(integer) : std::nullopt;
  at_ += length;
  return JsonToken::number;
}

std::vector<std::string> JsonStream::notes() const {
  std::vector<std::string> notes;
  if (unescaped_ > 0) {
    notes.push_back(
        fmt::format("{} is not valid JSON: {} of its texts hold quotes, backslashes or control characters "
                    "that are not escaped; they were read as they stand.",
                    source_, unescaped_));
  }
  if (latin1_ > 0) {
    notes.push_back(fmt::format("{} is not in UTF-8: {} of its texts were read as Latin-1.", source_, latin1_));
  }
  return notes;
}

}  // namespace trtprof
