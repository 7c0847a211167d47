// What a reader must know of a measurement before trusting it. Pure functions over what was measured.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "trtprof/profile/profile.h"

namespace trtprof {

// For Profile::notes and Profile::warnings: a sentence each, with its figure.
struct Remarks {
  std::vector<std::string> notes;     // facts
  std::vector<std::string> warnings;  // reasons to doubt
  bool operator==(const Remarks&) const = default;
};

// Appends what is not there yet.
void add_remarks(Profile& profile, const Remarks& remarks);

// Of the two series, each: the interval of the median wider than asked, warm-up not steady, many outliers, two modes.
// Of both together: the layer sum more than 10 % away from the median end to end (of its compute, where that is known),
// and which part of that is the cost
// of layer timing, which lies between the layers.
[[nodiscard]] Remarks profile_remarks(const Profile& profile);

}  // namespace trtprof
