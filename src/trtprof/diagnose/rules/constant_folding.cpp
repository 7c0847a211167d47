// Subgraphs that compute from constants alone, and whether the engine still runs them in each inference.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/diagnose/graph_findings.h"
#include "trtprof/diagnose/rules/command_line.h"
#include "trtprof/diagnose/rules/executed_nodes.h"
#include "trtprof/diagnose/rules/inference_times.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof::rules {
namespace {

struct Folding {
  std::vector<std::size_t> nodes;  // of subgraphs that could be stored
  std::uint64_t bytes = 0;
  std::size_t subgraphs = 0;
  std::size_t too_large = 0;
};

Folding folding_of(const KnownModel& model) {
  const ConstantSubgraphs found = find_constant_subgraphs(model.graph(), model.tensors());
  Folding folding;
  folding.subgraphs = found.foldable.size();
  folding.too_large = found.too_large.size();
  for (const ConstantSubgraph& part : found.foldable) {
    folding.nodes.insert(folding.nodes.end(), part.nodes.begin(), part.nodes.end());
    folding.bytes += part.result_bytes.value_or(0);
  }
  std::ranges::sort(folding.nodes);
  return folding;
}

std::vector<std::string> node_names(const Graph& graph, const std::vector<std::size_t>& nodes) {
  std::vector<std::string> names;
  names.reserve(nodes.size());
  for (const std::size_t node : nodes) names.push_back(graph.nodes[node].display_name());
  return names;
}

std::string counted_nodes(const Folding& folding) {
  return fmt::format("{} in {}", counted(static_cast<std::int64_t>(folding.nodes.size()), "node"),
                     counted(static_cast<std::int64_t>(folding.subgraphs), "subgraph"));
}

Finding finding_of(const Subject& subject, const InferenceTimes& times, const Folding& folding,
                   const ExecutedNodes& executed) {
  const double seconds = times.of(executed.alone);
  const std::vector<std::string> layers = names_of(subject.profile, executed.alone);
  Finding finding;
  finding.severity = severity_of(seconds, subject.inference_seconds());
  finding.title =
      fmt::format("{} of an inference computes the same constants every time", format_percent(times.share(seconds), 1));
  finding.explanation = fmt::format(
      "{} compute from constants alone ({}); the engine runs them in each inference, in {} that take {}. Their results "
      "are {}.{}",
      counted_nodes(folding), listed(node_names(subject.model->graph(), folding.nodes)),
      counted(static_cast<std::int64_t>(layers.size()), "layer"), format_duration(seconds), format_bytes(folding.bytes),
      executed.shared.empty()
          ? std::string()
          : fmt::format(" {} more run such nodes beside others; what they add is not known.", executed.shared.size()));
  finding.evidence = {{"time of layers that compute constants", seconds, "s", layers},
                      {"nodes that compute from constants alone", static_cast<double>(folding.nodes.size()), "1", {}},
                      {"size of their results", static_cast<double>(folding.bytes), "B", {}}};
  finding.gain = Gain{seconds, seconds, GainBasis::measured,
                      "The layers' own time: they run nothing else, and stored results are read in any case."};
  finding.action = "Store the results as initializers of the model (constant folding) and build again.";
  finding.commands = {optimize_line(subject.profile.model, "constant-folding")};
  return finding;
}

}  // namespace

RuleAnswer constant_folding(const Subject& subject) {
  if (subject.model == nullptr) {
    return RuleAnswer::not_known("the ONNX model is not at hand, and a profile does not tell what is constant");
  }
  const Folding folding = folding_of(*subject.model);
  const std::string large = folding.too_large == 0
                                ? std::string()
                                : fmt::format("; {} more would store over {} each, or nobody knows how much",
                                              folding.too_large, format_bytes(kMostStored));
  if (folding.nodes.empty()) {
    return RuleAnswer::no(fmt::format("none of the model's {} computes from constants alone what could be stored{}",
                                      counted(static_cast<std::int64_t>(subject.model->graph().nodes.size()), "node"),
                                      large));
  }
  const std::string could = fmt::format("{} ({}) could be stored{}", counted_nodes(folding),
                                        listed(node_names(subject.model->graph(), folding.nodes)), large);
  if (!tells_origins(subject.profile)) {
    return RuleAnswer::not_known(could + ", but no layer tells which nodes it runs");
  }
  const ExecutedNodes executed = layers_that_run(folding.nodes, subject.model->graph(), subject.profile);
  const InferenceTimes times(subject);
  const double seconds = times.of(executed.alone);
  if (executed.alone.empty() && executed.shared.empty()) {
    return RuleAnswer::no(could + ", and the engine did so: no layer runs them");
  }
  if (!times.worth_saying(seconds)) {
    return RuleAnswer::no(fmt::format("{}; {}: {} of the inference", could, to_text(executed, seconds),
                                      format_percent(times.share(seconds))));
  }
  return finding_of(subject, times, folding, executed);
}

}  // namespace trtprof::rules
