#include "support/traced_run.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "support/profile_fixture.h"
#include "trtprof/measure/timeline.h"

namespace trtprof::test {
namespace {

constexpr std::int64_t kStream = 7;
constexpr std::int64_t kThread = 4711;
constexpr std::int64_t kDistinctLaunches = 5;
// A launch on a stream costs the host this long; so do kernels follow each other when they are shorter.
constexpr double kLaunchPeriodUs = 5.5;

// 0, 1, 2, 3, 4 by turns: noise that is the same in every run of a test.
double jitter(std::int64_t number, std::int64_t kernel) {
  return static_cast<double>((number * 7 + kernel * 3) % 5) * 0.032;
}

std::int64_t correlation_of(std::int64_t number, std::int64_t call) {
  return number * 1000 + call;
}

Activity call(std::string name, double start, double end, std::int64_t correlation) {
  Activity result = activity_at(ActivityKind::host_call, std::move(name), start, end);
  result.thread = kThread;
  result.correlation = correlation;
  return result;
}

Activity copy(std::string direction, double start, double end, std::uint64_t bytes) {
  Activity result = activity_at(ActivityKind::copy, std::move(direction), start, end);
  result.stream = kStream;
  result.bytes = bytes;
  result.memory = "pinned";
  return result;
}

}  // namespace

Activity activity_at(ActivityKind kind, std::string name, double start_us, double end_us) {
  Activity result;
  result.kind = kind;
  result.name = std::move(name);
  result.start = start_us * 1e-6;
  result.end = end_us * 1e-6;
  return result;
}

TracedRun traced_inference(std::int64_t number, const TracedRunOptions& options) {
  TracedRun run;
  const double begin = options.begin_us;
  run.activities.push_back(copy("host to device", begin + 4.0, begin + 15.0, 602'112));
  double host = begin + 16.0;
  if (options.graph) {
    run.activities.push_back(call("cudaGraphLaunch", host, host + 7.0, correlation_of(number, 0)));
  }
  double device = host + (options.graph ? 9.0 : 3.0);
  for (std::int64_t k = 0; k < options.kernels; ++k) {
    if (!options.graph) {
      run.activities.push_back(call("cudaLaunchKernel", host, host + 2.2, correlation_of(number, k)));
      device = std::max(device, host + 3.0);
      run.launch_delays.push_back((device - host) * 1e-6);
    }
    Activity kernel = activity_at(ActivityKind::kernel, fmt::format("kernel_{}", k % kDistinctLaunches), device,
                                  device + 2.4 + 0.2 * static_cast<double>(k % kDistinctLaunches) + jitter(number, k));
    kernel.stream = kStream;
    kernel.layer = fmt::format("layer {}", k / 2);
    kernel.kernel = k % kDistinctLaunches;
    kernel.correlation = correlation_of(number, options.graph ? 0 : k);
    device = kernel.end * 1e6 + 0.1;
    run.activities.push_back(std::move(kernel));
    host += kLaunchPeriodUs;
  }
  run.activities.push_back(copy("device to host", device + 1.0, device + 3.0, 4'000));
  Activity wait = activity_at(ActivityKind::synchronization, "cudaStreamSynchronize",
                              options.graph ? begin + 24.0 : host, device + 6.0);
  wait.thread = kThread;
  run.activities.push_back(wait);
  run.times.total = (device + 6.0 - begin) * 1e-6;
  run.times.compute = (device - begin - 15.0) * 1e-6;
  return run;
}

TraceFacts facts_of_traced_inferences(const TracedRunOptions& options) {
  TraceFacts facts;
  facts.source = "CUPTI 13.0 activity records";
  facts.graph = options.graph;
  facts.join = options.graph ? KernelJoin::graph_nodes : KernelJoin::markers;
  for (std::int64_t i = 0; i < kDistinctLaunches; ++i) {
    KernelLaunch& launch = facts.launches.emplace_back();
    launch.name = fmt::format("kernel_{}", i);
    launch.grid = {4 * (i + 1), 1, 1};
    launch.block = {128, 1, 1};
    launch.registers_per_thread = 64 + 8 * i;
    launch.static_shared_bytes = 1024;
    launch.dynamic_shared_bytes = 16'384;
    launch.theoretical_occupancy = 0.25 * static_cast<double>(i % 4 + 1);
  }
  return facts;
}

Profile traced_profile(std::int64_t inferences, const TracedRunOptions& options) {
  TimelineCollector collector(0.0, kDetailedInferences);
  for (std::int64_t i = 0; i < inferences; ++i) {
    TracedRunOptions one = options;
    one.begin_us += 1'000.0 * static_cast<double>(i);
    collector.add(traced_inference(i, one));
  }
  Profile profile = gpu_profile();
  LayerRun& run = *profile.layer_run;
  run.layers.clear();
  for (std::int64_t i = 0; 2 * i < options.kernels; ++i) {
    Layer& layer = run.layers.emplace_back(
        layer_taking(fmt::format("layer {}", i), i % 2 == 0 ? LayerClass::convolution : LayerClass::pooling, 9.5e-6));
    layer.origin_nodes = {{fmt::format("/features/{}/Conv", i), "Conv"}, {fmt::format("/features/{}/Clip", i), "Clip"}};
    layer.origin_source = OriginSource::reported;
  }
  profile.end_to_end->compute = series_of(std::vector<double>(12, options.graph ? 160e-6 : 290e-6));
  profile.timeline = collector.finish(facts_of_traced_inferences(options));
  profile.timeline->measurement.iterations = inferences;
  profile.timeline->measurement.duration_seconds = 0.25;
  profile.timeline->measurement.stop_reason = StopReason::converged;
  profile.timeline->measurement.method = "Each inference runs alone and is recorded.";
  return profile;
}

}  // namespace trtprof::test
