// What of a side's launches tells whether a claimed mechanism is at work, and what the Pareto table shows: small enough
// to be kept in the journal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "trtprof/profile/profile.h"

namespace trtprof {

struct RunFacts {
  std::string precision;                    // that the engine was asked to compute in, or chose
  std::optional<std::int64_t> batch;        // items an inference
  std::optional<double> latency;            // seconds, median over the launches of their medians
  std::optional<double> interval;           // seconds from one completion to the next, where several are in flight
  std::optional<double> joules;             // an inference, median over the launches
  std::optional<std::uint64_t> file_bytes;  // of what was run: a model, or an engine
  std::optional<int> threads;
  std::optional<int> streams;
  std::size_t layers = 0;     // executed; 0: no layer run
  std::size_t reformats = 0;  // is_reformat()
  double reformat_seconds = 0.0;
  double tensor_bytes = 0.0;  // of all tensors that layers read and write
  // Of convolutions, matrix products and the like, by the precision that they compute in.
  std::map<std::string, std::size_t> heavy_layers = {};
  std::map<std::string, double> heavy_seconds = {};
  bool operator==(const RunFacts&) const = default;
};

// Layers that change layout or type: of the engine, Q/DQ, casts.
[[nodiscard]] bool is_reformat(LayerClass layer_class);

// Launches of one thing, one or more. Layers are those of the first that has a layer run.
[[nodiscard]] RunFacts run_facts(std::span<const Profile> launches);

// Items in a second: from the interval, else from the latency.
[[nodiscard]] std::optional<double> throughput_of(const RunFacts& facts);

}  // namespace trtprof
