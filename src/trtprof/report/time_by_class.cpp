#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "trtprof/profile/layer_times.h"
#include "trtprof/report/report.h"

namespace trtprof {

std::vector<ClassShare> time_by_class(const LayerRun& run) {
  std::vector<ClassShare> shares;
  for (const LayerClass layer_class : all_layer_classes()) {
    shares.push_back({layer_class});
  }
  for (const Layer& layer : run.layers) {
    ClassShare& share = shares.at(static_cast<std::size_t>(layer.layer_class));
    share.seconds += layer_seconds(layer).value_or(0.0);
    ++share.layers;
  }
  std::erase_if(shares, [](const ClassShare& share) { return share.layers == 0; });
  double total = 0.0;
  for (const ClassShare& share : shares) {
    total += share.seconds;
  }
  for (ClassShare& share : shares) {
    share.share = total > 0.0 ? share.seconds / total : 0.0;
  }
  std::ranges::stable_sort(shares, [](const ClassShare& a, const ClassShare& b) { return a.seconds > b.seconds; });
  return shares;
}

}  // namespace trtprof
