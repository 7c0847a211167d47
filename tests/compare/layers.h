// Layers and launches made by hand.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "support/profile_fixture.h"
#include "trtprof/compare/layer_match.h"

namespace trtprof::test {

// `nodes`: of the model, as Conv; none: the engine's own.
inline Layer layer_of(std::string name, const std::vector<std::string>& nodes, double seconds,
                      LayerClass layer_class = LayerClass::convolution) {
  Layer layer = layer_taking(std::move(name), layer_class, seconds);
  for (const std::string& node : nodes) layer.origin_nodes.push_back({node, "Conv"});
  layer.origin_source = nodes.empty() ? OriginSource::none : OriginSource::reported;
  return layer;
}

inline LayerRun run_of(std::vector<Layer> layers) {
  LayerRun run;
  run.layers = std::move(layers);
  return run;
}

using Indices = std::vector<std::vector<std::size_t>>;

}  // namespace trtprof::test
