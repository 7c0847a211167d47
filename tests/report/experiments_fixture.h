// Experiments of every outcome, made by hand.
#pragma once

#include "trtprof/report/experiments_report.h"

namespace trtprof::test {

inline ExperimentResult blocking_copies_result() {
  ExperimentResult result;
  result.experiment = {"transfers",
                       "Blocking copies: compute waits for 8.39 ms of copies",
                       {"--pageable", "--sync-transfers"},
                       {},
                       ProofFigure::pace,
                       Gain{0.0, 7.51e-3, GainBasis::bound, ""}};
  result.proof = Proof::proven;
  result.verdict.outcome = Outcome::faster;
  result.verdict.effect = -0.866;
  result.verdict.seconds_a = 8.478e-3;
  result.verdict.seconds_b = 1.14e-3;
  result.verdict.a.launches = 5;
  result.verdict.b.launches = 5;
  result.saved = 7.338e-3;
  result.saved_interval = {7.3e-3, 7.37e-3};
  result.copies_a = CopyTime{8.388e-3, 0.989};
  result.copies_b = CopyTime{2.03e-3, 0.984};
  result.sentence = "7.34 ms of the time from one inference to the next are saved that way";
  return result;
}

inline ExperimentsReport experiments_done() {
  ExperimentsReport report;
  report.launches = 5;
  report.results.push_back(blocking_copies_result());
  ExperimentResult refuted = blocking_copies_result();
  refuted.experiment = {
      "host-bound", "the device waits for the host", {}, {"--threads", "1"}, ProofFigure::latency, {}};
  refuted.proof = Proof::refuted;
  refuted.verdict.outcome = Outcome::slower;
  refuted.verdict.effect = 0.1;
  refuted.saved = -1e-6;
  refuted.saved_interval = {-2e-6, -5e-7};
  refuted.copies_a.reset();
  refuted.copies_b.reset();
  refuted.sentence = "the latency of an inference is longer that way: the finding's gain is not to be had by it";
  report.results.push_back(refuted);
  report.none = {{"reformats", "2 changes of layout", "it takes another model or another build"},
                 {"launch-bound", "", "the kernels are launched as one CUDA graph"}};
  report.notes = {"the launches have 2 warnings"};
  return report;
}

}  // namespace trtprof::test
