#include "man_page.h"

#include <cstdio>

#include <fmt/format.h>

#include "commands.h"
#include "messages.h"
#include "options.h"
#include "trtprof/base/build_info.h"

namespace trtprof::cli {
namespace {

// Hyphens that are typed must be "\-"; a line must not begin with a control character.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else if (c == '\'')
      out += "\\(aq";
    else if (c == '.' && out.empty())
      out += "\\&.";
    else
      out += c;
  }
  return out;
}

std::string option_entry(const Option& option) {
  std::string head = option.short_name == '\0' ? std::string{} : fmt::format(R"(\fB\-{}\fR, )", option.short_name);
  head += fmt::format("\\fB{}\\fR", roff(option.name));
  if (takes_next_word(option)) head += fmt::format(" \\fI{}\\fR", roff(option.value));
  if (option.value_optional) head += fmt::format("[=\\fI{}\\fR]", roff(option.value));
  std::string body = roff(option.help);
  if (!option.choices.empty()) body += roff(fmt::format(" One of: {}.", fmt::join(option.choices, ", ")));
  if (!option.default_text.empty()) body += roff(fmt::format(" Default: {}.", option.default_text));
  return fmt::format(".TP\n{}\n{}\n", head, body);
}

std::string command_entry(const Command& command) {
  std::string out = fmt::format(".SS {} {}\n{}\n{}\n", roff(command.name), roff(command.operands),
                                roff(command.summary), roff(command.description));
  for (const Option& option : options())
    if (takes(option, command.name)) out += option_entry(option);
  return out + fmt::format(".PP\nExample:\n.RS\n.EX\n{}\n.EE\n.RE\n", roff(command.example));
}

}  // namespace

std::string man_page() {
  std::string out = fmt::format(
      ".TH TENSORRT_PROFILING 1 \"\" \"tensorrt_profiling {}\" \"User Commands\"\n"
      ".SH NAME\ntensorrt_profiling \\- where a neural network's time goes, why, and what to do\n"
      ".SH SYNOPSIS\n.B tensorrt_profiling\n.I MODEL\n[\\fIOPTION\\fR...]\n.br\n"
      ".B tensorrt_profiling\n.I COMMAND\n[\\fIOPERAND\\fR] [\\fIOPTION\\fR...]\n"
      ".SH COMMANDS\n",
      kVersion);
  for (const Command& command : commands()) out += command_entry(command);
  out +=
      ".SH ENVIRONMENT\n"
      ".TP\n\\fBTRTPROF_BACKEND_PATH\\fR\nFolders, colon\\-separated, searched first for backend modules.\n"
      ".TP\n\\fBTRTPROF_TENSORRT_PATH\\fR\nFolders, colon\\-separated, searched first for the libraries of TensorRT.\n"
      ".TP\n\\fBTRTPROF_NVML_LIBRARY\\fR\nNVIDIA's management library to read telemetry from, instead of "
      "libnvidia\\-ml.so.1.\n"
      ".TP\n\\fBTRTPROF_CACHE_DIR\\fR\nWhere engines of models are kept; else XDG_CACHE_HOME, else ~/.cache.\n"
      ".TP\n\\fBNO_COLOR\\fR\nNo colours.\n"
      ".SH EXIT STATUS\n"
      ".TP\n0\nDone.\n.TP\n1\nIt could not be done: bad model, failed build, failed run.\n"
      ".TP\n2\nUsage: unknown option, contradictory or invalid value.\n"
      ".TP\n3\nA gate failed.\n"
      ".TP\n4\nNot available here: no GPU, no such library, no permission.\n"
      ".TP\n130\nInterrupted; what was measured is printed and marked partial.\n";
  return out;
}

int run_man(const Settings&) {
  const bool written = std::fputs(man_page().c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  return written ? 0 : print_error({ErrorCode::failed, "the page could not be written to standard output", ""});
}

}  // namespace trtprof::cli
