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

  RuleAnswer() = default;
  RuleAnswer(Finding finding) { findings.push_back(std::move(finding)); }  // NOLINT(google-explicit-constructor)
  [[nodiscard]] static RuleAnswer no(std::string reason) {
    RuleAnswer answer;
    answer.why_not = std::move(reason);
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

// The rule's answer, with its id in each finding.
[[nodiscard]] RuleAnswer examine(const Rule& rule, const Subject& subject);

}  // namespace trtprof
