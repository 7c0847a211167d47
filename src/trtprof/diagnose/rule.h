// The rules by which a profile is judged: each looks for one thing, and says why not where it finds none.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "trtprof/diagnose/finding.h"
#include "trtprof/diagnose/subject.h"

namespace trtprof {

struct RuleAnswer {
  std::vector<Finding> findings;  // empty: it did not fire; Finding::rule is filled in by examine()
  std::string why_not;            // then a sentence with the figures: why not, or what is missing to tell
  bool known = true;              // false: what is missing is the reason

  RuleAnswer() = default;
  RuleAnswer(Finding finding) { findings.push_back(std::move(finding)); }  // NOLINT(google-explicit-constructor)
  // Looked at, and not so.
  [[nodiscard]] static RuleAnswer no(std::string reason) {
    RuleAnswer answer;
    answer.why_not = std::move(reason);
    return answer;
  }
  // The profile does not tell.
  [[nodiscard]] static RuleAnswer not_known(std::string reason) {
    RuleAnswer answer = no(std::move(reason));
    answer.known = false;
    return answer;
  }
};

struct Rule {
  std::string_view id;        // "slow-depthwise": for --fail-on, and in documents
  std::string_view question;  // "Do depthwise and grouped convolutions run far below the device's limits?"
  RuleAnswer (*examine)(const Subject& subject);
};

// In the order in which a reader looks for causes: the whole inference before its layers, doubts last.
[[nodiscard]] std::span<const Rule> all_rules();
[[nodiscard]] const Rule* find_rule(std::string_view id);

enum class RuleResult { fired, clear, not_known };

// What became of a rule.
struct RuleOutcome {
  std::string rule;
  RuleResult result = RuleResult::not_known;
  std::string why_not;  // where it did not fire
};

[[nodiscard]] std::string_view to_string(RuleResult result);  // "not_known"

// The rule's answer, with its id in each finding.
[[nodiscard]] RuleAnswer examine(const Rule& rule, const Subject& subject);

}  // namespace trtprof
