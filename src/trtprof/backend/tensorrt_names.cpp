#include "trtprof/backend/tensorrt_names.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

namespace trtprof {
namespace {

constexpr std::string_view kForeignNode = "{ForeignNode[";
constexpr std::string_view kReformattingCopy = "Reformatting CopyNode";

// Not of the model, though a layer's name holds it.
bool is_engine_name(std::string_view name) {
  static constexpr std::array<std::string_view, 6> beginnings = {
      "(Unnamed Layer*", kReformattingCopy, "__my", kForeignNode, "copied_squeeze_after", "[trainStation"};
  return name.empty() || is_engine_copy(name) || name.find("ONNXTRT_") != std::string_view::npos ||
         std::ranges::any_of(beginnings, [&](std::string_view begin) { return name.starts_with(begin); });
}

// At separators that are in no bracket.
std::vector<std::string_view> split_outside_brackets(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    depth = std::max(0, depth + (text[i] == '(' || text[i] == '{' ? 1 : text[i] == ')' || text[i] == '}' ? -1 : 0));
    if (depth == 0 && text.substr(i).starts_with(separator)) {
      parts.push_back(text.substr(start, i - start));
      i += separator.size() - 1;
      start = i + 1;
    }
  }
  parts.push_back(text.substr(start));
  return parts;
}

}  // namespace

bool is_engine_copy(std::string_view name) {
  return name.starts_with(kReformattingCopy) || name.ends_with(" copy");
}

bool is_foreign_node(std::string_view layer_name) {
  return layer_name.starts_with(kForeignNode);
}

std::string_view without_myelin_number(std::string_view name) {
  constexpr std::string_view mark = "_myl";
  const std::size_t at = name.rfind(mark);
  if (at == std::string_view::npos || at == 0) return name;
  const std::string_view numbers = name.substr(at + mark.size());  // "55_1"
  const std::size_t split = numbers.find('_');
  const auto is_number = [](std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
  };
  if (split == std::string_view::npos || !is_number(numbers.substr(0, split)) ||
      !is_number(numbers.substr(split + 1))) {
    return name;
  }
  return name.substr(0, at);
}

bool is_of_another_profile(std::string_view name) {
  const std::size_t at = name.rfind("[profile ");
  if (at == std::string_view::npos || !name.ends_with(']')) return false;
  const std::string_view number = name.substr(at + 9, name.size() - at - 10);
  return !number.empty() && std::ranges::all_of(number, [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::vector<std::string> names_in_layer_name(std::string_view layer_name) {
  std::vector<std::string> names;
  std::vector<std::string_view> pending{layer_name};
  const auto look_into = [&](const std::vector<std::string_view>& parts) {
    pending.insert(pending.end(), parts.rbegin(), parts.rend());
  };
  while (!pending.empty()) {
    const std::string_view text = pending.back();
    pending.pop_back();
    if (const auto sum = split_outside_brackets(text, " + "); sum.size() > 1) {
      look_into(sum);
    } else if (const auto side_by_side = split_outside_brackets(text, " || "); side_by_side.size() > 1) {
      look_into(side_by_side);
    } else if (text.starts_with("PWN(") && text.ends_with(')')) {
      look_into(split_outside_brackets(text.substr(4, text.size() - 5), ", "));
    } else if (is_foreign_node(text) && text.ends_with("]}")) {
      const std::string_view ends = text.substr(kForeignNode.size(), text.size() - kForeignNode.size() - 2);
      look_into(split_outside_brackets(ends, "..."));
    } else if (!is_engine_name(text)) {
      names.emplace_back(text);
    }
  }
  return names;
}

std::string numbered_name(const std::string& name, std::size_t k) {
  return k == 1 ? name : fmt::format("{} #{}", name, k);
}

}  // namespace trtprof
