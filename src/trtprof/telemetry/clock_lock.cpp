#include "trtprof/telemetry/clock_lock.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/text.h"
#include "trtprof/telemetry/nvml_library.h"

namespace trtprof {
namespace {

// What the guard is told: a PCI bus id, or nothing.
using Message = std::array<char, 64>;

Status put_back(const nvml::Library& library, const std::string& pci_bus_id) {
  const auto device = library.find_device(pci_bus_id);
  if (!device) return forward_error(device);
  const auto reset = library.functions().reset_locked_clocks;
  const int code = reset == nullptr ? nvml::kFunctionNotFound : reset(*device);
  if (code != nvml::kSuccess) return fail("nvmlDeviceResetGpuLockedClocks: " + library.error_text(code));
  return {};
}

Status put_back(const std::string& library_path, const std::string& pci_bus_id) {
  const auto library = nvml::Library::open(library_path);
  if (!library) return forward_error(library);
  return put_back(**library, pci_bus_id);
}

std::string still_locked(const std::string& pci_bus_id, const std::string& reason) {
  return fmt::format("THE SM CLOCK OF THE GPU AT {} IS STILL LOCKED, it could not be put back ({}). By hand: {}",
                     pci_bus_id, reason, clock_reset_command(pci_bus_id));
}

void write_to_standard_error(const std::string& text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, rest.data(), rest.size());
    if (written <= 0) return;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Reads until the other side is gone; returns what it said last.
std::string last_message(int socket) {
  Message message{};
  std::string last;
  for (;;) {
    const ssize_t got = ::read(socket, message.data(), message.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return last;
    message.back() = '\0';
    last = message.data();
  }
}

// Leaves the terminal's session, so that Ctrl-C and a closed window reach the program alone, and lets go of standard
// output, on whose end a pipeline waits. Signals are blocked since before the fork.
void detach() {
  ::setsid();
  ::prctl(PR_SET_NAME, "clock-guard");
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) return;
  ::dup2(null, STDIN_FILENO);
  ::dup2(null, STDOUT_FILENO);
}

[[noreturn]] void guard(int socket, const std::string& library_path) {
  detach();
  const std::string pci_bus_id = last_message(socket);
  if (!pci_bus_id.empty()) {
    const Status done = put_back(library_path, pci_bus_id);
    if (!done) write_to_standard_error("warning: " + still_locked(pci_bus_id, done.error().message) + '\n');
  }
  ::_exit(0);
}

std::string system_reason() {
  return std::generic_category().message(errno);
}

Error refused(const nvml::Library& library, int code, std::optional<unsigned> megahertz) {
  const std::string what = megahertz ? fmt::format("{} MHz", *megahertz) : "the clock that the GPU sustains";
  const std::string message = fmt::format("--lock-clocks: {}: {}", what, library.error_text(code));
  switch (code) {
    case nvml::kNoPermission:
      return {ErrorCode::unavailable, message + "; only root may lock clocks",
              "run it with sudo, or without the option"};
    case nvml::kInvalidArgument:
      return {ErrorCode::usage, message, "nvidia-smi -q -d SUPPORTED_CLOCKS lists what the GPU takes"};
    default:
      return {ErrorCode::unavailable, message, "run it without the option"};
  }
}

}  // namespace

std::string clock_reset_command(const std::string& pci_bus_id) {
  return fmt::format("sudo nvidia-smi -i {} --reset-gpu-clocks", pci_bus_id);
}

Result<ClockGuard> ClockGuard::start(const std::string& library_path) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return fail("--lock-clocks: no socket: " + system_reason());
  }
  sigset_t all{};
  sigset_t before{};
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t process = ::fork();
  if (process == 0) {
    ::close(ends[1]);
    guard(ends[0], library_path);
  }
  const std::string reason = system_reason();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::close(ends[0]);
  if (process < 0) {
    ::close(ends[1]);
    return fail("--lock-clocks: the process that puts the clock back could not be started: " + reason);
  }
  return ClockGuard(ends[1], process);
}

ClockGuard::ClockGuard(ClockGuard&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), process_(std::exchange(other.process_, -1)) {}

ClockGuard::~ClockGuard() {
  if (socket_ < 0) return;
  ::close(socket_);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

Status ClockGuard::watch(const std::string& pci_bus_id) const {
  Message message{};
  if (pci_bus_id.size() >= message.size()) return fail("no PCI bus id: " + printable(pci_bus_id));
  std::ranges::copy(pci_bus_id, message.begin());
  // A guard that is gone shall not end this process by SIGPIPE.
  if (::send(socket_, message.data(), message.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(message.size())) return {};
  return fail("--lock-clocks: the process that puts the clock back is gone: " + system_reason());
}

Result<std::unique_ptr<ClockLock>> ClockLock::prepare(std::optional<unsigned> megahertz) {
  std::string library_path = nvml::library_path();
  auto guard = ClockGuard::start(library_path);
  if (!guard) return forward_error(guard);
  return std::unique_ptr<ClockLock>(new ClockLock(megahertz, std::move(library_path), std::move(*guard)));
}

ClockLock::~ClockLock() {
  release();
}

Status ClockLock::lock(const std::string& pci_bus_id) {
  release();
  const auto library = nvml::Library::open(library_path_);
  if (!library) return forward_error(library);
  const auto device = (*library)->find_device(pci_bus_id);
  if (!device) return forward_error(device);
  const auto set = (*library)->functions().set_locked_clocks;
  // First the guard, then the clock: killed in between, the GPU has a clock put back that was not locked.
  if (const Status watched = guard_.watch(pci_bus_id); !watched) return watched;
  const unsigned bound = megahertz_.value_or(nvml::kClockLimitTdp);
  const int code = set == nullptr ? nvml::kFunctionNotFound : set(*device, bound, bound);
  if (code != nvml::kSuccess) {
    static_cast<void>(guard_.watch(""));
    return tl::unexpected<Error>(refused(**library, code, megahertz_));
  }
  locked_ = pci_bus_id;
  return {};
}

void ClockLock::release() {
  const std::string pci_bus_id = std::exchange(locked_, "");
  if (pci_bus_id.empty()) return;
  if (const Status done = put_back(library_path_, pci_bus_id); !done) {
    not_restored_ = still_locked(pci_bus_id, done.error().message);
    return;  // the guard tries again when this process ends
  }
  static_cast<void>(guard_.watch(""));
}

}  // namespace trtprof
