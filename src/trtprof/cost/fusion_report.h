// Which nodes of a model an engine fused, and where a chain broke: the model's graph held against the layers that run.
// For TensorRT engines and OpenVINO profiles alike: origins alone decide, and the tensors between layers tell what
// stands where a chain broke.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/cost/inspection.h"
#include "trtprof/cost/onnx_facts.h"
#include "trtprof/model/graph.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

enum class FusionStatus {
  fused,         // one layer runs all of it
  partly_fused,  // several layers, of which one runs two nodes or more
  not_fused,     // each node in a layer of its own
  not_told,      // inside an opaque block, or no layer says that it runs a node that some layer must run
};
[[nodiscard]] std::string_view to_string(FusionStatus status);  // "partly_fused"

// What stands between two layers of a broken chain.
enum class BreakCause {
  reformat,   // layers that change layout or type, and nothing else
  layers,     // other layers
  precision,  // nothing, but the two compute in different types
  none_seen,  // nothing: the engine keeps them apart and does not say why
};
[[nodiscard]] std::string_view to_string(BreakCause cause);  // "reformat"

struct FusionBreak {
  std::string after;  // display names of the nodes of the chain before and after the break
  std::string before;
  std::size_t layer_after = 0;  // the layers that run them, indices into FusionReport::layers
  std::size_t layer_before = 0;
  BreakCause cause = BreakCause::none_seen;
  std::vector<std::size_t> between;  // the layers in between, in execution order
  std::string precision_after;       // of the two layers, where they differ
  std::string precision_before;
};

struct ChainNode {
  std::string name;  // display name
  std::string op_type;
  std::vector<std::size_t> layers;  // that run it; empty: none names it
  bool folded = false;  // none names it, and none needs to: it went into the weights or the layer of its neighbour
};

// One convolution with what it may take along (FusionCandidate, no blocks). An addition of two convolutions' results
// counts with the one to which the engine gave it.
struct ChainFusion {
  FusionKind kind = FusionKind::conv_bn;
  FusionStatus status = FusionStatus::not_told;
  std::vector<ChainNode> nodes;     // in stored order
  std::vector<std::size_t> layers;  // all that run a node of it, in execution order
  std::vector<FusionBreak> breaks;  // where it broke, one for each pair of layers; only when partly or not fused
  std::string why_not_told;         // a sentence; empty otherwise
};

struct EngineLayerNodes {
  std::string name;
  std::string engine_type;
  LayerClass layer_class = LayerClass::other;
  std::string precision;
  std::string implementation;
  std::vector<OriginNode> nodes;  // none: inserted by the engine, or not told
  OriginSource source = OriginSource::none;
};

struct FusionReport {
  std::vector<EngineLayerNodes> layers;  // in execution order
  std::vector<ChainFusion> chains;       // in the order of their convolutions
  std::vector<OriginNode> nowhere;       // nodes of the model that no layer names: folded, shape arithmetic, constants
  bool model_known = true;               // false: the graph is empty, so there are no chains to look for

  [[nodiscard]] std::size_t chains_with(FusionStatus status) const;
};

// `executed`: the layers of a profile or of an engine, in execution order, their origins resolved against `graph`.
[[nodiscard]] FusionReport fusion_report(const Graph& graph, const TensorTable& tensors,
                                         const std::vector<Layer>& executed);

}  // namespace trtprof
