// The guide's checklist, each item with its figure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/diagnose/rule.h"
#include "trtprof/diagnose/subject.h"

namespace trtprof {

enum class CheckState { done, failed, not_applicable };

struct CheckItem {
  std::string what;  // the guide's item
  CheckState state = CheckState::failed;
  std::string figure;  // a sentence: the figure, or what is missing
};

struct Checklist {
  std::vector<CheckItem> items;  // in the guide's order
};

[[nodiscard]] Checklist go_through_checklist(const Subject& subject, std::span<const Finding> findings,
                                             std::span<const RuleOutcome> outcomes);

[[nodiscard]] std::string_view to_string(CheckState state);  // "not_applicable"

}  // namespace trtprof
