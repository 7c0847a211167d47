// The SM clock of a GPU held at one value while it is measured, and put back whatever happens.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "trtprof/base/error.h"

namespace trtprof {

// A process of its own that puts the clock back if this one ends without having done so: killed, crashed, std::exit.
// Nothing else outlives SIGKILL, and NVML may not be called from a signal handler.
class ClockGuard {
 public:
  // Forks: to be called before other threads are started.
  [[nodiscard]] static Result<ClockGuard> start(const std::string& library_path);
  ClockGuard(ClockGuard&& other) noexcept;
  ClockGuard& operator=(ClockGuard&&) = delete;
  ClockGuard(const ClockGuard&) = delete;
  ClockGuard& operator=(const ClockGuard&) = delete;
  ~ClockGuard();  // waits for it to end

  // From now on this GPU's clock is put back at the end; "": none is.
  [[nodiscard]] Status watch(const std::string& pci_bus_id) const;

 private:
  ClockGuard(int socket, int process) : socket_(socket), process_(process) {}
  int socket_;  // its end tells the guard that this process has ended
  int process_;
};

// The command that puts it back by hand.
[[nodiscard]] std::string clock_reset_command(const std::string& pci_bus_id);

// The commands call prepare(), profile_model() lock() and release(). One GPU at a time.
class ClockLock {
 public:
  // `megahertz`: nullopt for the clock that the device sustains within its power (NVML's TDP limit).
  [[nodiscard]] static Result<std::unique_ptr<ClockLock>> prepare(std::optional<unsigned> megahertz);
  ClockLock(const ClockLock&) = delete;
  ClockLock& operator=(const ClockLock&) = delete;
  ~ClockLock();  // releases

  // No permission, or not to be had: ErrorCode::unavailable; a value that the device refuses: ErrorCode::usage.
  [[nodiscard]] Status lock(const std::string& pci_bus_id);
  // Puts the clocks back to what the driver chooses. Nothing to do when none is locked.
  void release();

  [[nodiscard]] std::optional<unsigned> megahertz() const { return megahertz_; }
  // Empty, or that a clock is still locked and how to put it back: to be shown wherever this ends.
  [[nodiscard]] const std::string& not_restored() const { return not_restored_; }

 private:
  ClockLock(std::optional<unsigned> megahertz, std::string library_path, ClockGuard guard)
      : megahertz_(megahertz), library_path_(std::move(library_path)), guard_(std::move(guard)) {}

  std::optional<unsigned> megahertz_;
  std::string library_path_;
  ClockGuard guard_;
  std::string locked_;  // PCI bus id; empty: none
  std::string not_restored_;
};

}  // namespace trtprof
