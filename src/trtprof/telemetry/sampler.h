// The thread that samples a source while models run.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "trtprof/telemetry/recorder.h"

namespace trtprof {

// Its calls come from one thread. The source's functions are called from the sampler's thread and from the caller's,
// never at once.
class TelemetrySampler {
 public:
  // `clock`: seconds, callable from any thread; `epoch`: the beginning of the measurement by it. `period`: seconds,
  // nullopt for the source's own. An empty source has no thread.
  TelemetrySampler(TelemetrySource source, std::optional<double> period, std::function<double()> clock, double epoch);
  TelemetrySampler(const TelemetrySampler&) = delete;
  TelemetrySampler& operator=(const TelemetrySampler&) = delete;
  ~TelemetrySampler();

  void begin_phase(std::string_view name);
  void end_phase(std::int64_t inferences);

  // Stops the thread; once, and nothing after it.
  [[nodiscard]] Telemetry finish();

 private:
  class Worker;
  std::unique_ptr<Worker> worker_;
};

}  // namespace trtprof
