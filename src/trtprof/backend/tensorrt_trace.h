// From what a GPU tracer recorded to a traced inference: kernels tied to the layers of a TensorRT engine. Pure
// functions, so that the joins are tested on recordings.
//
// TensorRT opens an NVTX range with the layer's name around the launches of each layer. On a stream, the range in which
// a kernel's launching call began is its layer's. A CUDA graph replays without ranges: there each kernel carries the id
// of its graph node, and the range that was open when the node was made during capture is its layer's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "trtprof/backend/backend.h"
#include "trtprof/profile/kernel_launch.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

// Times are in seconds on one clock. `correlation` ties what ran on the device to the call that asked for it.
struct TraceRecords {
  struct Device {  // a kernel, a copy or a fill
    ActivityKind kind = ActivityKind::kernel;
    KernelLaunch launch;      // kernels
    std::string what;         // copies and fills: "host to device"
    std::string memory;       // copies: "pinned", "pageable"; empty: no host memory in it
    std::uint64_t bytes = 0;  // copies and fills
    double start = 0.0;
    double end = 0.0;
    std::uint32_t stream = 0;
    std::uint32_t correlation = 0;
    std::uint64_t graph_node = 0;  // 0: not launched by a graph
  };
  struct Call {
    std::string name;  // "cudaLaunchKernel"
    double start = 0.0;
    double end = 0.0;
    std::uint32_t thread = 0;
    std::uint32_t correlation = 0;
  };
  struct Wait {  // of the host for the device
    double start = 0.0;
    double end = 0.0;
    std::optional<std::uint32_t> stream;
    std::uint32_t correlation = 0;
  };
  struct Range {  // NVTX
    std::string name;
    double start = 0.0;
    double end = 0.0;
  };
  struct Node {  // of a CUDA graph, made during capture
    std::uint64_t id = 0;
    double made = 0.0;
  };
  // The inference, from its first call to when it was done; its calls began until `calls_end`, those behind are the
  // tracer's. What other calls asked for is another inference's.
  double begin = 0.0;
  double calls_end = 0.0;
  double end = 0.0;
  std::vector<Device> device;
  std::vector<Call> calls;
  std::vector<Wait> waits;
  std::vector<Range> ranges;
  std::vector<Node> nodes;
  // Copies of nodes (a graph's instantiation makes some): id of the copy, id of what it was copied from.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> node_copies;
  std::int64_t lost = 0;
};

class TensorrtTrace {
 public:
  // `layers`: names of the engine's layers, in execution order.
  explicit TensorrtTrace(const std::vector<std::string>& layers);

  // By the name of their NVTX ranges, in execution order.
  using LayersByRange = std::map<std::string, std::vector<std::string>>;

  // An inference on a stream, before any graph: which kernels the layers launch, in order.
  void learn_stream_run(TraceRecords records);
  // The capture and instantiation of the CUDA graph that the later inferences launch.
  void learn_capture(const TraceRecords& records);

  // One inference.
  [[nodiscard]] TracedRun run(TraceRecords records, const RunTimes& times, bool graph);

  // Without `source`.
  [[nodiscard]] TraceFacts facts() const;

 private:
  struct Known {  // a kernel of the stream run
    std::int64_t launch = 0;
    std::string layer;
  };

  [[nodiscard]] std::int64_t launch_index(const KernelLaunch& launch);
  // Layers of what ran on the device, by position; empty where nothing tells.
  [[nodiscard]] std::vector<std::string> layers_by_ranges(const TraceRecords& records) const;
  [[nodiscard]] std::vector<std::string> layers_by_nodes(const TraceRecords& records) const;
  // Empty: other kernels, or in another order.
  [[nodiscard]] std::vector<std::string> layers_by_order(const TraceRecords& records,
                                                         const std::vector<std::int64_t>& launches) const;
  [[nodiscard]] std::vector<std::string> tie(const TraceRecords& records, const std::vector<std::int64_t>& launches,
                                             bool graph);
  void note_join(const TraceRecords& records, const std::vector<std::string>& layers, KernelJoin join);

  LayersByRange layers_;
  std::vector<Known> stream_run_;
  std::unordered_map<std::uint64_t, std::string> layer_of_node_;
  std::vector<KernelLaunch> launches_;
  std::unordered_map<std::string, std::int64_t> launch_by_key_;
  TraceFacts facts_;
};

}  // namespace trtprof
