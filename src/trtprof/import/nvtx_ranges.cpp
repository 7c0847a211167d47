#include "trtprof/import/nvtx_ranges.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <ranges>

namespace trtprof {
namespace {

// After domain and name: type and value of the payload, type and value of the colour, type and text of the message.
constexpr std::size_t kAttributes = 6;

constexpr std::array<std::string_view, 9> kPayloadTypes = {"none",  "uint64", "int64",          "double", "uint32",
                                                           "int32", "float",  "unsigned_int64", "unknown"};
constexpr std::array<std::string_view, 4> kColorTypes = {"none", "argb", "rgb", "unknown"};
// "Json", "JsonRegistered": the value is an object.
constexpr std::string_view kJsonType = "Json";

template <class Words>
bool is_one_of(std::string_view text, const Words& words) {
  return std::ranges::any_of(words, [&](std::string_view word) {
    return std::ranges::equal(text, word,
                              [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
  });
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find(separator, begin);
    parts.push_back(text.substr(begin, end == std::string_view::npos ? end : end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

bool is_payload_type(std::string_view text) {
  return text.starts_with(kJsonType) || is_one_of(text, kPayloadTypes);
}

// Behind the object that opens at `open`; npos: it has no end. "\n" between its parts is written as these two letters.
std::size_t end_of_object(std::string_view text, std::size_t open) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = open; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == '{' || c == '[')) {
      ++depth;
    } else if (!quoted && (c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

// Where the next payload opens; npos: none does.
std::size_t find_payload(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find(kJsonType, from); at != std::string_view::npos; at = text.find(kJsonType, at + 1)) {
    std::size_t end = at;
    while (end < text.size() && std::isalpha(static_cast<unsigned char>(text[end])) != 0) ++end;
    if (at > 0 && text[at - 1] == ':' && text.substr(end).starts_with(":{")) return end + 1;
  }
  return std::string_view::npos;
}

// Its first quote is not doubled.
bool is_bare(std::string_view payload) {
  const std::size_t quote = payload.find('"');
  return quote != std::string_view::npos && !payload.substr(quote).starts_with("\"\"");
}

// Without the payloads for which `drop` holds.
template <class Predicate>
std::optional<std::string> without_payloads(std::string_view text, Predicate drop) {
  std::string kept;
  std::size_t done = 0;
  for (std::size_t open = find_payload(text, 0); open != std::string_view::npos; open = find_payload(text, done)) {
    kept += text.substr(done, open - done);
    done = open;
    if (drop(text.substr(open))) {
      done = end_of_object(text, open);
      if (done == std::string_view::npos) return std::nullopt;
    }
  }
  kept += text.substr(done);
  return kept;
}

// Names hold colons ("ExecutionContext::enqueue"), and so may a message at the end.
NvtxRange parse_range(std::string_view text, NvtxCell kind) {
  if (kind == NvtxCell::start_stop) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits > 0 && text.substr(digits).starts_with(':')) text.remove_prefix(digits + 1);
  }
  const std::vector<std::string_view> parts = split(text, ':');
  if (parts.size() == 1) return {"", std::string(text)};
  std::size_t end = parts.size() > kAttributes + 1 ? parts.size() - kAttributes : parts.size();
  for (std::size_t i = 2; i + kAttributes <= parts.size(); ++i) {
    if (is_payload_type(parts[i]) && is_one_of(parts[i + 2], kColorTypes)) {
      end = i;
      break;
    }
  }
  const char* first = parts[1].data();
  const char* last = parts[end - 1].data() + parts[end - 1].size();
  return {std::string(parts[0]), std::string(first, last)};
}

}  // namespace

std::optional<std::string> without_bare_payloads(std::string_view row) {
  return without_payloads(row, is_bare);
}

std::optional<std::vector<NvtxRange>> parse_nvtx_cell(std::string_view cell, NvtxCell kind) {
  const std::optional<std::string> plain = without_payloads(cell, [](std::string_view) { return true; });
  if (!plain) return std::nullopt;
  std::string_view rest = *plain;
  const auto skip = [&rest](std::string_view characters) {
    rest.remove_prefix(std::min(rest.find_first_not_of(characters), rest.size()));
  };
  std::vector<NvtxRange> ranges;
  skip("0123456789");  // the thread
  while (true) {
    const std::size_t before = rest.size();
    skip(" ");
    if (rest.empty()) return ranges;
    const bool separated = rest.size() < before || ranges.empty();
    if (!separated || rest.front() != '"') return std::nullopt;
    const std::size_t close = rest.find('"', 1);
    if (close == std::string_view::npos) return std::nullopt;
    ranges.push_back(parse_range(rest.substr(1, close - 1), kind));
    rest.remove_prefix(close + 1);
  }
}

bool is_layer_range(const NvtxRange& range) {
  return range.domain == kTensorRtDomain && !range.name.empty() && !range.name.starts_with("ExecutionContext::") &&
         !range.name.starts_with("IExecutionContext::");
}

bool is_inference_range(const NvtxRange& range) {
  return range.domain == kOwnDomain && range.name == kInferenceRange;
}

std::string layer_of_ranges(const std::vector<NvtxRange>& ranges) {
  const auto from_innermost = std::views::reverse(ranges);
  const auto found = std::ranges::find_if(from_innermost, is_layer_range);
  return found == from_innermost.end() ? std::string() : found->name;
}

}  // namespace trtprof
