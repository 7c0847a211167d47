#include "trtprof/optimize/images/image_labels.h"

#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/text.h"

namespace trtprof {
namespace {

constexpr std::string_view kFirstLine = "file,label";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// nullopt: quotes that do not match.
std::optional<std::string> unquoted(std::string_view field) {
  if (!field.starts_with('"')) return std::string(field);
  std::string text;
  for (std::size_t i = 1; i < field.size(); ++i) {
    if (field[i] != '"') {
      text += field[i];
    } else if (i + 1 == field.size()) {
      return text;
    } else if (field[++i] == '"') {
      text += '"';
    } else {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

std::optional<std::int64_t> class_of(std::string_view text) {
  std::int64_t label = 0;
  const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), label);
  if (error != std::errc{} || stopped != text.data() + text.size() || label < 0) return std::nullopt;
  return label;
}

// "a.jpg,3"
std::optional<std::pair<std::string, std::int64_t>> entry_of(std::string_view line) {
  const std::size_t comma = line.rfind(',');
  if (comma == std::string_view::npos) return std::nullopt;
  auto file = unquoted(line.substr(0, comma));
  const auto label = class_of(line.substr(comma + 1));
  if (!file || file->empty() || !label) return std::nullopt;
  return std::pair(*std::move(file), *label);
}

}  // namespace

Result<std::map<std::string, std::int64_t>> parse_image_labels(std::string_view text, std::string_view source) {
  const std::string file = printable(source);
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::map<std::string, std::int64_t> labels;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (number == 1 && line != kFirstLine) {
      return fail(fmt::format("{} begins with '{}' and not with '{}'", file, shorten_middle(line, 60), kFirstLine));
    }
    if (number == 1 || line.empty()) continue;
    auto entry = entry_of(line);
    if (!entry) {
      return fail(fmt::format("{}: line {} is '{}', and not a file and the number of its class", file, number,
                              shorten_middle(line, 60)));
    }
    if (!labels.insert(*std::move(entry)).second) {
      return fail(fmt::format("{}: line {} names a file a second time: '{}'", file, number, shorten_middle(line, 60)));
    }
  }
  return labels;
}

}  // namespace trtprof
