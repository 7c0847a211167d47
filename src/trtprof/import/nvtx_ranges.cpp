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
constexpr std::array<std::string_view, 3> kColorTypes = {"none", "argb", "unknown"};

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

// Names hold colons ("ExecutionContext::enqueue"), and so may a message at the end.
NvtxRange parse_range(std::string_view text) {
  const std::vector<std::string_view> parts = split(text, ':');
  if (parts.size() == 1) return {"", std::string(text)};
  std::size_t end = parts.size() > kAttributes + 1 ? parts.size() - kAttributes : parts.size();
  for (std::size_t i = 2; i + kAttributes <= parts.size(); ++i) {
    if (is_one_of(parts[i], kPayloadTypes) && is_one_of(parts[i + 2], kColorTypes)) {
      end = i;
      break;
    }
  }
  const char* first = parts[1].data();
  const char* last = parts[end - 1].data() + parts[end - 1].size();
  return {std::string(parts[0]), std::string(first, last)};
}

}  // namespace

std::vector<NvtxRange> parse_nvtx_cell(std::string_view cell) {
  std::vector<NvtxRange> ranges;
  for (std::size_t open = cell.find('"'); open != std::string_view::npos;) {
    const std::size_t close = cell.find('"', open + 1);
    if (close == std::string_view::npos) break;
    ranges.push_back(parse_range(cell.substr(open + 1, close - open - 1)));
    open = cell.find('"', close + 1);
  }
  return ranges;
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
