// Which executed layer reads what which other wrote, by the names of tensors. Private to cost/.
#pragma once

#include <cstddef>
#include <vector>

#include "trtprof/profile/profile.h"

namespace trtprof {

// Keeps a reference: the layers must outlive it. A tensor that several layers write (a scratch buffer, a loop's
// variable) is read from the one that wrote it last.
class LayerGraph {
 public:
  explicit LayerGraph(const std::vector<Layer>& layers);

  // Layers on a way from `first` to `last`, both left out, in execution order. Where the engine tells no tensors, the
  // inserted ones in between that name `last`: "Reformatting CopyNode for Input Tensor 0 to conv".
  [[nodiscard]] std::vector<std::size_t> between(std::size_t first, std::size_t last) const;

  // A layer that computes something the engine does not tell, reached from `layer` through such as have no origin
  // themselves; layers.size(): none.
  [[nodiscard]] std::size_t untold_after(std::size_t layer) const;

 private:
  [[nodiscard]] std::vector<bool> reached(std::size_t from, const std::vector<std::vector<std::size_t>>& next) const;

  const std::vector<Layer>& layers_;
  std::vector<std::vector<std::size_t>> readers_;
  std::vector<std::vector<std::size_t>> writers_;
};

// Changes layout or type of a tensor, and nothing else.
[[nodiscard]] bool is_conversion(const Layer& layer);

}  // namespace trtprof
