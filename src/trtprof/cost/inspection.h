// What is inside a model, by looking: nothing is run. `inspect MODEL` prints it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/cost/cost.h"
#include "trtprof/cost/onnx_facts.h"
#include "trtprof/model/graph.h"

namespace trtprof {

struct OperatorGroup {
  std::string op_type;  // "Conv"; "com.acme.Foo" with its domain where that is not ONNX's
  std::int64_t count = 0;
  std::int64_t parameters = 0;  // a weight that several operators share belongs to the first of them
  CostTotals totals;
};

struct TensorSize {
  std::string name;
  ValueInfo info;
  std::optional<std::uint64_t> bytes;  // nullopt: a dimension is open, or the type is
  bool constant = false;
};

// Two levels, each of which lists a node at most once. What a single convolution may take along, named for the most
// that its chain holds ("conv_activation" has no batch normalisation); and blocks of several convolutions, made of such
// chains.
enum class FusionKind {
  // one convolution (Conv or ConvTranspose)
  conv_affine,         // + addition of and multiplication by constants: bias, scale
  conv_bn,             // + BatchNormalization
  conv_activation,     // + activation, such constants included
  conv_bn_activation,  // + both
  conv_add,            // + addition of another tensor (a residual), with what is before and the activation behind it
  // blocks
  depthwise_pointwise,  // a depthwise convolution and the 1x1 convolution that alone reads its result
  inverted_residual,    // 1x1 that widens (absent where the expansion is 1), depthwise, 1x1 without activation, with
                        // the residual addition where there is one and squeeze-and-excitation behind the depthwise
};
[[nodiscard]] std::string_view to_string(FusionKind kind);  // "conv_bn_activation"
[[nodiscard]] bool is_block(FusionKind kind);

// Nodes that an engine may run as one kernel. Every tensor between them is read by them alone.
struct FusionCandidate {
  FusionKind kind;
  std::vector<std::string> nodes;  // display names, in stored order
  bool operator==(const FusionCandidate&) const = default;
};

// Both levels, one after the other, each in stored order. By operators, attributes and the shapes of weights; time is
// linear in the size of the graph. The shapes of activations do not matter.
[[nodiscard]] std::vector<FusionCandidate> find_fusion_candidates(const Graph& graph, const TensorTable& tensors);

struct Inspection {
  // Most frequent first. Constant nodes are weights, not operators. Bodies of If, Loop and Scan count once.
  std::vector<OperatorGroup> operators;
  std::int64_t constant_nodes = 0;
  // Elements of what training would learn: weights, biases, embeddings, scale and shift of normalisations. Not counted:
  // running means and variances, single numbers of elementwise arithmetic, bounds, scales of Resize and of
  // quantisation, whole numbers but for quantised weights.
  std::int64_t parameters = 0;
  std::optional<std::uint64_t> weight_bytes;  // initializers and Constant nodes as stored; nullopt: a size is not known
  CostTotals totals;
  std::map<std::string, std::int64_t> nodes_by_precision;     // element type of the first output: "f32" -> 140
  std::map<std::string, std::uint64_t> weights_by_precision;  // bytes
  std::vector<std::string> open_dimensions;  // "input x: batch, dimension 2", then the tensors that open others
  std::vector<TensorSize>
      largest_tensors;  // weights and activations, largest first; those of unknown size are left out
  std::int64_t tensors_of_unknown_size = 0;  // activations
  // Sum of the activations alive at once in stored order, in bytes: each from the node that makes it to the last that
  // reads it, the graph's inputs from the start, its outputs to the end; a node's inputs and outputs are alive
  // together. What only renames (Reshape, Squeeze, Unsqueeze, Flatten, Identity, ...) shares the memory of its input.
  // No operator works in place, and weights are not counted. nullopt while the size of an activation is not known.
  std::optional<std::uint64_t> peak_activation_bytes;
  std::string peak_node;                          // where it is reached first
  std::optional<std::uint64_t> activation_bytes;  // of all activations that take memory, as if none was ever freed
  std::vector<FusionCandidate> fusion_candidates;
  std::vector<std::string> notes;  // custom domains, control flow, unknown costs: a sentence each
};

// `values`: from shape inference. `largest`: how many tensors to list.
[[nodiscard]] Inspection inspect_graph(const Graph& graph, const std::vector<ValueInfo>& values, std::size_t largest);

}  // namespace trtprof
