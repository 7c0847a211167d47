#include "trtprof/optimize/effect.h"

#include <vector>

namespace trtprof {

Effect paired_effect(std::span<const double> a, std::span<const double> b) {
  std::vector<double> differences;
  differences.reserve(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) differences.push_back(a[i] - b[i]);
  return {median(differences), median_interval(differences), differences.size()};
}

}  // namespace trtprof
