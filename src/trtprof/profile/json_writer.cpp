#include "trtprof/profile/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include <nlohmann/json.hpp>

namespace trtprof {
namespace {

// The longest shortest form of a double has 24 characters ("-2.2250738585072014e-308").
constexpr std::size_t kLongestNumber = 32;

template <class Number>
void append_number(std::string& text, Number number) {
  std::array<char, kLongestNumber> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  text.append(buffer.data(), end);
}

}  // namespace

void JsonWriter::key(std::string_view name) {
  before_value();
  append(name);
  text_ += ": ";
  after_key_ = true;
}

void JsonWriter::value(std::string_view text) {
  before_value();
  append(text);
}

void JsonWriter::value(bool flag) {
  before_value();
  append(flag);
}

void JsonWriter::value(std::int64_t number) {
  before_value();
  append(number);
}

void JsonWriter::value(std::uint64_t number) {
  before_value();
  append(number);
}

void JsonWriter::value(double number) {
  before_value();
  append(number);
}

std::string JsonWriter::take() && {
  text_ += '\n';
  return std::move(text_);
}

void JsonWriter::open(char bracket) {
  before_value();
  text_ += bracket;
  empty_.push_back(true);
}

void JsonWriter::close(char bracket) {
  const bool was_empty = empty_.back();
  empty_.pop_back();
  if (!was_empty) {
    new_line();
  }
  text_ += bracket;
}

void JsonWriter::before_value() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (empty_.empty()) {
    return;
  }
  if (!empty_.back()) {
    text_ += ',';
  }
  empty_.back() = false;
  new_line();
}

void JsonWriter::new_line() {
  text_ += '\n';
  text_.append(2 * empty_.size(), ' ');
}

void JsonWriter::append(std::string_view text) {
  text_ += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void JsonWriter::append(bool flag) {
  text_ += flag ? "true" : "false";
}

void JsonWriter::append(std::int64_t number) {
  append_number(text_, number);
}

void JsonWriter::append(std::uint64_t number) {
  append_number(text_, number);
}

void JsonWriter::append(double number) {
  if (!std::isfinite(number)) {
    text_ += "null";
    return;
  }
  append_number(text_, number);
}

void JsonWriter::append(const std::optional<double>& number) {
  if (number) {
    append(*number);
  } else {
    text_ += "null";
  }
}

}  // namespace trtprof
