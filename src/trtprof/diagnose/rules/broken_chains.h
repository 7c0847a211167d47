// Convolutions whose batch normalisation, activation or addition runs in a layer of its own. Private to rules/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "trtprof/cost/fusion_report.h"
#include "trtprof/profile/profile.h"

namespace trtprof::rules {

enum class Companion { normalization, activation, addition, scale };
[[nodiscard]] std::string_view words_for(Companion what);  // "activation"

struct BrokenChain {
  Companion what = Companion::activation;
  std::size_t convolution = 0;  // the layer before the break; indices of LayerRun::layers
  std::size_t companion = 0;    // the layer behind it
  // Layers that fusing takes away: the companion, unless it runs something else too, and conversions in between.
  std::vector<std::size_t> extra;
  std::vector<std::size_t> between;
  BreakCause cause = BreakCause::none_seen;
  double bytes = 0.0;  // of the tensor in between, written and read; 0: not known
};

// By the model's chains.
[[nodiscard]] std::vector<BrokenChain> broken_chains(const FusionReport& fusion, const LayerRun& run);
// By the types of the layers' origins and the names of their tensors: layers of nothing but such operators that alone
// read what a convolution wrote.
[[nodiscard]] std::vector<BrokenChain> broken_chains(const LayerRun& run);

// As the engine said it, or by shape and type; 0: not known.
[[nodiscard]] double bytes_of(const TensorDesc& tensor);

}  // namespace trtprof::rules
