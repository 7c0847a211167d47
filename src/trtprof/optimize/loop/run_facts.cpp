#include "trtprof/optimize/loop/run_facts.h"

#include <algorithm>
#include <vector>

#include "trtprof/profile/layer_times.h"
#include "trtprof/profile/telemetry_values.h"

namespace trtprof {
namespace {

bool is_heavy(LayerClass layer_class) {
  return is_convolution(layer_class) || layer_class == LayerClass::matmul ||
         layer_class == LayerClass::fully_connected || layer_class == LayerClass::attention ||
         layer_class == LayerClass::recurrent;
}

double bytes_of(const std::vector<TensorDesc>& tensors) {
  double bytes = 0.0;
  for (const TensorDesc& tensor : tensors) bytes += static_cast<double>(tensor.bytes.value_or(0));
  return bytes;
}

void read_layers(const LayerRun& run, RunFacts& facts) {
  facts.layers = run.layers.size();
  for (const Layer& layer : run.layers) {
    const double seconds = layer_seconds(layer).value_or(0.0);
    facts.tensor_bytes += bytes_of(layer.inputs) + bytes_of(layer.outputs);
    if (is_reformat(layer.layer_class)) {
      ++facts.reformats;
      facts.reformat_seconds += seconds;
    }
    if (is_heavy(layer.layer_class) && !layer.precision.empty()) {
      ++facts.heavy_layers[layer.precision];
      facts.heavy_seconds[layer.precision] += seconds;
    }
  }
}

std::optional<double> median_of_launches(const std::vector<double>& values) {
  return values.empty() ? std::nullopt : std::optional(median(values));
}

// Of the end-to-end run: layers cost energy by being timed.
std::optional<double> joules_of(const Profile& profile) {
  if (!profile.telemetry) return std::nullopt;
  for (const TelemetryPhase& phase : profile.telemetry->phases) {
    if (phase.name == "end to end") return energy_per_inference(phase);
  }
  return std::nullopt;
}

}  // namespace

bool is_reformat(LayerClass layer_class) {
  return layer_class == LayerClass::reformat || layer_class == LayerClass::quantize || layer_class == LayerClass::cast;
}

RunFacts run_facts(std::span<const Profile> launches) {
  RunFacts facts;
  if (launches.empty()) return facts;
  const Profile& first = launches.front();
  facts.precision = first.environment.precision;
  facts.batch = first.model.batch;
  facts.file_bytes = first.model.file_bytes;
  facts.threads = first.environment.threads;
  facts.streams = first.environment.streams;
  std::vector<double> latencies;
  std::vector<double> intervals;
  std::vector<double> joules;
  for (const Profile& profile : launches) {
    if (facts.layers == 0 && profile.layer_run) read_layers(*profile.layer_run, facts);
    if (const auto energy = joules_of(profile)) joules.push_back(*energy);
    if (!profile.end_to_end) continue;
    if (const auto latency = median_of(profile.end_to_end->total)) latencies.push_back(*latency);
    if (!profile.end_to_end->interval) continue;
    if (const auto interval = summary_of(*profile.end_to_end->interval)) intervals.push_back(interval->mean);
  }
  facts.latency = median_of_launches(latencies);
  facts.interval = median_of_launches(intervals);
  facts.joules = median_of_launches(joules);
  return facts;
}

std::optional<double> throughput_of(const RunFacts& facts) {
  const auto seconds = facts.interval ? facts.interval : facts.latency;
  if (!seconds || !(*seconds > 0.0)) return std::nullopt;
  return static_cast<double>(facts.batch.value_or(1)) / *seconds;
}

}  // namespace trtprof
