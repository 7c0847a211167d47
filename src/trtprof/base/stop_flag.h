// A request to stop early, set from a signal handler or another thread and polled between samples.
#pragma once

#include <atomic>

namespace trtprof {

class StopFlag {
 public:
  void request() noexcept { requested_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool requested() const noexcept { return requested_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> requested_{false};
  static_assert(std::atomic<bool>::is_always_lock_free, "request() is called from a signal handler");
};

}  // namespace trtprof
