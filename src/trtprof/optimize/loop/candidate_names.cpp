#include "trtprof/optimize/loop/candidate_names.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "trtprof/optimize/loop/candidates.h"
#include "trtprof/optimize/precision/name_pattern.h"

namespace trtprof {
namespace {

// Candidates whose names end in a number. Where none of them can be tried, one without it stands for all in the list
// of those that are not.
constexpr auto kNumbered = std::to_array<std::string_view>({"batch", "streams"});

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char each) { return each >= '0' && each <= '9'; });
}

// Could a name of this family match? Where the pattern has no '*' and '?', only with a number.
bool may_be_numbered(std::string_view family, const std::string& pattern) {
  const std::string prefix = std::string(family) + "-";
  const std::size_t open = pattern.find_first_of("*?");
  if (open == std::string::npos) return is_candidate_named(std::string(family), pattern);
  const std::string fixed = pattern.substr(0, open);
  return prefix.starts_with(fixed) || fixed.starts_with(prefix);
}

// Of a model and an engine that allow nothing: those with a number have none.
std::vector<std::string> all_names() {
  const RunFacts nothing;
  const Proposal proposal = propose_candidates(ProposalRequest{nothing});
  std::vector<std::string> names;
  names.reserve(proposal.candidates.size() + proposal.not_proposed.size());
  for (const Candidate& each : proposal.candidates) names.push_back(each.name);
  for (const NotProposed& each : proposal.not_proposed) names.push_back(each.name);
  return names;
}

}  // namespace

bool is_candidate_named(const std::string& name, const std::string& pattern) {
  if (precision::matches_pattern(name, pattern)) return true;
  return std::ranges::find(kNumbered, name) != kNumbered.end() && pattern.starts_with(name + "-") &&
         is_number(std::string_view(pattern).substr(name.size() + 1));
}

std::vector<std::string> unknown_candidates(const std::vector<std::string>& patterns) {
  const std::vector<std::string> names = all_names();
  std::vector<std::string> unknown;
  for (const std::string& pattern : patterns) {
    const bool known =
        std::ranges::any_of(names, [&](const auto& name) { return is_candidate_named(name, pattern); }) ||
        std::ranges::any_of(kNumbered, [&](auto family) { return may_be_numbered(family, pattern); });
    if (!known) unknown.push_back(pattern);
  }
  return unknown;
}

std::string candidate_names() {
  std::string text;
  for (const std::string& name : all_names()) {
    const bool numbered = std::ranges::find(kNumbered, name) != kNumbered.end();
    text += (text.empty() ? "" : ", ") + name + (numbered ? "-N" : "");
  }
  return text;
}

}  // namespace trtprof
