// Conv+BN, Conv+activation, Conv+Add that run as several layers.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/diagnose/rules/broken_chains.h"
#include "trtprof/diagnose/rules/command_line.h"
#include "trtprof/diagnose/rules/fusion_figures.h"
#include "trtprof/diagnose/rules/inference_times.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof::rules {
namespace {

// Published by the bottleneck guide for MobileNetV2 ("about 30 % less time"); shown beside our figures, never used.
std::string_view guides_figure(Companion what) {
  constexpr std::array<std::string_view, 4> figures{"30 % for Conv+BN", "20 % for Conv+activation", "", ""};
  return figures[static_cast<std::size_t>(what)];
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
  finding.commands = {
      command_line("inspect", subject.profile.model.path),
      optimize_line(subject.profile.model, "clip-relu-canonical,fold-batch-normalization,mul-add-into-conv")};
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
    return RuleAnswer::not_known("the profile has no layer run, so that nothing tells what the engine fused");
  }
  const LayerRun& run = *subject.profile.layer_run;
  const FusionReport* fusion = subject.model == nullptr ? nullptr : subject.model->fusion();
  const std::vector<BrokenChain> chains = fusion != nullptr ? broken_chains(*fusion, run) : broken_chains(run);
  const Summary summary = summary_of(chains);
  const InferenceTimes times(subject);
  const CeilingFigure* bandwidth = bandwidth_of(subject);
  const double cost = times.of(summary.extra) + (bandwidth != nullptr ? summary.kept_bytes / bandwidth->value : 0.0);
  if (times.worth_saying(cost)) return chains_finding(subject, times, chains, summary);
  if (chains.empty()) return RuleAnswer::no(why_none(subject));
  return RuleAnswer::no(fmt::format("{} beside their convolutions ({}) take {}, {} of the inference", parts(summary),
                                    causes(summary), format_duration(cost), format_percent(times.share(cost))));
}

}  // namespace trtprof::rules
