// Nodes that do nothing: by the model's graph, or without it by the origins of the layers. What counts is the time of
// layers that run nothing else.
#include <algorithm>
#include <array>
#include <optional>
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

std::string_view words_for(Redundancy what) {
  constexpr std::array<std::string_view, 5> words{"Identity or Dropout", "without effect", "that cancel each other",
                                                  "computed twice", "that nobody reads"};
  return words[static_cast<std::size_t>(what)];
}

// "3 Identity or Dropout (a, b and c), 2 computed twice (d and e: the same as f)".
std::string summary(const Graph& graph, const std::vector<RedundantNodes>& found) {
  std::string text;
  for (const Redundancy what :
       {Redundancy::identity, Redundancy::no_effect, Redundancy::cancels, Redundancy::duplicate, Redundancy::dead}) {
    std::vector<std::string> names;
    for (const RedundantNodes& each : found) {
      if (each.what != what) continue;
      for (const std::size_t node : each.nodes) names.push_back(graph.nodes[node].display_name());
    }
    if (!names.empty()) {
      text += fmt::format("{}{} {} ({})", text.empty() ? "" : ", ", names.size(), words_for(what), listed(names, 2));
    }
  }
  return text;
}

Finding finding_of(const Subject& subject, const InferenceTimes& times, std::string what,
                   const ExecutedNodes& executed) {
  const double seconds = times.of(executed.alone);
  const std::vector<std::string> layers = names_of(subject.profile, executed.alone);
  Finding finding;
  finding.severity = severity_of(seconds, subject.inference_seconds());
  finding.title =
      fmt::format("{} that do nothing take {} of an inference",
                  counted(static_cast<std::int64_t>(layers.size()), "layer"), format_percent(times.share(seconds), 1));
  finding.explanation = fmt::format(
      "{}. The engine runs {} of them alone ({}), in {}.{}", std::move(what),
      counted(static_cast<std::int64_t>(layers.size()), "layer"), listed(layers), format_duration(seconds),
      executed.shared.empty()
          ? std::string()
          : fmt::format(" {} more run such nodes beside others; what they add is not known.", executed.shared.size()));
  finding.evidence = {{"time of layers that do nothing", seconds, "s", layers}};
  finding.gain = Gain{0.0, seconds, GainBasis::bound,
                      "All of the layers' time: where an engine has to copy a tensor in any case, less of it goes."};
  finding.action = "Remove the nodes from the model, its readers taking the tensor before them, and build again.";
  finding.commands = {optimize_line(subject.profile.model, "dead-code,remove-redundant,common-subexpressions")};
  return finding;
}

RuleAnswer answer(const Subject& subject, const std::string& what, const ExecutedNodes& executed) {
  const InferenceTimes times(subject);
  const double seconds = times.of(executed.alone);
  if (times.worth_saying(seconds)) return finding_of(subject, times, what, executed);
  if (executed.alone.empty() && executed.shared.empty()) {
    return RuleAnswer::no(what + ", of which the engine runs none");
  }
  return RuleAnswer::no(fmt::format("{}; {}: {} of the inference", what, to_text(executed, seconds),
                                    format_percent(times.share(seconds))));
}

// Without the graph only what does nothing by its type is known.
RuleAnswer by_origins(const Subject& subject) {
  const auto idle = [](const OriginNode& node) { return node.op_type == "Identity" || node.op_type == "Dropout"; };
  ExecutedNodes executed;
  const std::vector<Layer>& layers = subject.profile.layer_run->layers;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto count = std::ranges::count_if(layers[i].origin_nodes, idle);
    if (count == 0) continue;
    const bool all = static_cast<std::size_t>(count) == layers[i].origin_nodes.size();
    (all ? executed.alone : executed.shared).push_back(i);
  }
  if (executed.alone.empty()) {
    return RuleAnswer::not_known(
        "no layer runs Identity or Dropout alone; the ONNX model, which would tell more, is not at hand");
  }
  return answer(subject, "The layers came from Identity or Dropout", executed);
}

}  // namespace

RuleAnswer redundant_nodes(const Subject& subject) {
  if (!subject.profile.layer_run) {
    return RuleAnswer::not_known("the profile has no layer run, so that nothing tells what the engine runs");
  }
  if (!tells_origins(subject.profile)) return RuleAnswer::not_known("no layer tells which nodes of the model it runs");
  if (subject.model == nullptr) return by_origins(subject);
  const Graph& graph = subject.model->graph();
  const std::vector<RedundantNodes> found = find_redundant_nodes(graph, subject.model->tensors());
  if (found.empty()) {
    return RuleAnswer::no(fmt::format("each of the model's {} has an effect that no other has",
                                      counted(static_cast<std::int64_t>(graph.nodes.size()), "node")));
  }
  std::vector<std::size_t> nodes;
  for (const RedundantNodes& each : found) nodes.insert(nodes.end(), each.nodes.begin(), each.nodes.end());
  const std::string what =
      fmt::format("Of the model's {} some do nothing: {}",
                  counted(static_cast<std::int64_t>(graph.nodes.size()), "node"), summary(graph, found));
  return answer(subject, what, layers_that_run(nodes, graph, subject.profile));
}

}  // namespace trtprof::rules
