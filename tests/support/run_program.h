// Runs a program as a user would and keeps what it printed.
#pragma once

#include <csignal>
#include <functional>
#include <string>
#include <vector>

namespace trtprof::test {

struct ProgramResult {
  int exit_code = -1;  // 128 + signal when one ended it, as a shell says
  std::string out;
  std::string err;
  double seconds = 0.0;
};

struct ProgramOptions {
  std::vector<std::pair<std::string, std::string>> environment = {};  // added to this process's
  double timeout_seconds = 120.0;                                     // then it is killed and the test fails
  // Sends `signal` once this many seconds have passed since standard error held `signal_after_text` (since the start
  // when that is empty); 0: never.
  double signal_after_seconds = 0.0;
  std::string signal_after_text = {};
  int signal = SIGINT;
  std::string out_path = {};  // standard output goes there instead ("/dev/full")
};

[[nodiscard]] ProgramResult run_program(const std::vector<std::string>& command, const ProgramOptions& options = {});

// The program under test, with these arguments.
[[nodiscard]] ProgramResult run_tensorrt_profiling(std::vector<std::string> arguments,
                                                   const ProgramOptions& options = {});

}  // namespace trtprof::test
