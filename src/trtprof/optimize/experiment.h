// Experiments that prove a diagnosis: the same model run as it was diagnosed and without what a finding blames, both
// several times in turns, so that what the finding promised stands beside what came true.
//
// A finding names the command line that would be better. Where that differs in how the model is launched alone, nothing
// else is different between the two, and the experiment is exact.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/base/statistics.h"
#include "trtprof/compare/verdict.h"
#include "trtprof/diagnose/analysis.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

// What the finding's gain is a gain of, in seconds of an inference.
enum class ProofFigure {
  latency,  // of one inference from outside
  compute,  // on the device, without copies
  pace,     // from one completion to the next; of one inference at a time its latency
};
[[nodiscard]] std::string_view to_string(ProofFigure figure);  // "pace"

struct Experiment {
  std::string rule;                    // of the finding
  std::string title;                   // the finding's
  std::vector<std::string> options_a;  // of `profile`, of those that say how it is launched: as it was diagnosed
  std::vector<std::string> options_b;  // as the finding says
  ProofFigure figure = ProofFigure::latency;
  std::optional<Gain> promised;  // nullopt: the finding names no figure
  // B does not do what A does, as without copies: that it is faster is arithmetic, and by how much a bound.
  bool leaves_out = false;
  bool operator==(const Experiment&) const = default;
};

// A finding with something to gain that no way to launch takes away, and rules about launches that did not fire.
struct NoExperiment {
  std::string rule;
  std::string title;   // of the finding; "": there is none
  std::string reason;  // a clause
  bool operator==(const NoExperiment&) const = default;
};

struct ExperimentPlan {
  std::vector<Experiment> experiments;
  std::vector<NoExperiment> none;
};

// `analysis` is of `profile`. Experiments of one finding that names several command lines follow one another.
[[nodiscard]] ExperimentPlan plan_experiments(const Profile& profile, const Analysis& analysis);

enum class Proof {
  proven,   // B is faster, by what was promised: of a bound half or more
  partly,   // only a bound was promised, and B is faster by less than half of it
  bound,    // B is faster because it leaves out: what is saved bounds what any better way could save
  less,     // B is faster, but by less than was promised at the least
  more,     // B is faster by more than the promise said there could be: its bound does not hold
  refuted,  // B is not faster
  undecided,
};
[[nodiscard]] std::string_view to_string(Proof proof);  // "PROVEN"

// Copies between host and device of one inference.
struct CopyTime {
  double seconds = 0.0;
  double share = 0.0;  // of the latency
};

struct ExperimentResult {
  Experiment experiment;
  Proof proof = Proof::undecided;
  ChangeVerdict verdict;  // of the figure; B against A
  double saved = 0.0;     // seconds of an inference
  Interval saved_interval;
  std::optional<CopyTime> copies_a;  // medians over the launches; nullopt: nothing was copied, or it is not known
  std::optional<CopyTime> copies_b;
  std::string sentence;  // what to conclude
};

struct ExperimentsReport {
  std::vector<ExperimentResult> results;
  std::vector<NoExperiment> none;
  std::size_t launches = 0;        // of each side, that were asked for
  std::vector<std::string> notes;  // a sentence each
};

// One profile a launch. Fails where a side has none, and where the figure is not in all of them.
[[nodiscard]] Result<ExperimentResult> judge_experiment(const Experiment& experiment, std::span<const Profile> a,
                                                        std::span<const Profile> b);

}  // namespace trtprof
