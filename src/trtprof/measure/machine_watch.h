// What is done to the machine and read from it around the runs of a profile: telemetry, and a locked clock. Private to
// measure/.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "trtprof/measure/measure.h"
#include "trtprof/telemetry/sampler.h"

namespace trtprof {

// profile_model() makes one and is told of the runs through it. What it holds, it lets go of on every way out.
class MachineWatch final : public RunObserver {
 public:
  // Becomes the context's observer and hands on to the one that was.
  MachineWatch(const ProfileRequest& request, MeasureContext& context);
  MachineWatch(const MachineWatch&) = delete;
  MachineWatch& operator=(const MachineWatch&) = delete;
  ~MachineWatch() override;

  // Once the model is there and tells its device, before anything runs. Telemetry that cannot be had is no error; a
  // clock that cannot be locked is.
  [[nodiscard]] Status start(const CompiledModel& model);

  void run_begins(std::string_view run) override;
  void run_ends(std::int64_t inferences) override;

  // After the last run.
  void finish(Profile& profile);

 private:
  [[nodiscard]] Status lock_clock(const Environment& environment) const;
  void start_sampling(const Environment& environment);

  const ProfileRequest& request_;
  MeasureContext& context_;
  RunObserver* next_;
  std::optional<TelemetrySampler> sampler_;
};

}  // namespace trtprof
