// The numbers that a conclusion rests on.
#pragma once

#include <string>
#include <vector>

namespace trtprof {

struct Evidence {
  std::string quantity;  // "gaps, of compute"
  double value = 0.0;
  std::string unit;                 // "s", "1", "W", "Hz", "B"; "1" with values of 0 to 1 is a share
  std::vector<std::string> layers;  // that it is about; empty: the whole inference
  bool operator==(const Evidence&) const = default;
};

}  // namespace trtprof
