// Which candidates a diagnosis, a backend and the user's wishes give, in the order of what they may gain; and of each
// that is not tried, why.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "trtprof/diagnose/finding.h"
#include "trtprof/optimize/loop/candidate.h"
#include "trtprof/optimize/loop/run_facts.h"

namespace trtprof {

struct ProposalRequest {
  const RunFacts& baseline;
  std::span<const Finding> findings = {};
  double inference_seconds = 0.0;  // that gains of findings are shares of
  bool builds_engines = false;     // TensorRT; else an engine that compiles the model when it loads it
  bool has_data = false;           // samples of the user, for calibration and for the gate
  bool open_batch = false;         // the leading dimension of the inputs is open
  std::int64_t batch = 1;
  bool throughput_hint = false;  // several inferences in flight
  bool throughput_objective = false;
  bool prune = false;  // --prune-2-4
  // Of `optimize`, for a search that is to meet the gate where the user gave none.
  std::vector<std::string> gate_options = {};
  int search_seconds = 300;  // that such a search may take
  int processors = 1;
  std::vector<std::string> only = {};  // names, with '*' and '?'; empty: all
  std::vector<std::string> skip = {};
  // Does this program have these options of `optimize`?
  std::function<bool(const std::vector<std::string>&)> can_make = {};
  // And these of `profile`?
  std::function<bool(const std::vector<std::string>&)> can_run = {};
};

struct Proposal {
  std::vector<Candidate> candidates;  // names differ
  std::vector<NotProposed> not_proposed;
  std::vector<std::string> unmatched;  // of `only` and `skip`: names that no candidate has
};

[[nodiscard]] Proposal propose_candidates(const ProposalRequest& request);

}  // namespace trtprof
