#include "trtprof/base/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <utf8proc.h>
#include <vector>

namespace trtprof {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";     // U+2026, one column
constexpr char32_t kReplacementPoint = 0xFFFD;

struct Decoded {
  char32_t point = kReplacementPoint;
  std::size_t bytes = 1;
};

// The first code point of `text` (not empty). An invalid byte is one U+FFFD.
Decoded decode(std::string_view text) {
  utf8proc_int32_t point = 0;
  const auto bytes = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                      static_cast<utf8proc_ssize_t>(std::min<std::size_t>(text.size(), 4)), &point);
  if (bytes <= 0) {
    return {};
  }
  return {static_cast<char32_t>(point), static_cast<std::size_t>(bytes)};
}

void append_utf8(std::string& text, char32_t point) {
  std::array<utf8proc_uint8_t, 4> bytes{};
  const auto count = utf8proc_encode_char(static_cast<utf8proc_int32_t>(point), bytes.data());
  text.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(count));
}

constexpr bool between(char32_t point, char32_t first, char32_t last) {
  return point >= first && point <= last;
}

// What is shown instead of a code point that would act on the terminal; the code point itself where it would not.
char32_t visible(char32_t point) {
  if (point < 0x20) {
    return 0x2400 + point;  // Control Pictures: U+241B for ESC
  }
  if (point == 0x7F) {
    return 0x2421;
  }
  const bool c1_control = between(point, 0x80, 0x9F);
  const bool line_break = point == 0x2028 || point == 0x2029;
  const bool bidirectional = point == 0x061C || point == 0x200E || point == 0x200F || between(point, 0x202A, 0x202E) ||
                             between(point, 0x2066, 0x2069);
  const bool annotation = between(point, 0xFFF9, 0xFFFB);
  return c1_control || line_break || bidirectional || annotation ? kReplacementPoint : point;
}

// `point` has been through visible().
std::size_t width_of(char32_t point) {
  // Hangul vowels and final consonants join the consonant before them; utf8proc counts each by itself.
  if (between(point, 0x1160, 0x11FF) || between(point, 0xD7B0, 0xD7FB)) {
    return 0;
  }
  const auto width = utf8proc_charwidth(static_cast<utf8proc_int32_t>(point));
  if (width > 0) {
    return static_cast<std::size_t>(width);
  }
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(point))) {
    case UTF8PROC_CATEGORY_CN:  // unassigned when the table was made, and private use: terminals draw a box or a glyph
    case UTF8PROC_CATEGORY_CO:
      return 1;
    default:
      return 0;
  }
}

// A grapheme cluster of a printable text: what a reader calls one character.
struct Cluster {
  std::size_t begin = 0;
  std::size_t bytes = 0;
  std::size_t columns = 0;
};

std::vector<Cluster> clusters_of(std::string_view text) {
  std::vector<Cluster> clusters;
  utf8proc_int32_t state = 0;
  char32_t previous = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Decoded decoded = decode(text.substr(at));
    const bool starts =
        clusters.empty() || utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(previous),
                                                             static_cast<utf8proc_int32_t>(decoded.point), &state);
    if (starts) {
      clusters.push_back({at, 0, 0});
    }
    clusters.back().bytes += decoded.bytes;
    clusters.back().columns += width_of(decoded.point);
    previous = decoded.point;
    at += decoded.bytes;
  }
  return clusters;
}

// How many items from `first` on fit into `columns`.
template <class Iterator>
Iterator take_columns(Iterator first, const Iterator& last, std::size_t& columns) {
  for (; first != last && first->columns <= columns; ++first) {
    columns -= first->columns;
  }
  return first;
}

std::vector<char32_t> points_of(std::string_view text) {
  std::vector<char32_t> points;
  while (!text.empty()) {
    const Decoded decoded = decode(text);
    points.push_back(decoded.point);
    text.remove_prefix(decoded.bytes);
  }
  return points;
}

}  // namespace

std::size_t display_width(std::string_view utf8) {
  std::size_t columns = 0;
  while (!utf8.empty()) {
    const Decoded decoded = decode(utf8);
    columns += width_of(visible(decoded.point));
    utf8.remove_prefix(decoded.bytes);
  }
  return columns;
}

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const Decoded decoded = decode(text);
    if (const char32_t shown = visible(decoded.point); shown == kReplacementPoint) {
      result += kReplacement;
    } else {
      append_utf8(result, shown);
    }
    text.remove_prefix(decoded.bytes);
  }
  return result;
}

std::string shorten_middle(std::string_view text, std::size_t columns) {
  std::string safe = printable(text);
  if (display_width(safe) <= columns) {
    return safe;
  }
  if (columns == 0) {
    return {};
  }
  const std::vector<Cluster> clusters = clusters_of(safe);
  // The tail gets the odd column: names of layers differ at their end.
  const std::size_t for_ellipsis = 1;
  std::size_t head_columns = (columns - for_ellipsis) / 2;
  std::size_t tail_columns = columns - for_ellipsis - head_columns;
  const auto head_end = take_columns(clusters.begin(), clusters.end(), head_columns);
  tail_columns += head_columns;  // what a wide character left unused
  const auto tail_begin = take_columns(clusters.rbegin(), std::make_reverse_iterator(head_end), tail_columns).base();

  std::string result = safe.substr(0, head_end == clusters.end() ? safe.size() : head_end->begin);
  result += kEllipsis;
  if (tail_begin != clusters.end()) {
    result += safe.substr(tail_begin->begin);
  }
  return result;
}

std::string fit_left(std::string_view text, std::size_t columns) {
  std::string result = shorten_middle(text, columns);
  result.append(columns - display_width(result), ' ');
  return result;
}

std::string wrap(std::string_view text, std::size_t columns, std::size_t indent, std::size_t first_column) {
  std::string out;
  std::size_t column = first_column;
  bool first = true;  // of its line
  while (!text.empty()) {
    const std::size_t begin = text.find_first_not_of(" \n");
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const std::string_view word = text.substr(0, text.find_first_of(" \n"));
    text.remove_prefix(word.size());
    const std::size_t width = display_width(word);
    if (!first && column + 1 + width > columns) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += width;
    first = false;
  }
  return out;
}

std::string upper_first(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') {
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  }
  return text;
}

std::string as_sentence(std::string text) {
  if (!text.empty() && !text.ends_with('.')) text += '.';
  return upper_first(std::move(text));
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  const std::vector<char32_t> rows = points_of(a);
  const std::vector<char32_t> columns = points_of(b);
  std::vector<std::size_t> distances(columns.size() + 1);  // of the row so far to every prefix of b
  std::iota(distances.begin(), distances.end(), std::size_t{0});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::size_t diagonal = distances[0];
    distances[0] = i + 1;
    for (std::size_t j = 0; j < columns.size(); ++j) {
      const std::size_t substituted = diagonal + (rows[i] == columns[j] ? 0 : 1);
      diagonal = distances[j + 1];
      distances[j + 1] = std::min({substituted, diagonal + 1, distances[j] + 1});
    }
  }
  return distances.back();
}

}  // namespace trtprof
