// When what ran: kernels, copies, synchronisation and host calls of a run that was traced, a run of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/profile/kernel_launch.h"
#include "trtprof/profile/measurement.h"

namespace trtprof {

// What ties the kernels of a timeline to layers.
enum class KernelJoin {
  none,          // nothing does: kernels have no layer
  markers,       // the engine's NVTX range around each launch
  graph_nodes,   // the range around each launch while the CUDA graph was captured, by the node that it made
  launch_order,  // the same kernels, in the same order, as in a traced run without a graph
};

// A kernel of the inference; with several launches of one kernel there is one for each.
struct TimelineKernel {
  KernelLaunch launch;
  std::string layer;  // name of one of LayerRun::layers; empty: not known
  SampleSeries time;  // one sample an inference
  // Time since the kernel before it (by start) began during which the device ran nothing, no copy and no fill either:
  // one sample an inference. They add up to Timeline::idle; the first kernel of the inference has none.
  std::optional<SampleSeries> gap_before;
  // From the begin of the call that launched it to its own begin; where each kernel has a call of its own.
  std::optional<SampleSeries> launch_delay;
  bool operator==(const TimelineKernel&) const = default;
};

// What happens the same way in every inference beside kernels, per kind: copies of one direction, fills, waits.
struct TimelineTransfer {
  std::string what;    // "host to device", "device to host", "device to device", "memset"
  std::string memory;  // of the host: "pinned", "pageable"; empty: not known or none
  double count = 0.0;  // an inference
  double bytes = 0.0;  // an inference
  SampleSeries time;   // their sum, one sample an inference
  bool operator==(const TimelineTransfer&) const = default;
};

struct TimelineCall {
  std::string name;              // "cudaStreamSynchronize", "cudaLaunchKernel", "cudaGraphLaunch"
  bool synchronization = false;  // the host waits in it
  double count = 0.0;            // an inference
  SampleSeries time;             // their sum on the host, one sample an inference
  bool operator==(const TimelineCall&) const = default;
};

enum class ActivityKind { inference, layer, kernel, copy, fill, synchronization, host_call };

// One thing that happened, for the first inferences of the run.
struct Activity {
  ActivityKind kind = ActivityKind::kernel;
  std::string name;
  std::string layer;   // kernels and layers: the layer; empty: not known
  double start = 0.0;  // seconds since the beginning of the measurement (Timeline's and Telemetry's clock is one)
  double end = 0.0;
  std::int64_t inference = 0;          // 0-based
  std::optional<std::int64_t> stream;  // on the device
  std::optional<std::int64_t> thread;  // on the host
  std::optional<std::uint64_t> bytes;  // copies and fills
  std::string memory;                  // copies: of the host, as TimelineTransfer::memory
  std::optional<std::int64_t> kernel;  // kernels: index into Timeline::kernels
  // A call and what it started on the device have the same number, unique within the run.
  std::optional<std::int64_t> correlation;
  bool operator==(const Activity&) const = default;
};

struct Timeline {
  MeasurementInfo measurement;
  std::string source;  // "CUPTI 13.0 activity records", "OpenVINO's ITT markers"
  bool graph = false;  // launched as a CUDA graph
  KernelJoin join = KernelJoin::none;
  std::string join_reason;              // where it is not the best there is: why; empty otherwise
  std::vector<TimelineKernel> kernels;  // of one inference, in the order in which they start; empty on a CPU
  // One sample an inference, over what the device executes: kernels, or on a CPU layers.
  SampleSeries span;        // from the first one's start to the last one's end
  SampleSeries busy;        // time within the span during which at least one ran, or a copy or a fill
  SampleSeries kernel_sum;  // their durations added up; above `busy` where they overlap
  SampleSeries idle;        // span - busy: gaps, from timestamps
  // What the same clock as EndToEnd's says while tracing: against EndToEnd::compute, the cost of tracing.
  std::optional<SampleSeries> compute;
  std::vector<TimelineTransfer> transfers;
  std::vector<TimelineCall> calls;
  std::int64_t different_inferences = 0;  // ran other kernels than the first one did, and are in no series
  std::int64_t lost_records = 0;          // dropped by the tracer
  std::vector<Activity> activities;       // of the first inferences, by start
  bool operator==(const Timeline&) const = default;
};

}  // namespace trtprof
