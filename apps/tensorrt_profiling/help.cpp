#include "help.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "trtprof/backend/module.h"
#include "trtprof/base/build_info.h"
#include "trtprof/base/text.h"

namespace trtprof::cli {
namespace {

constexpr std::size_t kWidth = 100;  // fits a modern terminal, and a man page reader rewraps anyway
constexpr std::size_t kHelpColumn = 28;

std::string option_help(const Option& option) {
  std::string head = option.short_name == '\0' ? fmt::format("      {}", option.name)
                                               : fmt::format("  -{}, {}", option.short_name, option.name);
  if (takes_next_word(option)) head += fmt::format(" {}", option.value);
  if (option.value_optional) head += fmt::format("[={}]", option.value);
  std::string body{option.help};
  if (!option.choices.empty()) body += fmt::format(" One of: {}.", fmt::join(option.choices, ", "));
  if (!option.default_text.empty()) body += fmt::format(" Default: {}.", option.default_text);
  const bool own_line = head.size() + 2 > kHelpColumn;
  head += own_line ? '\n' + std::string(kHelpColumn, ' ') : std::string(kHelpColumn - head.size(), ' ');
  return head + wrap(body, kWidth, kHelpColumn, kHelpColumn) + '\n';
}

}  // namespace

std::string help_text() {
  std::string out =
      "tensorrt_profiling: where does a neural network's time go, why, what to do, and did it help?\n\n"
      "Usage: tensorrt_profiling MODEL [OPTION...]\n"
      "       tensorrt_profiling COMMAND [OPERAND] [OPTION...]\n\nCommands:\n";
  for (const Command& command : commands())
    out += fmt::format("  {:<18} {}\n", fmt::format("{} {}", command.name, command.operands), command.summary);
  out +=
      "\n'tensorrt_profiling COMMAND --help' lists the options of a command; 'tensorrt_profiling MODEL' is "
      "'profile MODEL'.\n      --version             Versions of the program and the backends it sees.\n";
  return out;
}

std::string help_text(const Command& command) {
  std::string out =
      fmt::format("{}\n\nUsage: tensorrt_profiling {} {} [OPTION...]\n\n{}\n\nExample:\n  {}\n", command.summary,
                  command.name, command.operands, wrap(command.description, kWidth, 0, 0), command.example);
  // Rows of one section come from several files: each section stands where its first row does.
  std::vector<std::pair<std::string_view, std::string>> sections;
  for (const Option& option : options()) {
    if (!takes(option, command.name)) continue;
    auto section = std::ranges::find(sections, option.section, &std::pair<std::string_view, std::string>::first);
    if (section == sections.end()) section = sections.emplace(section, option.section, "");
    section->second += option_help(option);
  }
  for (const auto& [section, rows] : sections) out += fmt::format("\n{}:\n{}", section, rows);
  return out;
}

std::string version_text() {
  const std::vector<std::string> backends = available_backends();
  return fmt::format("tensorrt_profiling {} ({})\nbackends: {}\n", kVersion, kCommit,
                     backends.empty() ? std::string{"none"} : fmt::format("{}", fmt::join(backends, ", ")));
}

}  // namespace trtprof::cli
