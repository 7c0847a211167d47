// What an operator must cost at the least: arithmetic and compulsory memory traffic, from its class, dimensions,
// kernel, stride, groups and types alone. The same table serves ONNX nodes, OpenVINO layers and TensorRT inspector
// layers: each source fills OperatorFacts (onnx_facts.h, openvino_facts.h, inspector_facts.h), and cost_of() knows
// nothing of where they came from.
//
// Compulsory bytes: every distinct input read once, every output written once, weights read once; caches perfect,
// layout irrelevant (see docs/cost.md). FLOPs count a multiply-add as two. An operator that the table does not know has
// unknown cost, never zero.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/base/tensor.h"
#include "trtprof/model/graph.h"
#include "trtprof/profile/layer_class.h"

namespace trtprof {

struct TensorFacts {
  std::optional<std::vector<std::int64_t>> shape;  // nullopt, or with a negative dimension: not known
  ElementType type = ElementType::f32;
  bool constant = false;  // a weight
  std::string name;       // tensors of one name are one tensor; empty: told from others by its place alone
};

// What becomes of an operator's operands.
enum class Movement {
  computed,  // reads its inputs, writes its outputs
  picks,     // reads of its first input no more than its first output holds (Gather, Slice)
  free,      // only renames (Reshape, Squeeze, Flatten, Identity): no traffic
  unknown,   // depends on what the table does not see (subgraphs, sequences, a custom domain)
};

// OperatorFacts::domain of a kernel that an engine made and does not explain: it reads its inputs and writes its
// outputs, its arithmetic is unknown. op_type is the engine's own word.
inline constexpr const char* kEngineDomain = "engine";

struct OperatorFacts {
  std::string op_type;  // ONNX's word: "Conv"; sources with words of their own translate
  std::string domain;   // "" is ai.onnx
  LayerClass layer_class = LayerClass::other;
  std::vector<std::optional<TensorFacts>> inputs;  // by ONNX's positions; nullopt: left out
  std::vector<std::optional<TensorFacts>> outputs;
  // Of convolutions and pooling; empty otherwise, or where the weight's shape tells.
  std::vector<std::int64_t> kernel;
  std::vector<std::int64_t> strides;
  std::vector<std::int64_t> dilations;
  std::int64_t groups = 1;
  // Everything else that changes the amount of work, by ONNX's names: "transA", "equation", "is_causal", "mode".
  Attributes attributes;
};

struct Cost {
  std::optional<double> macs;           // multiply-adds of the matrix-like part; 0 when there is none
  std::optional<double> flops;          // all arithmetic, 2 per multiply-add
  std::optional<double> bytes_read;     // activations and weights
  std::optional<double> bytes_written;  // activations
  std::optional<double> weight_bytes;   // what is read of constant inputs; part of bytes_read
  std::string unknown_reason;           // a sentence: why something above is not known; empty otherwise
  bool operator==(const Cost&) const = default;

  [[nodiscard]] bool known() const { return macs && flops && bytes_read && bytes_written && weight_bytes; }
};

[[nodiscard]] Cost cost_of(const OperatorFacts& facts);

// A fused layer does the arithmetic of all its operators, but reads only what comes from outside and writes only what
// leaves. `operators` in execution order; `inputs` and `outputs` are those of the whole layer, weights of the operators
// counted once, whether they are among `inputs` or not.
[[nodiscard]] Cost cost_of_fused(const std::vector<OperatorFacts>& operators, const std::vector<TensorFacts>& inputs,
                                 const std::vector<TensorFacts>& outputs);

// An engine's layer, as its source tells it.
struct LayerFacts {
  std::vector<OperatorFacts> operators;
  std::vector<TensorFacts> inputs;
  std::vector<TensorFacts> outputs;
  std::string unknown_reason;  // why there are no operators; empty when there are
};

[[nodiscard]] Cost cost_of(const LayerFacts& layer);

// Sums; what is unknown is counted, not guessed.
struct CostTotals {
  double macs = 0.0;
  double flops = 0.0;
  double bytes_read = 0.0;
  double bytes_written = 0.0;
  double weight_bytes = 0.0;
  std::int64_t operators = 0;
  std::int64_t unknown_operators = 0;  // those with anything unknown; what they do know is in the sums
};
void add(CostTotals& totals, const Cost& cost);

}  // namespace trtprof
