// What a rule answered, for tests of rules.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "trtprof/diagnose/rule.h"

namespace trtprof::test {

// The one finding of an answer that fired; a failure otherwise.
inline const Finding& only_finding(const RuleAnswer& answer) {
  static const Finding none;
  EXPECT_EQ(answer.findings.size(), 1u) << answer.why_not;
  EXPECT_EQ(answer.why_not, answer.findings.empty() ? answer.why_not : "");
  return answer.findings.empty() ? none : answer.findings.front();
}

// The first evidence whose quantity begins with this.
inline const Evidence& evidence(const Finding& finding, std::string_view quantity) {
  static const Evidence none;
  const auto found =
      std::ranges::find_if(finding.evidence, [&](const Evidence& each) { return each.quantity.starts_with(quantity); });
  if (found == finding.evidence.end()) ADD_FAILURE() << "no evidence: " << quantity;
  return found == finding.evidence.end() ? none : *found;
}

// Of an answer that did not fire; a failure otherwise.
inline std::string why_not(const RuleAnswer& answer) {
  EXPECT_TRUE(answer.findings.empty()) << answer.findings.front().title;
  EXPECT_FALSE(answer.why_not.empty());
  return answer.why_not;
}

}  // namespace trtprof::test
