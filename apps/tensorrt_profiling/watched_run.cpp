#include "watched_run.h"

#include <fmt/format.h>

namespace trtprof::cli {
namespace {

constexpr std::int64_t kWarmups = 1;
constexpr std::int64_t kInferences = 3;

}  // namespace

void fit_to_watcher(const std::string& tool, const Settings& settings, ProfileRequest& request) {
  if (!settings.iterations && !settings.duration) request.end_to_end.stop.iterations = kInferences;
  if (!settings.warmup) request.end_to_end.warmup.iterations = kWarmups;
  request.layer_run = false;
  request.machine.notes.push_back(fmt::format(
      "{} is watching: {} inferences after {} of warm-up, between cudaProfilerStart and cudaProfilerStop and in NVTX "
      "ranges of the domain tensorrt_profiling; layers were not timed by this program, so as not to disturb it.",
      tool, request.end_to_end.stop.iterations ? std::to_string(*request.end_to_end.stop.iterations) : "the asked-for",
      request.end_to_end.warmup.iterations ? std::to_string(*request.end_to_end.warmup.iterations) : "some"));
  request.machine.warnings.push_back(
      fmt::format("The times below are those of a run under {}, which slows it down: take its own figures.", tool));
}

}  // namespace trtprof::cli
