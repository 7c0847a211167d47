#include "trtprof/backend/tensorrt/build_monitor.h"

#include <algorithm>
#include <ranges>

#include <fmt/format.h>

namespace trtprof::tensorrt {

void BuildMonitor::phaseStart(const char* name, const char* /*parent*/, std::int32_t steps) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    phases_.push_back({name == nullptr ? "" : name, std::max(steps, 1), 0});
    if (phases_.size() == 1) progress_.phase("building the engine");
    show();
  } catch (...) {  // progress is no reason to fail
    return;
  }
}

bool BuildMonitor::stepComplete(const char* name, std::int32_t step) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    const auto phase = std::ranges::find_if(std::views::reverse(phases_),
                                            [&](const Phase& p) { return name != nullptr && p.name == name; });
    if (phase != phases_.rend()) phase->done = std::clamp(step + 1, 0, phase->steps);
    show();
  } catch (...) {
    return !stop_.requested();
  }
  return !stop_.requested();
}

void BuildMonitor::phaseFinish(const char* name) noexcept {
  try {
    const std::lock_guard lock(mutex_);
    const auto phase = std::ranges::find_if(phases_, [&](const Phase& p) { return name != nullptr && p.name == name; });
    if (phase == phases_.end()) return;
    phases_.erase(phase, phases_.end());  // those within it end with it
    show();
  } catch (...) {
    return;
  }
}

// Every phase is a step of the one around it.
void BuildMonitor::show() {
  if (phases_.empty()) return;
  double fraction = 0.0;
  double share = 1.0;
  for (const Phase& phase : phases_) {
    share /= phase.steps;
    fraction += share * phase.done;
  }
  const Phase& inner = phases_.back();
  progress_.update(std::clamp(fraction, 0.0, 1.0), fmt::format("{} {}/{}", inner.name, inner.done, inner.steps));
}

}  // namespace trtprof::tensorrt
