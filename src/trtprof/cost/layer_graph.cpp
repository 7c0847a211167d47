#include "trtprof/cost/layer_graph.h"

#include <string>
#include <unordered_map>

namespace trtprof {
namespace {

bool without_origin(const Layer& layer) {
  return layer.origin_nodes.empty();
}

bool computes(const Layer& layer) {
  switch (layer.layer_class) {
    case LayerClass::reformat:
    case LayerClass::cast:
    case LayerClass::constant:
    case LayerClass::input_output:
      return false;
    default:
      return !layer.outputs.empty();  // an empty one prepares shapes or streams
  }
}

}  // namespace

bool is_conversion(const Layer& layer) {
  return layer.layer_class == LayerClass::reformat || layer.layer_class == LayerClass::cast;
}

LayerGraph::LayerGraph(const std::vector<Layer>& layers)
    : layers_(layers), readers_(layers.size()), writers_(layers.size()) {
  std::unordered_map<std::string, std::size_t> writer;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    for (const TensorDesc& tensor : layers[i].inputs) {
      const auto found = writer.find(tensor.name);
      if (tensor.name.empty() || found == writer.end()) {
        continue;
      }
      readers_[found->second].push_back(i);
      writers_[i].push_back(found->second);
    }
    for (const TensorDesc& tensor : layers[i].outputs) {
      writer[tensor.name] = i;
    }
  }
}

std::vector<bool> LayerGraph::reached(std::size_t from, const std::vector<std::vector<std::size_t>>& next) const {
  std::vector<bool> seen(layers_.size(), false);
  std::vector<std::size_t> pending{from};
  while (!pending.empty()) {
    const std::size_t current = pending.back();
    pending.pop_back();
    for (const std::size_t neighbour : next[current]) {
      if (!seen[neighbour]) {
        seen[neighbour] = true;
        pending.push_back(neighbour);
      }
    }
  }
  return seen;
}

std::vector<std::size_t> LayerGraph::between(std::size_t first, std::size_t last) const {
  std::vector<std::size_t> layers;
  const bool told = !layers_[first].outputs.empty() && !layers_[last].inputs.empty();
  const std::vector<bool> after = reached(first, readers_);
  const std::vector<bool> before = reached(last, writers_);
  for (std::size_t i = first + 1; i < last; ++i) {
    const bool names_it = without_origin(layers_[i]) && layers_[i].name.find(layers_[last].name) != std::string::npos;
    if (told ? after[i] && before[i] : names_it) {
      layers.push_back(i);
    }
  }
  return layers;
}

std::size_t LayerGraph::untold_after(std::size_t layer) const {
  std::vector<bool> seen(layers_.size(), false);
  std::vector<std::size_t> pending{layer};
  while (!pending.empty()) {
    const std::size_t current = pending.back();
    pending.pop_back();
    for (const std::size_t reader : readers_[current]) {
      if (seen[reader] || !without_origin(layers_[reader])) {
        continue;
      }
      if (computes(layers_[reader])) {
        return reader;
      }
      seen[reader] = true;
      pending.push_back(reader);
    }
  }
  return layers_.size();
}

}  // namespace trtprof
