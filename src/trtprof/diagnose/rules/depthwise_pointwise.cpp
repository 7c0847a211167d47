// Depthwise convolutions whose result only the 1x1 convolution behind them reads, and which run as a layer of their
// own.
#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/cost/inspection.h"
#include "trtprof/diagnose/device_properties.h"
#include "trtprof/diagnose/rules/broken_chains.h"
#include "trtprof/diagnose/rules/command_line.h"
#include "trtprof/diagnose/rules/fusion_figures.h"
#include "trtprof/diagnose/rules/inference_times.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof::rules {
namespace {

// Published by the bottleneck guide.
constexpr std::string_view kGuidesPairs = "15 % for depthwise+pointwise";

struct Pair {
  std::size_t depthwise = 0;
  std::size_t pointwise = 0;
  double bytes = 0.0;  // of the tensor in between, once
};

// Those that two layers run.
std::vector<Pair> apart_pairs(const KnownModel& model, const LayerRun& run) {
  constexpr auto several = static_cast<std::size_t>(-1);
  std::unordered_map<std::string, std::size_t> layer_of;
  for (std::size_t i = 0; i < run.layers.size(); ++i) {
    for (const OriginNode& node : run.layers[i].origin_nodes) {
      const auto [place, added] = layer_of.try_emplace(node.name, i);
      if (!added && place->second != i) place->second = several;
    }
  }
  std::vector<Pair> pairs;
  for (const FusionCandidate& candidate : find_fusion_candidates(model.graph(), model.tensors())) {
    if (!is_block(candidate.kind)) continue;
    std::set<std::size_t> layers;
    for (const std::string& node : candidate.nodes) {
      const auto found = layer_of.find(node);
      if (found != layer_of.end()) layers.insert(found->second);
    }
    // With the convolution that widens three at the most; more are broken chains, or more than convolutions.
    if (layers.size() < 2 || layers.size() > 3 || layers.contains(several)) continue;
    Pair pair{*std::prev(layers.end(), 2), *layers.rbegin(), 0.0};
    if (run.layers[pair.depthwise].layer_class != LayerClass::depthwise_convolution) continue;
    for (const TensorDesc& output : run.layers[pair.depthwise].outputs) pair.bytes += bytes_of(output);
    pairs.push_back(pair);
  }
  return pairs;
}

}  // namespace

RuleAnswer depthwise_pointwise(const Subject& subject) {
  if (!subject.profile.layer_run || subject.profile.layer_run->layers.empty()) {
    return RuleAnswer::not_known("the profile has no layer run, so that nothing tells what the engine fused");
  }
  const CeilingFigure* bandwidth = bandwidth_of(subject);
  if (subject.model == nullptr) {
    return RuleAnswer::not_known(
        "the ONNX model, which tells what reads a depthwise convolution's result, is not at hand");
  }
  const std::vector<Pair> pairs = apart_pairs(*subject.model, *subject.profile.layer_run);
  if (pairs.empty()) {
    return RuleAnswer::no("no depthwise convolution runs apart from a 1x1 convolution that alone reads its result");
  }
  if (bandwidth == nullptr) return RuleAnswer::not_known("the memory's bandwidth is not known");
  const InferenceTimes times(subject);
  const auto cache = l2_bytes(subject.profile.environment);
  double bytes = 0.0;
  double beyond_cache = 0.0;
  std::int64_t cached = 0;
  std::vector<std::size_t> layers;
  for (const Pair& pair : pairs) {
    bytes += 2.0 * pair.bytes;
    const bool fits = cache && pair.bytes <= *cache;
    beyond_cache += fits || !cache ? 0.0 : 2.0 * pair.bytes;
    cached += fits ? 1 : 0;
    layers.push_back(pair.depthwise);
    layers.push_back(pair.pointwise);
  }
  // All of them stay in the cache: the memory's bandwidth says nothing of them.
  if (cache && bytes <= *cache) {
    return RuleAnswer::no(
        fmt::format("the {} between {} and the 1x1 convolutions behind them stay in the L2 cache of {}",
                    format_bytes(static_cast<std::uint64_t>(bytes)),
                    counted(static_cast<std::int64_t>(pairs.size()), "depthwise convolution"),
                    format_bytes(static_cast<std::uint64_t>(*cache))));
  }
  const double high = std::min(bytes / bandwidth->value, times.of(layers));
  if (!times.worth_saying(high)) {
    return RuleAnswer::no(fmt::format("depthwise results that pass through memory take at most {} of the inference",
                                      format_percent(times.share(high))));
  }
  const auto count = static_cast<std::int64_t>(pairs.size());
  Finding finding;
  finding.severity = severity_of(high, subject.inference_seconds());
  finding.title = fmt::format("{} and the 1x1 convolutions behind them pass {} on in tensors of their own",
                              counted(count, "depthwise convolution"), format_bytes(static_cast<std::uint64_t>(bytes)));
  finding.explanation = fmt::format(
      "Each result is read by its 1x1 convolution alone, and the engine runs the two as layers of their own: {} "
      "written "
      "and read again, at most {} or {} of an inference.{}{}",
      format_bytes(static_cast<std::uint64_t>(bytes)), format_duration(high), format_percent(times.share(high), 1),
      cached > 0 ? fmt::format(" {} of the {} results fit in the L2 cache of {}, from where they may never reach the "
                               "memory: they are not in the low end.",
                               cached, count, format_bytes(static_cast<std::uint64_t>(*cache)))
                 : std::string(),
      not_ours(std::string(kGuidesPairs)));
  finding.evidence = {{"results between the two, written and read", bytes, "B", names_of(subject.profile, layers)},
                      {"of them, larger than the L2 cache", beyond_cache, "B", {}},
                      {"time of both layers", times.of(layers), "s", {}}};
  finding.gain =
      Gain{std::min(beyond_cache / bandwidth->value, high), high, GainBasis::bound,
           fmt::format("The traffic of the results in between, {}; launches that fusing saves are not in it.",
                       at_bandwidth(bytes, *bandwidth))};
  finding.action =
      "Only a kernel that does both takes this away, as a plugin of the engine: the engine chose none of its own. "
      "Count "
      "first whether the results reach the memory.";
  finding.commands = {command_line("counters", subject.profile.model.path)};
  return finding;
}

}  // namespace trtprof::rules
