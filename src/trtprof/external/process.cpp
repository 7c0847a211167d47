#include "trtprof/external/process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>

#include "trtprof/base/text.h"

namespace trtprof {
namespace {

using Clock = std::chrono::steady_clock;

// How often the stop flag and the time are looked at while the program is silent.
constexpr int kPollMilliseconds = 100;
constexpr std::size_t kChunk = 1 << 16;
constexpr int kSignalBase = 128;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string reason_of(int error) {
  return std::error_code(error, std::system_category()).message();
}

class Pipe {
 public:
  Pipe() {
    if (pipe2(ends_.data(), O_CLOEXEC) != 0) ends_ = {-1, -1};
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  [[nodiscard]] bool open() const { return ends_[0] >= 0; }
  [[nodiscard]] int end(std::size_t i) const { return ends_.at(i); }
  void close_end(std::size_t i) {
    if (ends_.at(i) >= 0) close(ends_.at(i));
    ends_.at(i) = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

std::vector<std::string> child_environment(const ProcessOptions& options) {
  const auto name_of = [](std::string_view entry) { return entry.substr(0, entry.find('=')); };
  std::vector<std::string> entries;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view name = name_of(*entry);
    const bool replaced = std::ranges::any_of(options.environment, [&](const auto& e) { return e.first == name; });
    const bool removed = std::ranges::find(options.unset, name) != options.unset.end();
    if (!replaced && !removed) entries.emplace_back(*entry);
  }
  for (const auto& [name, value] : options.environment) entries.push_back(fmt::format("{}={}", name, value));
  return entries;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

// What a new program begins with.
struct Start {
  const char* program;
  char* const* arguments;
  char* const* environment;
  int out;
  int err;
  int report;  // takes errno of an exec that failed; closed by one that did not
  pid_t parent;
};

// Between fork and exec, where only system calls are safe. When this process ends without stopping it, however that
// comes about, the program is asked to end: it would go on measuring beside whoever measures next.
[[noreturn]] void become(const Start& start) {
  constexpr int cannot_run = 127;  // as a shell says
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != start.parent) _exit(cannot_run);
  for (const int number : {SIGINT, SIGTERM, SIGPIPE, SIGQUIT}) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
  const int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (in >= 0 && dup2(in, STDIN_FILENO) >= 0 && dup2(start.out, STDOUT_FILENO) >= 0 &&
      dup2(start.err, STDERR_FILENO) >= 0) {
    execve(start.program, start.arguments, start.environment);
  }
  const int error = errno;
  static_cast<void>(write(start.report, &error, sizeof error));
  _exit(cannot_run);
}

// The new program's process id; a negative one is errno of what failed.
pid_t start_program(const std::vector<std::string>& command, const ProcessOptions& options, const Pipe& out,
                    const Pipe& err) {
  Pipe report;
  if (!report.open()) return -errno;
  std::vector<std::string> arguments = command;
  std::vector<std::string> environment = child_environment(options);
  const std::vector<char*> argument_pointers = pointers(arguments);
  const std::vector<char*> environment_pointers = pointers(environment);
  const Start start{command.at(0).c_str(),
                    argument_pointers.data(),
                    environment_pointers.data(),
                    out.end(1),
                    err.end(1),
                    report.end(1),
                    getpid()};
  const pid_t child = fork();
  if (child == 0) become(start);
  if (child < 0) return -errno;
  report.close_end(1);
  int error = 0;
  ssize_t got = 0;  // nothing: the program runs. An int comes whole through a pipe.
  do {
    got = read(report.end(0), &error, sizeof error);
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return child;
  waitpid(child, nullptr, 0);
  return -error;
}

// Watches a program that runs: reads its outputs, and ends it when its time is up or the user stops us.
class Watch {
 public:
  Watch(pid_t child, const ProcessOptions& options) : child_(child), options_(options) {}

  ProcessEnd until_end(Pipe& out, Pipe& err) {
    while (!exited_ || out.open() || err.open()) {
      if (out.open() || err.open()) {
        read_some(out, err);
      } else {
        std::this_thread::sleep_for(std::chrono::milliseconds(kPollMilliseconds / 10));
      }
      reap();
      // A grandchild may hold the pipes for ever: what the program itself said is read by now.
      if (exited_ && (out.open() || err.open()) && seconds_since(*exited_) > options_.grace_seconds) break;
      stop_if_asked();
    }
    if (exited_) killpg(child_, SIGKILL);  // whatever it left behind
    return end_;
  }

 private:
  void read_some(Pipe& out, Pipe& err) {
    std::array<pollfd, 2> polled{pollfd{out.end(0), POLLIN, 0}, pollfd{err.end(0), POLLIN, 0}};
    poll(polled.data(), polled.size(), kPollMilliseconds);
    if (polled[0].revents != 0) take(out, options_.on_out);
    if (polled[1].revents != 0) take(err, options_.on_err);
  }

  static void take(Pipe& pipe, const std::function<void(std::string_view)>& sink) {
    static thread_local std::array<char, kChunk> buffer;
    const ssize_t got = read(pipe.end(0), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) return;
    if (got <= 0) {
      pipe.close_end(0);
    } else if (sink) {
      sink(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
    }
  }

  void reap() {
    if (exited_) return;
    int status = 0;
    const pid_t ended = waitpid(child_, &status, WNOHANG);
    if (ended != child_) return;
    exited_ = Clock::now();
    if (WIFSIGNALED(status)) {
      end_.signal = WTERMSIG(status);
      end_.exit_code = kSignalBase + WTERMSIG(status);
    } else {
      end_.exit_code = WEXITSTATUS(status);
    }
  }

  void stop_if_asked() {
    if (exited_) return;
    if (asked_) {
      if (seconds_since(*asked_) > options_.grace_seconds) killpg(child_, SIGKILL);
      return;
    }
    end_.timed_out = options_.timeout_seconds > 0.0 && seconds_since(start_) > options_.timeout_seconds;
    end_.interrupted = !end_.timed_out && options_.stop != nullptr && options_.stop->requested();
    if (!end_.timed_out && !end_.interrupted) return;
    asked_ = Clock::now();
    killpg(child_, SIGINT);
  }

  pid_t child_;
  const ProcessOptions& options_;
  Clock::time_point start_ = Clock::now();
  std::optional<Clock::time_point> asked_;
  std::optional<Clock::time_point> exited_;
  ProcessEnd end_;
};

}  // namespace

Result<ProcessEnd> run_process(const std::vector<std::string>& command, const ProcessOptions& options) {
  Pipe out;
  Pipe err;
  if (!out.open() || !err.open()) return fail(fmt::format("no pipe could be made: {}", reason_of(errno)));
  const pid_t child = start_program(command, options, out, err);
  if (child < 0) return fail(fmt::format("{} could not be started: {}", printable(command[0]), reason_of(-child)));
  out.close_end(1);
  err.close_end(1);
  return Watch(child, options).until_end(out, err);
}

std::string shown_command(const std::vector<std::string>& command) {
  std::string shown;
  for (const std::string& argument : command) {
    shown += shown.empty() ? "" : " ";
    const bool plain =
        !argument.empty() &&
        argument.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%") ==
            std::string::npos;
    if (plain) {
      shown += argument;
      continue;
    }
    shown += '\'';
    for (const char c : argument) shown += c == '\'' ? std::string("'\\''") : std::string(1, c);
    shown += '\'';
  }
  return shown;
}

}  // namespace trtprof
