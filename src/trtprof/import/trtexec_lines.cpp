#include "trtprof/import/trtexec_lines.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <map>

#include <fmt/format.h>

#include "trtprof/import/trtexec_names.h"

namespace trtprof {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Takes the word at the beginning, or at the end, away from `text`.
std::string_view take_first(std::string_view& text) {
  text = trimmed(text);
  const std::string_view word = text.substr(0, text.find_first_of(" \t"));
  text.remove_prefix(word.size());
  return word;
}

std::string_view take_last(std::string_view& text) {
  text = trimmed(text);
  const std::size_t space = text.find_last_of(" \t");
  const std::string_view word = space == std::string_view::npos ? text : text.substr(space + 1);
  text.remove_suffix(word.size());
  return word;
}

std::optional<double> number_of(std::string_view word) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc() && end == word.data() + word.size() && !word.empty() ? std::optional(value)
                                                                                   : std::nullopt;
}

std::optional<std::vector<std::int64_t>> dimensions_of(std::string_view text) {
  std::vector<std::int64_t> dims;
  while (!text.empty()) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || value < 0) return std::nullopt;
    dims.push_back(value);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) break;
    if (text.front() != 'x') return std::nullopt;
    text.remove_prefix(1);
  }
  return dims;
}

}  // namespace

std::optional<TrtexecLine> trtexec_line(std::string_view line) {
  // "[11/22/2026-16:04:20] " in front, where the shell or a container wrote nothing before it.
  constexpr std::size_t longest_stamp = 64;
  const std::string_view head = line.substr(0, longest_stamp);
  for (const std::string_view mark : {"[I] ", "[W] ", "[E] ", "[V] ", "[F] "}) {
    const std::size_t at = head.find(mark);
    if (at == std::string_view::npos || (at > 0 && head.substr(0, at).find("] ") == std::string_view::npos)) continue;
    return TrtexecLine{mark[1], line.substr(at + mark.size())};
  }
  return std::nullopt;
}

std::optional<std::pair<std::string_view, std::string_view>> key_and_value(std::string_view text) {
  const std::size_t at = text.find(": ");
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  const std::string_view value = trimmed(text.substr(at + 2));
  return value.empty() ? std::nullopt : std::optional(std::pair(trimmed(text.substr(0, at)), value));
}

std::string version_text(std::string_view version) {
  int number = 0;
  const auto [end, error] = std::from_chars(version.data(), version.data() + version.size(), number);
  if (error != std::errc() || end != version.data() + version.size() || number < 1000) return std::string(version);
  // NV_TENSORRT_VERSION: 8205 up to TensorRT 9, 100600 since 10.
  if (number < 10'000) return fmt::format("{}.{}.{}", number / 1000, number / 100 % 10, number % 100);
  return fmt::format("{}.{}.{}", number / 10'000, number / 100 % 100, number % 100);
}

std::optional<double> leading_number(std::string_view text) {
  return number_of(take_first(text));
}

std::optional<TrtexecSummary> trtexec_summary(std::string_view text, std::size_t count) {
  std::map<std::string, double, std::less<>> values;
  while (!text.empty()) {
    const std::size_t comma = text.find(", ");
    const std::string_view part = text.substr(0, comma);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 2);
    const std::size_t equals = part.find(" = ");
    if (equals == std::string_view::npos) continue;
    const auto value = leading_number(part.substr(equals + 3));
    if (value && is_time(*value)) values[std::string(trimmed(part.substr(0, equals)))] = *value * kMillisecond;
  }
  TrtexecSummary result;
  Summary& summary = result.summary;
  for (const auto& [name, target] : {std::pair{"min", &summary.min}, std::pair{"max", &summary.max},
                                     std::pair{"mean", &summary.mean}, std::pair{"median", &summary.median}}) {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    *target = found->second;
  }
  double above = summary.max;
  for (const auto& [name, target] :
       {std::pair{"percentile(99%)", &summary.p99}, std::pair{"percentile(95%)", &summary.p95},
        std::pair{"percentile(90%)", &summary.p90}}) {
    const auto found = values.find(name);
    result.bounded = result.bounded || found == values.end();
    *target = above = found == values.end() ? above : found->second;
  }
  summary.count = count;
  summary.effective_count = static_cast<double>(count);
  return result;
}

std::optional<TrtexecBinding> trtexec_binding(std::string_view text) {
  constexpr std::string_view between = " with dimensions ";
  TrtexecBinding binding;
  bool known = false;
  for (const auto& [beginning, input] :
       {std::pair{"Input binding for ", true}, std::pair{"Output binding for ", false},
        std::pair{"Created input binding for ", true}, std::pair{"Created output binding for ", false}}) {
    if (!text.starts_with(beginning)) continue;
    known = true;
    binding.input = input;
    text.remove_prefix(std::string_view(beginning).size());
    break;
  }
  const std::size_t at = text.rfind(between);
  if (!known || at == std::string_view::npos) return std::nullopt;
  binding.tensor.name = text.substr(0, at);
  std::string_view rest = text.substr(at + between.size());
  const auto dims = dimensions_of(take_first(rest));
  if (!dims) return std::nullopt;
  binding.tensor.shape = *dims;
  return binding;
}

std::optional<TrtexecRow> trtexec_row(std::string_view text, bool name_first, bool has_median) {
  // In print's order: time, average, median, share.
  std::vector<double> numbers;
  const std::size_t columns = has_median ? 4 : 3;
  for (std::size_t i = 0; i < columns; ++i) {
    const auto number = number_of(name_first ? take_last(text) : take_first(text));
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  if (name_first) std::ranges::reverse(numbers);
  TrtexecRow row;
  row.name = trimmed(text);
  row.average = numbers[1];
  if (has_median) row.median = numbers[2];
  return row.name.empty() ? std::nullopt : std::optional(std::move(row));
}

}  // namespace trtprof
