// perf stat attached to this process: it counts while samples are taken, and not while models load.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "trtprof/base/error.h"
#include "trtprof/profile/counters.h"

namespace trtprof {

// Attached to this process and not counting yet. Needs perf of Linux 5.10 or newer (--control).
class PerfStat {
 public:
  // perf missing, forbidden (perf_event_paranoid) or too old, or a machine without counters: ErrorCode::unavailable.
  [[nodiscard]] static Result<std::unique_ptr<PerfStat>> attach(const std::filesystem::path& perf,
                                                                std::function<void(std::string_view)> say = {});
  virtual ~PerfStat() = default;
  PerfStat(const PerfStat&) = delete;
  PerfStat& operator=(const PerfStat&) = delete;

  [[nodiscard]] virtual Status enable() = 0;
  [[nodiscard]] virtual Status disable() = 0;
  // Ends perf and reads what it counted. `inferences`: how many ran while it did.
  [[nodiscard]] virtual Result<Counters> finish(std::int64_t inferences) = 0;

 protected:
  PerfStat() = default;
};

// The lines of `perf stat -x,`: value, unit, event, running time, share of it counted. What the machine does not count
// is left out; ErrorCode::unavailable where that is everything that takes hardware.
[[nodiscard]] Result<Counters> parse_perf_stat(std::string_view text);

// Why there are no counters, by what perf said.
[[nodiscard]] Error perf_failure(std::string_view said, int exit_code);

}  // namespace trtprof
