// What an operator must cost at the least: arithmetic and compulsory memory traffic, from its class, dimensions, kernel,
// stride, groups and types alone. The same table serves ONNX nodes, OpenVINO layers and TensorRT inspector layers: each
// source fills OperatorFacts, and cost_of() knows nothing of where they came from.
//
// Compulsory bytes: every distinct input read once, every output written once, weights read once; caches perfect, layout
// irrelevant (see docs/cost.md). FLOPs count a multiply-add as two. An operator that the table does not know has unknown
// cost, never zero.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/base/tensor.h"
#include "trtprof/profile/layer_class.h"

namespace trtprof {

struct TensorFacts {
  std::vector<std::int64_t> shape;  // fully known
  ElementType type = ElementType::f32;
  bool constant = false;            // a weight
};

// How an operator moves data when it computes nothing.
enum class Movement {
  computed,  // reads and writes
  free,      // only renames (Reshape, Squeeze, Flatten, Identity): no traffic
};

struct OperatorFacts {
  std::string op_type;   // ONNX's word: "Conv"; sources with words of their own translate
  std::string domain;    // "" is ai.onnx
  LayerClass layer_class = LayerClass::other;
  std::vector<std::optional<TensorFacts>> inputs;   // nullopt: left out, or shape not known
  std::vector<std::optional<TensorFacts>> outputs;
  // Of convolutions and pooling; empty otherwise.
  std::vector<std::int64_t> kernel;
  std::vector<std::int64_t> strides;
  std::vector<std::int64_t> dilations;
  std::int64_t groups = 1;
  // Other attributes that change the amount of work, by ONNX's names ("transA", "hidden_size", "axes", ...).
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> attributes;
};

struct Cost {
  std::optional<double> macs;    // multiply-adds of the matrix-like part; 0 when there is none
  std::optional<double> flops;   // all arithmetic, 2 per multiply-add
  std::optional<double> bytes_read;     // activations and weights
  std::optional<double> bytes_written;
  std::optional<double> weight_bytes;   // of constant inputs; part of bytes_read
  std::string unknown_reason;           // why something above is not known; empty otherwise
  bool operator==(const Cost&) const = default;
};

[[nodiscard]] Cost cost_of(const OperatorFacts& facts);

// A fused layer does the arithmetic of all its operators, but reads only what comes from outside and writes only what
// leaves. `operators` in execution order; `inputs` and `outputs` are those of the whole layer, weights of the operators
// counted once.
[[nodiscard]] Cost cost_of_fused(const std::vector<OperatorFacts>& operators, const std::vector<TensorFacts>& inputs,
                                 const std::vector<TensorFacts>& outputs);

// Sums; what is unknown is counted, not guessed.
struct CostTotals {
  double macs = 0.0;
  double flops = 0.0;
  double bytes_read = 0.0;
  double bytes_written = 0.0;
  double weight_bytes = 0.0;
  std::int64_t operators = 0;
  std::int64_t unknown_operators = 0;
};
void add(CostTotals& totals, const Cost& cost);

}  // namespace trtprof
