#include "help.h"

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
  std::vector<std::string_view> sections;
  for (const Option& option : options()) {
    if (!takes(option, command.name)) continue;
    if (sections.empty() || sections.back() != option.section) {
      sections.push_back(option.section);
      out += fmt::format("\n{}:\n", option.section);
    }
    out += option_help(option);
  }
  return out;
}

std::string version_text() {
  const std::vector<std::string> backends = available_backends();
  return fmt::format("tensorrt_profiling {} ({})\nbackends: {}\n", kVersion, kCommit,
                     backends.empty() ? std::string{"none"} : fmt::format("{}", fmt::join(backends, ", ")));
}

}  // namespace trtprof::cli
