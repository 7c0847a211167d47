#include "trtprof/diagnose/analysis.h"

#include <algorithm>

#include <fmt/format.h>

#include "trtprof/diagnose/rule.h"

namespace trtprof {
namespace {

std::vector<std::string> missing(const AnalysisRequest& request) {
  std::vector<std::string> notes;
  if (request.ceilings == nullptr) {
    notes.push_back(
        fmt::format("The limits of \"{}\" are not known: what is said of layers compares them with each "
                    "other alone. 'ceilings' measures them.",
                    request.profile.environment.device_name));
  }
  if (request.model == nullptr) {
    const bool work_stored =
        request.profile.layer_run && std::ranges::any_of(request.profile.layer_run->layers,
                                                         [](const Layer& layer) { return layer.work.has_value(); });
    notes.push_back(fmt::format("The ONNX model is not at hand: what its graph holds is not known{}. --model names it.",
                                work_stored ? "" : ", nor the layers' arithmetic"));
  }
  return notes;
}

// The rule that is about a bottleneck itself; of layers bound by memory or arithmetic several are.
std::string_view rule_of(const std::optional<Verdict>& verdict) {
  switch (verdict ? verdict->bottleneck : Bottleneck::unknown) {
    case Bottleneck::transfers:
      return "transfers";
    case Bottleneck::launches:
      return "launch-bound";
    case Bottleneck::host:
      return "host-bound";
    case Bottleneck::latency:
      return "latency-bound";
    case Bottleneck::reformats:
      return "reformats";
    case Bottleneck::opaque:
      return "opaque-blocks";
    default:
      return {};
  }
}

void examine_all(const Subject& subject, Analysis& analysis) {
  for (const Rule& rule : all_rules()) {
    RuleAnswer answer = examine(rule, subject);
    const RuleResult result = !answer.findings.empty() ? RuleResult::fired
                              : answer.known           ? RuleResult::clear
                                                       : RuleResult::not_known;
    analysis.outcomes.push_back({std::string(rule.id), result, std::move(answer.why_not)});
    std::ranges::move(answer.findings, std::back_inserter(analysis.findings));
  }
  const std::string_view bottleneck = rule_of(analysis.verdict);
  const auto worst_first = [&](const Finding& a, const Finding& b) {
    if (a.severity != b.severity) return a.severity < b.severity;
    if ((a.rule == bottleneck) != (b.rule == bottleneck)) return a.rule == bottleneck;
    return (a.gain ? a.gain->high : 0.0) > (b.gain ? b.gain->high : 0.0);
  };
  std::ranges::stable_sort(analysis.findings, worst_first);
}

}  // namespace

Analysis analyze(const AnalysisRequest& request) {
  Analysis analysis;
  const std::vector<LayerCost> costs =
      layer_costs(request.profile, request.model != nullptr ? &request.model->operators() : nullptr);
  analysis.account = account_of(request.profile);
  analysis.roofline = roofline_of(request.profile, costs, request.ceilings);
  const Roofline* roofline = analysis.roofline ? &*analysis.roofline : nullptr;
  if (analysis.account) analysis.verdict = verdict_of(request.profile, *analysis.account, roofline);
  const Subject subject{request.profile,
                        costs,
                        analysis.account ? &*analysis.account : nullptr,
                        roofline,
                        analysis.verdict ? &*analysis.verdict : nullptr,
                        request.ceilings,
                        request.model,
                        request.counterpart};
  examine_all(subject, analysis);
  analysis.tree = walk_decision_tree(subject, analysis.findings, analysis.outcomes);
  analysis.checklist = go_through_checklist(subject, analysis.findings, analysis.outcomes);
  analysis.notes = missing(request);
  return analysis;
}

}  // namespace trtprof
