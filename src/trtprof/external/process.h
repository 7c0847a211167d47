// A program run for the user: no shell, both of its outputs read as they come, stopped when the user stops us.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/base/stop_flag.h"

namespace trtprof {

struct ProcessOptions {
  std::vector<std::pair<std::string, std::string>> environment = {};  // in place of this process's
  std::vector<std::string> unset = {};                                // taken out of this process's environment
  double timeout_seconds = 0.0;                                       // 0: none
  // What it may take to end after SIGINT, before SIGKILL: profilers write their reports then.
  double grace_seconds = 5.0;
  const StopFlag* stop = nullptr;                     // then it gets SIGINT, and SIGKILL if it stays
  std::function<void(std::string_view)> on_out = {};  // chunks as they come, not lines
  std::function<void(std::string_view)> on_err = {};
};

struct ProcessEnd {
  int exit_code = 0;          // 128 + signal when one ended it, as a shell says
  std::optional<int> signal;  // that ended it
  bool timed_out = false;
  bool interrupted = false;
};

// `command[0]` is a path. The program is a process group of its own, so that what it starts ends with it; its standard
// input is empty. It gets SIGTERM when this process (or the thread that calls) ends before it, killed or not. Fails
// when it cannot be started.
[[nodiscard]] Result<ProcessEnd> run_process(const std::vector<std::string>& command, const ProcessOptions& options);

// For messages and records: arguments with spaces or signs of the shell in quotes.
[[nodiscard]] std::string shown_command(const std::vector<std::string>& command);

}  // namespace trtprof
