// What a tool prints, line by line: shown to the user, and the part of it that tells why something failed.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace trtprof {

void for_each_line(std::string_view text, const std::function<void(std::string_view)>& take);

// As a whole name rather than within a longer one. Letters, digits and "_" make names; "." does where more follows.
[[nodiscard]] bool has_word(std::string_view text, std::string_view word);

// The line that most likely says why: the program's own error first, then the tool's; empty: none does.
[[nodiscard]] std::string telling_line(std::string_view said);

// Collects chunks into lines. Rows of data and what goes beyond a limit are shown but not kept.
class ToolOutput {
 public:
  explicit ToolOutput(std::function<void(std::string_view)> say) : say_(std::move(say)) {}
  void add(std::string_view chunk);
  void finish();
  [[nodiscard]] const std::string& text() const { return text_; }

  std::function<void(std::string_view)> on_line = {};

 private:
  void take(std::string_view line);
  std::function<void(std::string_view)> say_;
  std::string open_;
  std::string text_;
};

}  // namespace trtprof
