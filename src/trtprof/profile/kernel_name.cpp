#include "trtprof/profile/kernel_name.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cxxabi.h>
#include <memory>
#include <utility>

namespace trtprof {
namespace {

constexpr std::string_view kAnonymous = "{anonymous}";
// How demanglers spell a namespace without a name; its brackets are no arguments.
constexpr std::array<std::string_view, 3> kAnonymousForms = {"(anonymous namespace)", "<unnamed>",
                                                             "_GLOBAL__N__unnamed"};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// What stands outside every <...>; ends before the parameters.
std::string without_arguments(std::string_view text) {
  std::string kept;
  int depth = 0;
  for (const char c : text) {
    if (c == '<') {
      ++depth;
    } else if (c == '>') {
      depth = std::max(0, depth - 1);
    } else if (depth == 0) {
      if (c == '(') break;
      kept += c;
    }
  }
  return kept;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool cut_ending(std::string_view& text) {
  for (const std::string_view dots : {std::string_view("..."), std::string_view("\u2026")}) {
    if (text.ends_with(dots)) {
      text.remove_suffix(dots.size());
      return true;
    }
  }
  return false;
}

std::string_view last_part(std::string_view name) {
  const std::size_t colons = name.rfind("::");
  return colons == std::string_view::npos ? name : name.substr(colons + 2);
}

bool begins_with(std::string_view whole, std::string_view beginning) {
  return whole.starts_with(beginning) || last_part(whole).starts_with(beginning);
}

}  // namespace

std::string demangled(std::string_view name) {
  if (!name.starts_with("_Z")) return std::string(name);
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(std::string(name).c_str(), nullptr, nullptr, &status), &std::free);
  return status == 0 && text ? std::string(text.get()) : std::string(name);
}

std::string function_name(std::string_view kernel) {
  std::string text = demangled(trimmed(kernel));
  for (const std::string_view form : kAnonymousForms) replace_all(text, form, kAnonymous);
  text = without_arguments(text);
  const std::string_view name = trimmed(text);
  const std::size_t space = name.rfind(' ');  // behind the return type
  return std::string(space == std::string_view::npos ? name : name.substr(space + 1));
}

bool same_function(std::string_view a, std::string_view b) {
  a = trimmed(a);
  b = trimmed(b);
  const bool a_cut = cut_ending(a);
  const bool b_cut = cut_ending(b);
  const std::string first = function_name(a);
  const std::string second = function_name(b);
  if (first.empty() || second.empty()) return false;
  if (a_cut && begins_with(second, first)) return true;
  if (b_cut && begins_with(first, second)) return true;
  if (a_cut || b_cut) return false;
  const bool both_qualified = first.find("::") != std::string::npos && second.find("::") != std::string::npos;
  return both_qualified ? first == second : last_part(first) == last_part(second);
}

}  // namespace trtprof
