// Why one precision is slower or faster than another, by cause. Private to the rules.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/diagnose/subject.h"

namespace trtprof::rules {

enum class PrecisionCause {
  reformats,     // changes of layout and type
  quantize,      // Q/DQ that was not fused into a layer
  stayed_float,  // nothing of it computes in INT8
  lost_fusions,  // more layers than in the other precision
  grouped,       // depthwise and grouped convolutions
  channels,      // convolutions whose channels do not fill INT8 tensor cores
  others,        // layers in INT8 with none of these
};
inline constexpr std::size_t kPrecisionCauses = 7;

struct SlowerLayer {
  std::string name;
  double seconds = 0.0;  // more than in the other profile, beyond what the samples leave open
};

struct CauseSum {
  double seconds = 0.0;             // of this profile less the other's; below zero: faster
  std::size_t layers = 0;           // of this profile
  std::vector<SlowerLayer> slower;  // largest first
};

// end_to_end = copies + gaps + the causes + unexplained
struct PrecisionDifference {
  double end_to_end = 0.0;  // this profile's less the other's, as all below
  double other_end_to_end = 0.0;
  double copies = 0.0;
  double gaps = 0.0;  // between kernels; 0 without timelines of both
  std::array<CauseSum, kPrecisionCauses> causes;
  double unexplained = 0.0;
  bool from_timelines = false;
  double matched = 0.0;  // share of this profile's layers' time that has layers of the other profile beside it

  [[nodiscard]] const CauseSum& of(PrecisionCause cause) const { return causes[static_cast<std::size_t>(cause)]; }
  [[nodiscard]] double slower() const;  // all that is slower, added up
};

[[nodiscard]] bool computes_in_int8(const Layer& layer);
[[nodiscard]] bool computes_in_int8(const Profile& profile);

// Both profiles have a layer run and an account; `other_account` is the counterpart's.
[[nodiscard]] PrecisionDifference precision_difference(const Subject& subject, const TimeAccount& other_account);

}  // namespace trtprof::rules
