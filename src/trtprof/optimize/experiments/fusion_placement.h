// Where the two sides of a fusion pair run: in one layer of an engine, or apart.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "trtprof/cost/fusion_pairs.h"
#include "trtprof/model/graph.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

enum class Placement {
  fused,     // one layer runs both, or the tail went into the head's weights
  apart,     // in layers of their own
  not_told,  // no layer says that it runs the head, or what runs it is opaque
};

// The layers of an engine by the nodes of the model in them. Keeps a reference: the layers must outlive it.
class FusionPlacement {
 public:
  explicit FusionPlacement(const std::vector<Layer>& layers);

  [[nodiscard]] Placement of(const FusionPair& pair) const;
  // The layers that run the end of the head: the last of its nodes that a layer names.
  [[nodiscard]] std::vector<std::size_t> head_layers(const FusionPair& pair) const;
  [[nodiscard]] std::vector<std::size_t> tail_layers(const FusionPair& pair) const;
  // Layers that run any of these nodes, in execution order.
  [[nodiscard]] std::vector<std::size_t> layers_with(const std::unordered_set<std::string>& nodes) const;
  [[nodiscard]] bool is_named(const std::string& node) const { return by_node_.contains(node); }
  [[nodiscard]] const std::vector<Layer>& layers() const { return layers_; }

 private:
  [[nodiscard]] std::vector<std::size_t> layers_of(const std::string& node) const;

  const std::vector<Layer>& layers_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_node_;
};

// The names of the nodes that a layer runs.
[[nodiscard]] std::unordered_set<std::string> nodes_of(const Layer& layer);

// Tensors that layers write to memory anyway, so that reading from them prevents nothing. Left out: what a layer takes
// as the second operand of something it fused (a residual), since engines add to that in place while nobody else reads
// it.
class FusionControls {
 public:
  FusionControls(const FusionPlacement& placement, const Graph& graph, const TensorTable& tensors);

  // For each pair a tensor of the pair's type: its own layer's, of the pair's shape where there is one; else one of
  // another layer, the same as often as it takes. Empty: there is none at all.
  [[nodiscard]] std::vector<std::string> choose(const std::vector<const FusionPair*>& pairs) const;

 private:
  [[nodiscard]] std::string own(const FusionPair& pair) const;
  [[nodiscard]] bool is_of_type(const std::string& tensor, ElementType type) const;

  const FusionPlacement& placement_;
  const TensorTable& tensors_;
  std::vector<std::vector<std::string>> results_;  // by layer
};

}  // namespace trtprof
