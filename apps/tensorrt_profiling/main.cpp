// tensorrt_profiling: the program. Everything it does is in the subcommands' files.
#include <cstdio>
#include <exception>
#include <string>
#include <unistd.h>
#include <variant>
#include <vector>

#include "accuracy_run.h"
#include "command_line.h"
#include "messages.h"
#include "options.h"

int main(int argc, char** argv) {
  using namespace trtprof::cli;
  set_up_messages(/*verbose=*/false, wants_color(STDERR_FILENO, /*no_color=*/false));
  try {
    const auto parsed = parse_command_line(std::vector<std::string>(argv + 1, argv + argc));
    if (!parsed) return print_error(parsed.error());
    if (const auto* answer = std::get_if<Answer>(&*parsed)) {
      const bool written = std::fputs(answer->text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
      return written ? 0 : 1;
    }
    const auto& settings = std::get<Settings>(*parsed);
    set_up_messages(settings.verbose, wants_color(STDERR_FILENO, settings.no_color));
    if (const trtprof::Status used = check_preprocess(settings); !used) return print_error(used.error());
    return find_command(settings.command)->run(settings);
  } catch (const std::exception& error) {
    return print_error({trtprof::ErrorCode::failed, std::string{"unexpected: "} + error.what(),
                        "this is a bug in tensorrt_profiling; please report it with the command line"});
  }
}
