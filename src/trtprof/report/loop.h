// How a run of the loop is shown: as text, and as a document (docs/loop.schema.json).
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>

#include "trtprof/optimize/experiment.h"
#include "trtprof/optimize/loop/loop_report.h"
#include "trtprof/profile/profile.h"
#include "trtprof/report/optimization.h"

namespace trtprof {

inline constexpr std::string_view kLoopSchemaName = "trtprof-loop";
inline constexpr int kLoopSchemaMajor = 1;
inline constexpr int kLoopSchemaMinor = 0;

struct LoopDocument {
  const LoopOutcome& outcome;
  const ModelInfo& model;  // as it was given
  WrittenModel result;     // the winner, or a copy of what was given
  std::string engine;      // that was built of it; empty: none
  std::string script;      // of the commands that make it again
  std::string journal;
  double budget = 0.0;  // seconds
  bool throughput = false;
  const ExperimentsReport* experiments = nullptr;  // on the winner; null: none were asked for
};

struct LoopTextOptions {
  bool color = false;
  bool quiet = false;  // the staircase and the result alone
  std::size_t columns = 100;
};

// The staircase, what became of each candidate, the Pareto table, the result.
void write_loop_text(std::ostream& out, const LoopDocument& document, const LoopTextOptions& options);

// Ends in a newline.
[[nodiscard]] std::string loop_to_json(const LoopDocument& document);

}  // namespace trtprof
