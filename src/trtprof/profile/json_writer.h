// JSON as this project's documents are laid out: two spaces, keys in the order they are written, an array of scalars
// on one line. For writers that walk their own types and want no document tree in between.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trtprof {

class JsonWriter {
 public:
  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  // Before each value of an object.
  void key(std::string_view name);

  // Invalid UTF-8 becomes U+FFFD.
  void value(std::string_view text);
  void value(bool flag);
  void value(std::int64_t number);
  void value(std::uint64_t number);
  // The shortest text that reads back as the same number; null for NaN and infinity, which JSON cannot say.
  void value(double number);

  // `[1, 2, 3]` on one line.
  template <class Number>
  void line_of(const std::vector<Number>& numbers) {
    before_value();
    text_ += '[';
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      text_ += i == 0 ? "" : ", ";
      append(numbers[i]);
    }
    text_ += ']';
  }

  // The document so far, a newline at its end.
  [[nodiscard]] std::string take() &&;

 private:
  void open(char bracket);
  void close(char bracket);
  void before_value();
  void new_line();
  void append(std::string_view text);
  void append(bool flag);
  void append(std::int64_t number);
  void append(std::uint64_t number);
  void append(double number);
  void append(const std::optional<double>& number);  // null where there is none

  std::string text_;
  std::vector<bool> empty_;  // for each open object or array: nothing in it yet
  bool after_key_ = false;
};

}  // namespace trtprof
