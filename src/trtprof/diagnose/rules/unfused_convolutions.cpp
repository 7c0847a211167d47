// Conv+BN, Conv+activation, Conv+Add that run as several layers, and depthwise convolutions whose result only the 1x1
// convolution behind them reads.
#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/cost/inspection.h"
#include "trtprof/diagnose/rules/broken_chains.h"
#include "trtprof/diagnose/rules/command_line.h"
#include "trtprof/diagnose/rules/inference_times.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof::rules {
namespace {

// Published by the bottleneck guide for MobileNetV2 ("about 30 % less time"); shown beside our figures, never used.
std::string_view guides_figure(Companion what) {
  constexpr std::array<std::string_view, 4> figures{"30 % for Conv+BN", "20 % for Conv+activation", "", ""};
  return figures[static_cast<std::size_t>(what)];
}
constexpr std::string_view kGuidesPairs = "15 % for depthwise+pointwise";

std::string not_ours(const std::string& figures) {
  return figures.empty() ? std::string()
                         : fmt::format(
                               " The bottleneck guide's figures for MobileNetV2 ({}) are not of this run and "
                               "not in the gain.",
                               figures);
}

const CeilingFigure* bandwidth_of(const Subject& subject) {
  return subject.ceilings == nullptr ? nullptr : subject.ceilings->find(CeilingKind::memory_bandwidth);
}

std::string at_bandwidth(double bytes, const CeilingFigure& bandwidth) {
  return fmt::format("{} at the memory's {}/s ({})", format_bytes(static_cast<std::uint64_t>(bytes)),
                     format_bytes(static_cast<std::uint64_t>(bandwidth.value)),
                     bandwidth.basis == CeilingBasis::measured ? "measured" : "datasheet");
}

struct Summary {
  std::vector<std::size_t> extra;       // layers that fusing takes away
  std::vector<std::size_t> companions;  // behind the breaks
  double bytes = 0.0;                   // of the tensors in between, written and read
  double kept_bytes = 0.0;              // of them, those whose layers stay
  std::map<Companion, std::int64_t> by_companion;
  std::map<BreakCause, std::int64_t> by_cause;
};

Summary summary_of(const std::vector<BrokenChain>& chains) {
  Summary summary;
  std::set<std::size_t> extra;
  for (const BrokenChain& chain : chains) {
    extra.insert(chain.extra.begin(), chain.extra.end());
    summary.companions.push_back(chain.companion);
    summary.bytes += chain.bytes;
    summary.kept_bytes += chain.extra.empty() ? chain.bytes : 0.0;
    ++summary.by_companion[chain.what];
    ++summary.by_cause[chain.cause];
  }
  summary.extra.assign(extra.begin(), extra.end());
  return summary;
}

std::string causes(const Summary& summary) {
  std::string text;
  for (const auto& [cause, count] : summary.by_cause) {
    std::string_view words =
        "nothing stands between the two layers, and the engine does not say why it kept them apart";
    if (cause == BreakCause::reformat) words = "only a change of layout or type stands between";
    if (cause == BreakCause::layers) words = "other layers stand between";
    if (cause == BreakCause::precision) words = "the two layers compute in different types";
    text += fmt::format("{}at {} {}", text.empty() ? "" : "; ", count, words);
  }
  return text;
}

std::string parts(const Summary& summary) {
  std::string text;
  for (const auto& [what, count] : summary.by_companion) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", counted(count, words_for(what)));
  }
  return text;
}

Finding chains_finding(const Subject& subject, const InferenceTimes& times, const std::vector<BrokenChain>& chains,
                       const Summary& summary) {
  const CeilingFigure* bandwidth = bandwidth_of(subject);
  const double layers = times.of(summary.extra);
  const double kept = bandwidth != nullptr ? summary.kept_bytes / bandwidth->value : 0.0;
  const double high = layers + kept;
  const double low = bandwidth != nullptr ? std::min(summary.bytes / bandwidth->value, high) : 0.0;
  std::string guide;
  for (const auto& [what, count] : summary.by_companion) {
    if (const auto figure = guides_figure(what); !figure.empty()) {
      guide += fmt::format("{}{}", guide.empty() ? "" : ", ", figure);
    }
  }
  Finding finding;
  finding.severity = severity_of(high, subject.inference_seconds());
  finding.title = fmt::format("{} beside their convolutions take {} of an inference", parts(summary),
                              format_percent(times.share(high), 1));
  finding.explanation = fmt::format(
      "The engine broke {} behind the convolution: {}. Layers that fusing would take away run {} ({}); the tensors in "
      "between are {}, written and read again.{}",
      counted(static_cast<std::int64_t>(chains.size()), "chain"), causes(summary), format_duration(layers),
      listed(names_of(subject.profile, summary.extra)), format_bytes(static_cast<std::uint64_t>(summary.bytes)),
      not_ours(guide));
  finding.evidence = {
      {"time of layers that fusing takes away", layers, "s", names_of(subject.profile, summary.extra)},
      {"tensors in between, written and read", summary.bytes, "B", names_of(subject.profile, summary.companions)}};
  std::string how = "At most all of the layers' own time";
  how += bandwidth == nullptr ? "; how much of it is memory traffic is not known, for the device's bandwidth is not."
                              : fmt::format("; at the least the traffic of the tensors in between, {}.",
                                            at_bandwidth(summary.bytes, *bandwidth));
  finding.gain = Gain{low, high, GainBasis::bound, std::move(how)};
  finding.action =
      "Write the operators in a form that the engine fuses: batch normalisation folded into the weights, an activation "
      "as one operator (Relu and Clip before others) rather than as its formula, in the convolution's type; then build "
      "again and look whether the layers are gone.";
  finding.commands = {command_line("inspect", subject.profile.model.path)};
  return finding;
}

// "60.00 MiB" of the environment's properties.
std::optional<double> l2_bytes(const Environment& environment) {
  const auto found = environment.properties.find("L2 cache");
  if (found == environment.properties.end() || !found->second.ends_with(" MiB")) return std::nullopt;
  double value = 0.0;
  const std::string& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && *end == ' ' ? std::optional(value * 1024.0 * 1024.0) : std::nullopt;
}

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

std::optional<Finding> pairs_finding(const Subject& subject, const InferenceTimes& times) {
  const CeilingFigure* bandwidth = bandwidth_of(subject);
  if (subject.model == nullptr || bandwidth == nullptr) return std::nullopt;
  const std::vector<Pair> pairs = apart_pairs(*subject.model, *subject.profile.layer_run);
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
  if (cache && bytes <= *cache) return std::nullopt;
  const double high = std::min(bytes / bandwidth->value, times.of(layers));
  if (!times.worth_saying(high)) return std::nullopt;
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

std::string why_none(const Subject& subject) {
  const FusionReport* fusion = subject.model == nullptr ? nullptr : subject.model->fusion();
  if (fusion == nullptr) {
    return "no layer runs a batch normalisation, activation or addition of a convolution's result alone; the ONNX "
           "model, which would tell all chains, is not at hand";
  }
  if (fusion->chains.empty()) return "no convolution of the model has anything beside it to fuse";
  const std::size_t not_told = fusion->chains_with(FusionStatus::not_told);
  return fmt::format("of {} of convolutions the engine fused {}{}",
                     counted(static_cast<std::int64_t>(fusion->chains.size()), "chain"),
                     fusion->chains_with(FusionStatus::fused),
                     not_told == 0 ? std::string() : fmt::format("; of {} nothing tells", not_told));
}

}  // namespace

RuleAnswer unfused_convolutions(const Subject& subject) {
  if (!subject.profile.layer_run || subject.profile.layer_run->layers.empty()) {
    return RuleAnswer::no("the profile has no layer run, so that nothing tells what the engine fused");
  }
  const LayerRun& run = *subject.profile.layer_run;
  const FusionReport* fusion = subject.model == nullptr ? nullptr : subject.model->fusion();
  const std::vector<BrokenChain> chains = fusion != nullptr ? broken_chains(*fusion, run) : broken_chains(run);
  const Summary summary = summary_of(chains);
  const InferenceTimes times(subject);
  const CeilingFigure* bandwidth = bandwidth_of(subject);
  const double cost = times.of(summary.extra) + (bandwidth != nullptr ? summary.kept_bytes / bandwidth->value : 0.0);
  RuleAnswer answer;
  if (times.worth_saying(cost)) answer.findings.push_back(chains_finding(subject, times, chains, summary));
  if (auto pairs = pairs_finding(subject, times)) answer.findings.push_back(std::move(*pairs));
  if (!answer.findings.empty()) return answer;
  if (chains.empty()) return RuleAnswer::no(why_none(subject));
  return RuleAnswer::no(fmt::format("{} beside their convolutions ({}) take {}, {} of the inference", parts(summary),
                                    causes(summary), format_duration(cost), format_percent(times.share(cost))));
}

}  // namespace trtprof::rules
