// Is B faster than A, the same, slower, or can that not be told? From one figure a launch. docs/compare.md has the
// method and what it was measured to be worth.
//
// The unit is a launch, not a sample: launches of one program differ from each other (memory layout, placement of
// threads, clocks, who else runs) by more than samples within a launch let one think, and so do builds of one engine.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "trtprof/base/statistics.h"

namespace trtprof {

// The smallest change that counts as one, unless the user says otherwise.
inline constexpr double kDefaultThreshold = 0.01;
// How far medians of launches of one program lie apart (standard deviation over mean) where nothing better is known:
// for a side of one launch. docs/compare.md has the recordings behind it.
inline constexpr double kAssumedLaunchSpread = 0.05;

// What one launch says of one figure.
struct LaunchFigure {
  double value = 0.0;      // seconds: the median of its samples, or for a throughput their mean
  double log_error = 0.0;  // standard error of the logarithm of `value`, from within the launch (resample.h)
  std::size_t samples = 0;
  std::size_t build = 0;  // launches of one build of an engine have the same number
};

enum class Outcome {
  faster,     // the whole interval is below zero at claim_level(), and the effect is at least the threshold
  same,       // the whole interval is within the threshold on both sides of zero
  slower,     // the whole interval is above zero at claim_level(), and the effect is at least the threshold
  undecided,  // none of them
};

// How sure one must be to say FASTER or SLOWER, where the interval that is shown has this level: 98 % for 95 %. An
// interval of 95 % is beyond zero in 5 % of all comparisons of a program with itself; verdicts are to be wrong less
// often than that.
[[nodiscard]] double claim_level(double level);

// What the interval rests on.
enum class VerdictBasis {
  pairs,           // launch i of A beside launch i of B, taken one after the other: slow drift cancels
  separate_sides,  // both sides by themselves (Welch)
  one_spread,      // one side has a single launch: it is taken to vary as the other does
  assumed_spread,  // both have a single launch: how launches vary is assumed, or known from elsewhere
};

struct SideCounts {
  std::size_t launches = 0;
  std::size_t builds = 0;
  std::size_t samples = 0;
};

struct ChangeVerdict {
  Outcome outcome = Outcome::undecided;
  double effect = 0.0;  // B / A - 1 of the time: -0.1 is 10 % less
  Interval interval;    // of the effect
  double level = 0.95;  // of the interval
  double threshold = kDefaultThreshold;
  double seconds_a = 0.0;  // geometric mean over the launches of their medians
  double seconds_b = 0.0;
  SideCounts a;
  SideCounts b;
  VerdictBasis basis = VerdictBasis::assumed_spread;
  bool by_builds = false;  // builds are the units, and launches of one build are one observation
  double spread = 0.0;     // standard deviation of one launch (or build) against another, relative; assumed or seen
  // About how many launches (or builds) a side would decide, if B is to A as it now seems; nullopt where it is decided,
  // below three a side, or where no number would: the change is as large as the threshold.
  std::optional<std::size_t> enough_launches;
  std::string reason;  // a sentence: what decided it, or why it is not decided
};

struct JudgeOptions {
  double threshold = kDefaultThreshold;
  double level = 0.95;
  // Launch i of A and launch i of B were taken one after the other. Without effect where the numbers differ.
  bool paired = false;
  std::optional<double> launch_spread =
      std::nullopt;  // of one program's launches, known from elsewhere; for sides of one launch
};

// Each side has one launch or more, each value is positive. The same every time it is called.
[[nodiscard]] ChangeVerdict judge(std::span<const LaunchFigure> a, std::span<const LaunchFigure> b,
                                  const JudgeOptions& options);

[[nodiscard]] std::string_view to_string(Outcome outcome);     // "FASTER"
[[nodiscard]] std::string_view to_string(VerdictBasis basis);  // "pairs"

}  // namespace trtprof
