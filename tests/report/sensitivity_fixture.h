// What was found of a model of four groups, one of which has no place in f16.
#pragma once

#include <limits>

#include "trtprof/report/sensitivity_report.h"

namespace trtprof::test {

inline TrialScore score_with(double error, double agreement, std::uint64_t samples = 64) {
  TrialScore score;
  score.error = error;
  score.agreement = agreement;
  score.samples = samples;
  return score;
}

inline SensitivityDone sensitivity_found() {
  SensitivityDone done;
  done.precision = "f16";
  done.gates = {0.99, 0.5};
  done.data = "heldout.npz";
  done.data_samples = 1000;
  done.ranking_samples = 64;
  done.engine = "OpenVINO 2026.4.1";
  done.device = "Intel(R) Xeon(R) Platinum 8480+";
  SensitivityReport& report = done.report;
  report.groups = 4;
  report.trials = 9;
  report.seconds = 4.5;
  report.out_of_time = true;
  report.ranking = {
      {{"/exp", "Exp", {"/exp", "/it's log"}}, score_with(std::numeric_limits<double>::infinity(), 0.125)},
      {{"/conv1", "Conv", {"/conv1", "/relu1"}}, score_with(0.03, 0.99)},
      {{"/conv2", "Conv", {"/conv2"}}, score_with(0.04, 1.0), 2},
      {{"/conv3", "Conv", {"/conv3"}}, {}, 1, "it does not compile"}};
  TrialScore labelled = score_with(0.05, 0.995, 1000);
  labelled.top1 = 0.989;
  labelled.drop = 0.002;
  report.curve = {{0, score_with(std::numeric_limits<double>::infinity(), 0.125, 1000), false}, {1, labelled, true}};
  report.searched = true;
  report.found = true;
  report.kept = {report.ranking[0].group};
  report.kept_score = labelled;
  report.notes = {"the budget was over before it was known whether fewer groups would do"};
  return done;
}

}  // namespace trtprof::test
