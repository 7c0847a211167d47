// The guide's decision tree, walked with the figures of one profile: what kind of problem it is, and which of the
// remedies for that kind there is something to gain from.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/diagnose/rule.h"
#include "trtprof/diagnose/subject.h"

namespace trtprof {

// In the guide's order; the last is not in the guide: on a GPU that waits, none of its remedies helps.
enum class Branch { convolutions, transfers, many_operators, power, idle_device };

enum class BranchState {
  taken,  // what the bottleneck and the pattern say
  also,   // not the first problem, but one of its remedies is worth something
  not_taken,
  not_known,
};

enum class StepState {
  to_do,           // there is a finding
  done,            // the engine or the program does it already
  nothing_gained,  // looked at, and not worth it here
  not_known,       // the profile does not tell
};

struct TreeStep {
  std::string what;  // "Fuse Conv + BN + activation"
  StepState state = StepState::not_known;
  std::string why;   // a sentence with the figures
  std::string rule;  // whose finding it is; empty: none's
};

struct TreeBranch {
  Branch branch = Branch::convolutions;
  std::string question;  // "Are convolutions slow?"
  BranchState state = BranchState::not_known;
  std::string why;  // a sentence with the figures that decided
  std::vector<TreeStep> steps;
};

struct DecisionTree {
  std::vector<TreeBranch> branches;  // every one, in the order of the enumeration
};

[[nodiscard]] DecisionTree walk_decision_tree(const Subject& subject, std::span<const Finding> findings,
                                              std::span<const RuleOutcome> outcomes);

[[nodiscard]] std::string_view to_string(Branch branch);      // "many_operators"
[[nodiscard]] std::string_view to_string(BranchState state);  // "not_taken"
[[nodiscard]] std::string_view to_string(StepState state);    // "to_do"

}  // namespace trtprof
