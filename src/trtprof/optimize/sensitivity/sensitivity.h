// Which parts of a model lose their answers in a lower precision, and which of them are to be left out so that the rest
// may have it.
//
// Ranking: each group of nodes is converted by itself, everything else stays as it was (H. Wu et al., Integer
// Quantization for Deep Learning Inference, arXiv:2004.09602, 6.1: partial quantization). What a group loses is then
// its own: errors of groups add up nearly like noise, while what one of many conversions contributes is hidden by the
// others. Then all but the worst are converted, the worst two, and so on, which is how the paper chooses, too; here the
// number is searched for rather than counted up to, and what the search found is measured, not assumed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/base/progress.h"
#include "trtprof/base/stop_flag.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/optimize/accuracy/accuracy.h"
#include "trtprof/optimize/sensitivity/precision_group.h"
#include "trtprof/optimize/sensitivity/trial_score.h"

namespace trtprof {

// The model converted, but for these nodes (display names).
using MakeModel = std::function<Result<OnnxModel>(std::span<const std::string> kept_in_float)>;
// A converted model against the reference, on the first `samples` of the data; nullopt: on all.
using ScoreModel = std::function<Result<AccuracyResult>(const OnnxModel& trial, std::optional<std::size_t> samples)>;

struct SensitivityTask {
  std::vector<PrecisionGroup> groups;  // all that the conversion would convert
  MakeModel make;
  ScoreModel score;
};

struct SensitivityOptions {
  bool rank = true;                      // also where the gates hold without leaving anything out
  bool find_kept = false;                // what to leave out, so that `gates` hold
  AccuracyGates gates = {};              // judged on all data
  std::size_t ranking_samples = 64;      // of each trial of the ranking
  double budget = 300.0;                 // seconds; half of it for the ranking
  std::function<double()> seconds = {};  // a clock; empty: the steady one
};

struct GroupSensitivity {
  PrecisionGroup group;
  std::optional<TrialScore> score;  // nullopt: not tried
  std::size_t together = 1;         // groups that were converted at once for it: there was no time to tell them apart
  std::string failure = {};         // why the trial could not be run; a sentence
};

// All groups converted but for those first in the ranking.
struct CumulativePoint {
  std::size_t kept = 0;
  TrialScore score;  // on all data
  bool passed = true;
};

struct SensitivityReport {
  // The worst first; those not tried last. Empty: there was no need of it, or no trial told groups apart.
  std::vector<GroupSensitivity> ranking;
  std::vector<CumulativePoint> curve;    // by `kept`
  bool searched = false;                 // for what to leave out
  bool found = false;                    // the gates hold with `kept` left out, by measurement
  std::vector<PrecisionGroup> kept;      // to be left out; empty where nothing was found
  std::optional<TrialScore> kept_score;  // with them left out, on all data
  std::size_t groups = 0;
  std::size_t trials = 0;
  double seconds = 0.0;
  bool out_of_time = false;
  std::vector<std::string> notes;  // a sentence each

  [[nodiscard]] std::vector<std::string> kept_nodes() const;
  // The search ended with nothing left to convert: nothing was found, or every group is to be left out.
  [[nodiscard]] bool leaves_nothing() const { return searched && (!found || kept.size() == groups); }
};

// Fails where everything converted at once cannot be run, ErrorCode::usage where the gates ask for what the data does
// not have, ErrorCode::interrupted when the user stopped it.
[[nodiscard]] Result<SensitivityReport> measure_sensitivity(const SensitivityTask& task,
                                                            const SensitivityOptions& options, Progress& progress,
                                                            const StopFlag& stop);

}  // namespace trtprof
