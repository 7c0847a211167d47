#include <algorithm>
#include <array>
#include <string_view>

#include "trtprof/optimize/experiment.h"

namespace trtprof {
namespace {

struct LaunchOption {
  std::string_view name;
  bool has_value;
  ProofFigure figure;  // that it changes, where a rule does not say otherwise
};
constexpr std::string_view kNoTransfers = "--no-transfers";
// Those that say how a model is launched and nothing of what is computed.
constexpr auto kLaunchOptions = std::to_array<LaunchOption>({{"--pageable", false, ProofFigure::latency},
                                                             {kNoTransfers, false, ProofFigure::latency},
                                                             {"--threads", true, ProofFigure::latency},
                                                             {"--no-graph", false, ProofFigure::compute},
                                                             {"--sync-transfers", false, ProofFigure::pace},
                                                             {"--no-overlap", false, ProofFigure::pace},
                                                             {"--spin", false, ProofFigure::pace},
                                                             {"--streams", true, ProofFigure::pace},
                                                             {"--hint", true, ProofFigure::pace}});
// Rules whose gain is time of an inference and lies in how it is launched.
constexpr auto kRules = std::to_array<std::string_view>({"transfers", "launch-bound", "host-bound", "latency-bound"});

constexpr std::string_view kProfileLine = "tensorrt_profiling profile ";

// As rules write them: single quotes around what a shell would take apart.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false;
  for (const char c : line) {
    if (c == '\'') {
      quoted = !quoted;
    } else if (c == ' ' && !quoted) {
      if (!word.empty()) words.push_back(std::move(word));
      word.clear();
    } else {
      word += c;
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

// Of a command line, in the order of the table, so that two can be compared; "--hint=x" as two words.
std::vector<std::string> launch_options(const std::vector<std::string>& words) {
  std::vector<std::string> found;
  for (const LaunchOption& option : kLaunchOptions) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::string_view word = words[i];
      if (word == option.name) {
        found.emplace_back(option.name);
        if (option.has_value && i + 1 < words.size()) found.push_back(words[i + 1]);
      } else if (option.has_value && word.starts_with(option.name) &&
                 word.substr(option.name.size()).starts_with('=')) {
        found.emplace_back(option.name);
        found.emplace_back(word.substr(option.name.size() + 1));
      }
    }
  }
  return found;
}

// Where several options change, the one with the farthest effect.
ProofFigure figure_of_change(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  ProofFigure figure = ProofFigure::latency;
  for (const LaunchOption& option : kLaunchOptions) {
    const auto is_it = [&](const std::string& word) { return word == option.name; };
    const auto in_a = std::ranges::find_if(a, is_it);
    const auto in_b = std::ranges::find_if(b, is_it);
    const bool in_both = in_a != a.end() && in_b != b.end();
    const bool same_value = !option.has_value || !in_both || *(in_a + 1) == *(in_b + 1);
    const bool changes = (in_a == a.end()) != (in_b == b.end()) || !same_value;
    if (changes) figure = std::max(figure, option.figure);
  }
  return figure;
}

bool has_option(const std::vector<std::string>& words, std::string_view name) {
  return std::ranges::find(words, name) != words.end();
}

std::string why_none(const Finding& finding) {
  const bool again =
      std::ranges::any_of(finding.commands, [](const std::string& line) { return line.starts_with(kProfileLine); });
  return again ? "what it names is other work, or another way to measure, rather than another way to launch"
               : "it takes another model or another build, which 'optimize' compares";
}

}  // namespace

ExperimentPlan plan_experiments(const Profile& profile, const Analysis& analysis) {
  ExperimentPlan plan;
  const std::vector<std::string> a = launch_options(profile.environment.command_line);
  for (const Finding& finding : analysis.findings) {
    const bool of_launches = std::ranges::find(kRules, finding.rule) != kRules.end();
    bool any = false;
    for (const std::string& line : finding.commands) {
      if (!of_launches || !line.starts_with(kProfileLine)) continue;
      std::vector<std::string> b = launch_options(words_of(line));
      if (b == a) continue;
      const ProofFigure figure = figure_of_change(a, b);
      const bool leaves_out = has_option(b, kNoTransfers) && !has_option(a, kNoTransfers);
      plan.experiments.push_back({finding.rule, finding.title, a, std::move(b), figure, finding.gain, leaves_out});
      any = true;
    }
    if (!any && finding.gain) plan.none.push_back({finding.rule, finding.title, why_none(finding)});
  }
  for (const RuleOutcome& outcome : analysis.outcomes) {
    const bool of_launches = std::ranges::find(kRules, outcome.rule) != kRules.end();
    if (of_launches && outcome.result != RuleResult::fired) plan.none.push_back({outcome.rule, "", outcome.why_not});
  }
  return plan;
}

}  // namespace trtprof
