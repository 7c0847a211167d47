#include "support/run_program.h"

#include <array>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "test_paths.h"

namespace trtprof::test {
namespace {

using SteadyClock = std::chrono::steady_clock;

double seconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() {
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  void close_end(std::size_t i) {
    if (ends.at(i) >= 0) close(ends.at(i));
    ends.at(i) = -1;
  }
};

[[noreturn]] void run_child(const std::vector<std::string>& command, const ProgramOptions& options, const Pipe& out,
                            const Pipe& err) {
  const int null = open("/dev/null", O_RDONLY);
  dup2(null, STDIN_FILENO);
  const int target = options.out_path.empty() ? out.ends[1] : open(options.out_path.c_str(), O_WRONLY);
  dup2(target, STDOUT_FILENO);
  dup2(err.ends[1], STDERR_FILENO);
  for (const auto& [name, value] : options.environment) setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> argv;
  for (const std::string& argument : command) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  _exit(127);
}

// Reads both pipes until they close; sends the signal and enforces the time limit on the way.
void collect(pid_t child, const ProgramOptions& options, Pipe& out, Pipe& err, SteadyClock::time_point start,
             ProgramResult& result) {
  bool signalled = options.signal_after_seconds <= 0.0;
  std::optional<SteadyClock::time_point> armed;
  std::array<std::string*, 2> sinks{&result.out, &result.err};
  std::array<int, 2> sources{out.ends[0], err.ends[0]};
  while (sources[0] >= 0 || sources[1] >= 0) {
    std::array<pollfd, 2> polled{pollfd{sources[0], POLLIN, 0}, pollfd{sources[1], POLLIN, 0}};
    poll(polled.data(), polled.size(), 20);
    for (std::size_t i = 0; i < 2; ++i) {
      if ((polled.at(i).revents & (POLLIN | POLLHUP)) == 0) continue;
      std::array<char, 1 << 16> buffer{};
      const ssize_t got = read(sources.at(i), buffer.data(), buffer.size());
      if (got > 0)
        sinks.at(i)->append(buffer.data(), static_cast<std::size_t>(got));
      else
        sources.at(i) = -1;
    }
    if (!armed && result.err.find(options.signal_after_text) != std::string::npos) armed = SteadyClock::now();
    if (!signalled && armed && seconds_since(*armed) >= options.signal_after_seconds) {
      kill(child, options.signal);
      signalled = true;
    }
    if (seconds_since(start) > options.timeout_seconds) {
      kill(child, SIGKILL);
      ADD_FAILURE() << "killed after " << options.timeout_seconds << " s; it had said: " << result.err;
      return;
    }
  }
}

}  // namespace

ProgramResult run_program(const std::vector<std::string>& command, const ProgramOptions& options) {
  Pipe out;
  Pipe err;
  const auto start = SteadyClock::now();
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) run_child(command, options, out, err);
  out.close_end(1);
  err.close_end(1);
  ProgramResult result;
  collect(child, options, out, err, start, result);
  int status = 0;
  waitpid(child, &status, 0);
  result.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  result.seconds = seconds_since(start);
  return result;
}

ProgramResult run_tensorrt_profiling(std::vector<std::string> arguments, const ProgramOptions& options) {
  arguments.insert(arguments.begin(), kProgram);
  return run_program(arguments, options);
}

}  // namespace trtprof::test
