#include "trtprof/external/tool_output.h"

#include <algorithm>
#include <cctype>

#include "trtprof/base/text.h"

namespace trtprof {
namespace {

constexpr std::size_t kMaxText = std::size_t{1} << 20;
constexpr std::size_t kMaxLine = 4000;
constexpr std::size_t kQuotedColumns = 200;

bool is_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

}  // namespace

void for_each_line(std::string_view text, const std::function<void(std::string_view)>& take) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || !is_name(text[at - 1]);
    const bool continues = end < text.size() && (is_name(text[end]) ||
                                                 (text[end] == '.' && end + 1 < text.size() && is_name(text[end + 1])));
    if (begins && !continues) return true;
  }
  return false;
}

std::string telling_line(std::string_view said) {
  std::string own;
  std::string tools;
  for_each_line(said, [&](std::string_view line) {
    if (line.starts_with("error: ")) {
      own = line.substr(7);
    } else if (line.starts_with("==ERROR== ") && tools.empty()) {
      tools = line.substr(10);
    } else if (line.starts_with("Error: ") && tools.empty()) {
      tools = line.substr(7);
    }
  });
  return shorten_middle(own.empty() ? tools : own, kQuotedColumns);
}

void ToolOutput::add(std::string_view chunk) {
  while (!chunk.empty()) {
    const std::size_t end = chunk.find('\n');
    const std::string_view part = chunk.substr(0, end);
    if (open_.size() < kMaxLine) open_ += part.substr(0, kMaxLine - open_.size());
    if (end == std::string_view::npos) return;
    take(open_);
    open_.clear();
    chunk.remove_prefix(end + 1);
  }
}

void ToolOutput::finish() {
  if (!open_.empty()) take(open_);
  open_.clear();
}

void ToolOutput::take(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (on_line) on_line(line);
  const bool row = line.starts_with('"');
  if (row) return;
  if (say_ && !line.empty()) say_(line);
  if (text_.size() < kMaxText) {
    text_ += line;
    text_ += '\n';
  }
}

}  // namespace trtprof
