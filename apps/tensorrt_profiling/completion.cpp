#include "completion.h"

#include <cstdio>

#include <fmt/format.h>

#include "commands.h"
#include "messages.h"
#include "options.h"

namespace trtprof::cli {
namespace {

// Inside single quotes of a shell.
std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return out + "'";
}

std::string command_names() {
  std::string names;
  for (const Command& command : commands()) names += fmt::format("{}{}", names.empty() ? "" : " ", command.name);
  return names;
}

std::string option_names(std::string_view command) {
  std::string names = "--help";
  for (const Option& option : options()) {
    if (!takes(option, command)) continue;
    names += fmt::format(" {}", option.name);
    if (option.short_name != '\0') names += fmt::format(" -{}", option.short_name);
  }
  return names;
}

// The pattern of a bash `case` for an option: "--output|-o".
std::string spellings(const Option& option, std::string_view separator) {
  return option.short_name == '\0' ? std::string{option.name}
                                   : fmt::format("{}{}-{}", option.name, separator, option.short_name);
}

std::string bash_values() {
  std::string cases;
  for (const Option& option : options()) {
    if (!takes_next_word(option)) continue;
    std::string action;
    switch (option.completion) {
      case Completion::choices:
        action = fmt::format("COMPREPLY=($(compgen -W {} -- \"$current\"))",
                             shell_quoted(fmt::format("{}", fmt::join(option.choices, " "))));
        break;
      case Completion::file:
        action = "COMPREPLY=($(compgen -f -- \"$current\"))";
        break;
      case Completion::none:
        action = "COMPREPLY=()";
        break;
    }
    cases += fmt::format("    {}) {}; return ;;\n", spellings(option, "|"), action);
  }
  return cases;
}

std::string bash_script() {
  std::string by_command;
  std::string operands;
  for (const Command& command : commands()) {
    by_command += fmt::format("      {}) words={} ;;\n", command.name, shell_quoted(option_names(command.name)));
    if (!operand_choices(command).empty())
      operands += fmt::format("      {}) words={} ;;\n", command.name,
                              shell_quoted(fmt::format("{}", fmt::join(operand_choices(command), " "))));
  }
  return fmt::format(R"(# bash completion of tensorrt_profiling; made by `tensorrt_profiling completion bash`.
_tensorrt_profiling() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}} words command=profile
  case " {0} " in *" ${{COMP_WORDS[1]}} "*) [ "$COMP_CWORD" -gt 1 ] && command=${{COMP_WORDS[1]}} ;; esac
  case $previous in
{1}  esac
  if [[ $current == -* ]]; then
    case $command in
{2}    esac
    COMPREPLY=($(compgen -W "$words --version" -- "$current"))
  elif [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W {3} -- "$current") $(compgen -f -- "$current"))
  else
    case $command in
{4}      *) COMPREPLY=($(compgen -f -- "$current")); return ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}}
complete -o filenames -F _tensorrt_profiling tensorrt_profiling
)",
                     command_names(), bash_values(), by_command, shell_quoted(command_names()), operands);
}

// In _arguments a description stands in brackets and values after colons.
std::string zsh_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_argument(const Option& option) {
  std::string action;
  if (!option.value.empty()) {
    action = fmt::format("{}:{}:", option.value_optional ? ":" : "", zsh_escaped(option.value));
    if (option.completion == Completion::choices) action += fmt::format("({})", fmt::join(option.choices, " "));
    if (option.completion == Completion::file) action += "_files";
  }
  const std::string text = fmt::format("[{}]{}", zsh_escaped(option.help), action);
  std::string out;
  const std::string repeat = option.repeatable ? "*" : "";
  const std::string joined = option.value_optional ? "=-" : "";  // in one word with its value
  out += fmt::format("        {}", shell_quoted(repeat + std::string{option.name} + joined + text));
  if (option.short_name != '\0')
    out += fmt::format(" {}", shell_quoted(fmt::format("{}-{}{}", repeat, option.short_name, text)));
  return out + " \\\n";
}

std::string zsh_script() {
  std::string cases;
  std::string described;
  for (const Command& command : commands()) {
    described +=
        fmt::format("    {}\n", shell_quoted(fmt::format("{}:{}", command.name, zsh_escaped(command.summary))));
    std::string arguments;
    for (const Option& option : options())
      if (takes(option, command.name)) arguments += zsh_argument(option);
    const std::vector<std::string> choices = operand_choices(command);
    const std::string operand = choices.empty() ? std::string{"_files"} : fmt::format("({})", fmt::join(choices, " "));
    cases += fmt::format(
        "      {})\n      _arguments -s \\\n{}        '--help[Options of this command.]' \\\n        {}\n      ;;\n",
        command.name, arguments,
        shell_quoted(fmt::format("{}:{}:{}", command.more_operands ? "*" : "1", command.operands, operand)));
  }
  return fmt::format(R"(#compdef tensorrt_profiling
# zsh completion of tensorrt_profiling; made by `tensorrt_profiling completion zsh`.
_tensorrt_profiling() {{
  local -a names
  names=(
{0}  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe command names
    _files
    return
  fi
  local command=profile
  if (( ${{names[(I)$words[2]:*]}} )); then
    command=$words[2]
    shift words
    (( CURRENT-- ))
  fi
  case $command in
{1}  esac
}}
compdef _tensorrt_profiling tensorrt_profiling
)",
                     described, cases);
}

}  // namespace

std::vector<std::string> completion_shells() {
  return {"bash", "zsh"};
}

std::string completion_script(std::string_view shell) {
  return shell == "zsh" ? zsh_script() : bash_script();
}

int run_completion(const Settings& settings) {
  const std::string& shell = settings.operands.at(0);
  if (shell != "bash" && shell != "zsh")
    return print_error({ErrorCode::usage, fmt::format("no completion for '{}'", shell), "there is bash and zsh"});
  const bool written = std::fputs(completion_script(shell).c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  return written ? 0 : print_error({ErrorCode::failed, "the script could not be written to standard output", ""});
}

}  // namespace trtprof::cli
