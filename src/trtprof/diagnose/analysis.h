// Everything that is concluded from a profile: a document of its own (docs/analysis.schema.json) that names the profile
// by its hash.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "trtprof/diagnose/accounting.h"
#include "trtprof/diagnose/checklist.h"
#include "trtprof/diagnose/decision_tree.h"
#include "trtprof/diagnose/finding.h"
#include "trtprof/diagnose/known_model.h"
#include "trtprof/diagnose/roofline.h"
#include "trtprof/diagnose/verdict.h"
#include "trtprof/profile/device_ceilings.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

inline constexpr const char* kAnalysisSchemaName = "trtprof-analysis";
inline constexpr int kAnalysisSchemaMajor = 1;
inline constexpr int kAnalysisSchemaMinor = 0;

struct Analysis {
  std::optional<TimeAccount> account;  // nullopt: the profile has no time
  std::optional<Roofline> roofline;    // nullopt: no layer run
  std::optional<Verdict> verdict;
  std::vector<Finding> findings;      // most severe first, then the bottleneck's own, then by what there is to gain
  std::vector<RuleOutcome> outcomes;  // of every rule, in order
  DecisionTree tree;
  Checklist checklist;
  std::vector<std::string> notes;  // what was not known and would have told more, a sentence each
};

struct AnalysisRequest {
  const Profile& profile;
  const DeviceCeilings* ceilings = nullptr;  // null: verdicts on layers are relative only
  const KnownModel* model = nullptr;         // null: rules about the graph say nothing
  const Profile* counterpart = nullptr;      // of the same model, in another precision
};

[[nodiscard]] Analysis analyze(const AnalysisRequest& request);

}  // namespace trtprof
