#include "trtprof/external/process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
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

// Descriptors and signals of the new program, set between fork and exec.
class SpawnSetup {
 public:
  SpawnSetup(const Pipe& out, const Pipe& err) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, out.end(1), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, err.end(1), STDERR_FILENO);
    posix_spawnattr_init(&attributes_);
    sigset_t defaults;
    sigset_t none;
    sigemptyset(&none);
    sigemptyset(&defaults);
    for (const int signal : {SIGINT, SIGTERM, SIGPIPE, SIGQUIT}) sigaddset(&defaults, signal);
    posix_spawnattr_setsigdefault(&attributes_, &defaults);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, static_cast<short>(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK));
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;
  ~SpawnSetup() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  [[nodiscard]] const posix_spawn_file_actions_t* actions() const { return &actions_; }
  [[nodiscard]] const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

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
  std::vector<std::string> arguments = command;
  std::vector<std::string> environment = child_environment(options);
  const SpawnSetup setup(out, err);
  pid_t child = 0;
  const int error = posix_spawn(&child, command.at(0).c_str(), setup.actions(), setup.attributes(),
                                pointers(arguments).data(), pointers(environment).data());
  if (error != 0) return fail(fmt::format("{} could not be started: {}", printable(command[0]), reason_of(error)));
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
