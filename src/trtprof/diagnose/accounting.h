// Time accounting that closes: what one inference takes from outside, as a sum of terms, and what is left over.
//
//   end to end = kernels + gaps + what lies outside - profiler's cost + transfers - overlap + unexplained
//
// The parts were measured in different runs (end to end undisturbed, layers by the engine's timing, kernels traced), so
// that runs which watch more cost more; that cost is a term of its own, below zero. It shows in what it adds to the
// host's or the device's waiting, never in kernels, so no more of it is taken off than there was waiting: where that is
// not enough, the rest is unexplained.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/base/statistics.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

enum class TermKind {
  host_to_device,
  device_to_host,
  kernels,         // durations added up, from timestamps
  layers,          // what the engine reports of its layers, added up
  overlap,         // below zero: kernels that ran at once, or parts of an inference that did
  other_work,      // fills and copies between kernels
  gaps,            // the device ran nothing between an inference's kernels
  outside,         // inside the inference and no layer or kernel: before the first, between layers, after the last
  profilers_cost,  // below zero: what watching added to the terms above
  compute,         // where nothing tells what is inside
};

enum class HowKnown {
  measured,
  bounded,  // between TimeTerm::bounds
  unknown,  // no figure: it is in what is unexplained
};

struct TimeTerm {
  TermKind kind = TermKind::compute;
  std::optional<double> seconds;  // as it adds to the sum
  HowKnown known = HowKnown::unknown;
  std::optional<Interval> bounds;  // of the undisturbed inference, where they are narrower than nothing
  std::string basis;               // what it was taken from, or why it is not known: a sentence
};

// Which part of the profile told what is inside an inference.
enum class AccountBasis { timeline, layers, nothing };

struct TimeAccount {
  double end_to_end = 0.0;    // seconds; median
  bool of_layer_run = false;  // no end-to-end run: the layer run's inference is accounted for
  AccountBasis basis = AccountBasis::nothing;
  std::vector<TimeTerm> terms;  // in the order in which they are read
  double unexplained = 0.0;     // end_to_end - the terms; below zero: they say more than there was
  double uncertainty = 0.0;     // half the width of what the medians' intervals allow `unexplained` to be off
  bool closes = false;          // |unexplained| within 5 % of end_to_end, or within `uncertainty`
  // With several inferences under way: from one completion to the next, and what of this latency lay beside others.
  std::optional<double> interval;
  std::optional<double> beside_other_inferences;

  [[nodiscard]] const TimeTerm* find(TermKind kind) const;
};

// nullopt: the profile holds neither an end-to-end nor a layer run with a time.
[[nodiscard]] std::optional<TimeAccount> account_of(const Profile& profile);

[[nodiscard]] std::string_view to_string(TermKind kind);  // "host_to_device"
[[nodiscard]] std::string_view to_string(HowKnown known);

}  // namespace trtprof
