// What goes to standard error: errors, warnings, what --verbose says.
#pragma once

#include <string_view>

#include "trtprof/base/error.h"

namespace trtprof::cli {

// Once, at the start.
void set_up_messages(bool verbose, bool color);

void print_note(std::string_view text);     // always
void print_warning(std::string_view text);  // always
void print_verbose(std::string_view text);  // with --verbose
// "error: MESSAGE" and, when there is one, "hint: HINT". Returns the exit code of its kind.
int print_error(const Error& error);

// Is this stream a terminal that wants colours? NO_COLOR (no-color.org) and TERM=dumb say no.
[[nodiscard]] bool wants_color(int file_descriptor, bool no_color);

}  // namespace trtprof::cli
