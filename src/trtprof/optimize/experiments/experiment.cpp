#include "trtprof/optimize/experiment.h"

#include <utility>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/compare/comparison.h"
#include "trtprof/compare/figures.h"
#include "trtprof/profile/layer_times.h"

namespace trtprof {
namespace {

std::optional<LaunchFigure> figure_of(const Profile& profile, ProofFigure figure) {
  switch (figure) {
    case ProofFigure::compute:
      return trtprof::figure_of(profile, FigureKind::compute);
    case ProofFigure::pace:
      if (const auto interval = trtprof::figure_of(profile, FigureKind::interval)) return interval;
      break;
    case ProofFigure::latency:
      break;
  }
  return trtprof::figure_of(profile, FigureKind::latency);
}

Result<std::vector<LaunchFigure>> figures_of(std::span<const Profile> launches, ProofFigure figure, const char* side) {
  std::vector<LaunchFigure> figures;
  for (const Profile& profile : launches) {
    const auto found = figure_of(profile, figure);
    if (!found) return fail(fmt::format("a launch of {} has no {}", side, to_string(figure)));
    figures.push_back(*found);
  }
  if (figures.empty()) return fail(fmt::format("{} was not launched", side));
  return figures;
}

std::optional<CopyTime> copies_of(std::span<const Profile> launches) {
  std::vector<double> seconds;
  std::vector<double> shares;
  for (const Profile& profile : launches) {
    const auto latency = trtprof::figure_of(profile, FigureKind::latency);
    const auto in = trtprof::figure_of(profile, FigureKind::host_to_device);
    const auto out = trtprof::figure_of(profile, FigureKind::device_to_host);
    if (!latency || (!in && !out)) continue;
    seconds.push_back((in ? in->value : 0.0) + (out ? out->value : 0.0));
    shares.push_back(seconds.back() / latency->value);
  }
  if (seconds.empty()) return std::nullopt;
  return CopyTime{median(seconds), median(shares)};
}

// Of a bound: less of it is not what a reader of the finding expects.
constexpr double kShareOfBound = 0.5;

Proof proof_of(const ExperimentResult& result) {
  switch (result.verdict.outcome) {
    case Outcome::undecided:
      return Proof::undecided;
    case Outcome::same:
    case Outcome::slower:
      return Proof::refuted;
    case Outcome::faster:
      break;
  }
  const auto& promised = result.experiment.promised;
  if (!promised) return result.experiment.leaves_out ? Proof::bound : Proof::proven;
  // The promise is of another launch: less than what counts as a change does not tell them apart.
  const double slack = result.verdict.threshold * result.verdict.seconds_a;
  if (result.saved_interval.high < promised->low - slack) return Proof::less;
  if (result.saved_interval.low > promised->high + slack) return Proof::more;
  if (result.experiment.leaves_out) return Proof::bound;
  const bool only_bound = promised->low <= 0.0;
  if (only_bound && result.saved_interval.high < kShareOfBound * promised->high - slack) return Proof::partly;
  return Proof::proven;
}

std::string sentence_of(const ExperimentResult& result) {
  const std::string figure = result.experiment.figure == ProofFigure::pace
                                 ? "the time from one inference to the next"
                                 : fmt::format("the {} of an inference", to_string(result.experiment.figure));
  const auto& promised = result.experiment.promised;
  const std::string saved = format_duration(result.saved);
  const auto of_the_most = [&]() -> std::string {
    if (!promised || promised->high <= 0.0) return "";
    if (result.saved >= promised->high) return ", all that was promised";
    return fmt::format(", {} of the most that was promised", format_percent(result.saved / promised->high, 0));
  };
  switch (result.proof) {
    case Proof::proven:
      return fmt::format("{} of {} are saved that way{}", saved, figure, of_the_most());
    case Proof::partly:
      return fmt::format("{} of {} are saved that way{}: the rest of it is not to be had by this", saved, figure,
                         of_the_most());
    case Proof::bound:
      return fmt::format(
          "{} of {} are what is left out{}: no way to do it better saves more, and none is proven by "
          "leaving it out",
          saved, figure, of_the_most());
    case Proof::less:
      return fmt::format("{} of {} are saved that way, less than the {} that were promised at the least", saved, figure,
                         format_duration(promised->low));
    case Proof::more:
      return fmt::format("{} of {} are saved that way, more than the {} that the finding took for the most", saved,
                         figure, format_duration(promised->high));
    case Proof::refuted:
      return fmt::format("{} is {} that way: the finding's gain is not to be had by it", figure,
                         result.verdict.outcome == Outcome::slower ? "longer" : "the same");
    case Proof::undecided:
      break;
  }
  return result.verdict.reason;
}

}  // namespace

std::string_view to_string(ProofFigure figure) {
  switch (figure) {
    case ProofFigure::latency:
      return "latency";
    case ProofFigure::compute:
      return "compute";
    case ProofFigure::pace:
      break;
  }
  return "pace";
}

std::string_view to_string(Proof proof) {
  switch (proof) {
    case Proof::proven:
      return "PROVEN";
    case Proof::partly:
      return "PARTLY";
    case Proof::bound:
      return "BOUND";
    case Proof::less:
      return "LESS";
    case Proof::more:
      return "MORE";
    case Proof::refuted:
      return "REFUTED";
    case Proof::undecided:
      break;
  }
  return "UNDECIDED";
}

Result<ExperimentResult> judge_experiment(const Experiment& experiment, std::span<const Profile> a,
                                          std::span<const Profile> b) {
  const auto figures_a = figures_of(a, experiment.figure, "A");
  if (!figures_a) return forward_error(figures_a);
  const auto figures_b = figures_of(b, experiment.figure, "B");
  if (!figures_b) return forward_error(figures_b);
  JudgeOptions options;
  options.paired = took_turns(a, b);
  ExperimentResult result;
  result.experiment = experiment;
  result.verdict = judge(*figures_a, *figures_b, options);
  result.saved = -result.verdict.effect * result.verdict.seconds_a;
  result.saved_interval = {-result.verdict.interval.high * result.verdict.seconds_a,
                           -result.verdict.interval.low * result.verdict.seconds_a};
  result.copies_a = copies_of(a);
  result.copies_b = copies_of(b);
  result.proof = proof_of(result);
  result.sentence = sentence_of(result);
  return result;
}

}  // namespace trtprof
