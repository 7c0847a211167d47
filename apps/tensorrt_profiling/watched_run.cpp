#include "watched_run.h"

#include <fmt/format.h>

namespace trtprof::cli {
namespace {

// Nsight Compute runs every kernel some ten times, with all others between them put back: one inference tells all, and
// needs no warm-up.
struct Few {
  std::int64_t warmups;
  std::int64_t inferences;
};

Few few_for(const std::string& tool) {
  return tool == "Nsight Compute" ? Few{0, 1} : Few{2, 5};
}

}  // namespace

void fit_to_watcher(const std::string& tool, const Settings& settings, ProfileRequest& request) {
  const Few few = few_for(tool);
  StopRuleOptions& stop = request.end_to_end.stop;
  if (!settings.iterations && !settings.duration) stop.iterations = few.inferences;
  if (!settings.warmup) request.end_to_end.warmup.iterations = few.warmups;
  request.layer_run = false;
  request.timeline = false;  // a process has one tracer
  request.telemetry.on = false;
  // One after the other, kernel by kernel: what the tool shows is then what ran.
  request.compile.launch.graph = false;
  request.compile.launch.overlap = false;
  const std::string inferences = !stop.iterations        ? "inferences for the asked-for time"
                                 : *stop.iterations == 1 ? "one inference"
                                                         : fmt::format("{} inferences", *stop.iterations);
  request.machine.notes.push_back(
      fmt::format("{} is watching: {} after {} of warm-up, one at a time and without a CUDA graph, between "
                  "cudaProfilerStart and cudaProfilerStop and in NVTX ranges of the domain tensorrt_profiling. Layers "
                  "were not timed and nothing was traced by this program, so as not to disturb it.",
                  tool, inferences, request.end_to_end.warmup.iterations.value_or(0)));
  request.machine.warnings.push_back(
      fmt::format("The times below are those of a run under {}, which slows it down: take its own figures.", tool));
}

}  // namespace trtprof::cli
