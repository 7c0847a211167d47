#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "trtprof/base/text.h"
#include "trtprof/diagnose/rule.h"
#include "trtprof/diagnose/rules/rules.h"

namespace trtprof {
namespace {

constexpr std::array kRules{
    Rule{"transfers", "Do copies between host and device cost more than they must?", rules::transfers},
    Rule{"launch-bound", "Does the device wait for kernels to be launched?", rules::launch_bound},
    Rule{"host-bound", "Does the device wait for the host between inferences?", rules::host_bound},
    Rule{"latency-bound", "Are kernels too small to fill the device?", rules::latency_bound},
    Rule{"small-batch", "Does a larger batch cost hardly more time?", rules::small_batch},
    Rule{"large-batch", "Is the batch larger than the device needs to be full?", rules::large_batch},
    Rule{"convolution-dominance", "Do convolutions take most of the time?", rules::convolution_dominance},
    Rule{"slow-depthwise", "Do depthwise and grouped convolutions run far below the device's limits?",
         rules::slow_depthwise},
    Rule{"layer-limits", "Which layers are held back by memory or by arithmetic, and how far from it are they?",
         rules::layer_limits},
    Rule{"unfused-convolution", "Are batch normalisations, activations or additions left beside their convolutions?",
         rules::unfused_convolutions},
    Rule{"depthwise-pointwise", "Do depthwise results pass through memory to the 1x1 convolutions behind them?",
         rules::depthwise_pointwise},
    Rule{"reformats", "Does time go to changes of layout and precision, or to transposes?", rules::reformats},
    Rule{"tensor-cores", "Do convolutions and matrix products miss the tensor cores?", rules::tensor_cores},
    Rule{"precision-audit", "Does every layer compute in the precision that was asked for?", rules::precision_audit},
    Rule{"int8-slower", "Is INT8 slower than the other precision, and by what?", rules::int8_slower},
    Rule{"structured-sparsity", "Could 2:4 sparse weights use the sparse tensor cores?", rules::structured_sparsity},
    Rule{"constant-folding", "Does the model compute what could be stored?", rules::constant_folding},
    Rule{"redundant-nodes", "Are there nodes that do nothing?", rules::redundant_nodes},
    Rule{"opaque-blocks", "Does time go to blocks that the engine tells nothing about?", rules::opaque_blocks},
    Rule{"throttling", "Was the device held back by power, heat or its clocks?", rules::throttling},
    Rule{"energy", "What does an inference cost in energy, and what would lower it?", rules::energy},
    Rule{"noisy-measurement", "Is the measurement good enough to conclude from?", rules::noisy_measurement},
};

}  // namespace

std::span<const Rule> all_rules() {
  return kRules;
}

const Rule* find_rule(std::string_view id) {
  const auto* found = std::ranges::find(kRules, id, &Rule::id);
  return found == kRules.end() ? nullptr : found;
}

std::string_view to_string(RuleResult result) {
  constexpr std::array<std::string_view, 3> names{"fired", "clear", "not_known"};
  return names[static_cast<std::size_t>(result)];
}

RuleAnswer examine(const Rule& rule, const Subject& subject) {
  RuleAnswer answer = rule.examine(subject);
  answer.why_not = as_sentence(std::move(answer.why_not));
  for (Finding& finding : answer.findings) {
    finding.rule = rule.id;
    finding.title = upper_first(std::move(finding.title));
    finding.explanation = as_sentence(std::move(finding.explanation));
    finding.action = as_sentence(std::move(finding.action));
  }
  return answer;
}

}  // namespace trtprof
