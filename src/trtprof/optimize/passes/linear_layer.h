// A Conv, ConvTranspose, Gemm or MatMul whose weights are constants, as y = W x + b by output channel. Private to the
// passes: factors and terms behind such a layer, or before it, become part of its weights.
//
// Weights are computed in f64 and rounded once. f16 and bf16 are refused: they were rounded when the model was
// converted, and a second rounding costs accuracy that folding before the conversion keeps.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "trtprof/base/tensor.h"
#include "trtprof/model/graph_view.h"

namespace trtprof::passes {

class LinearLayer {
 public:
  [[nodiscard]] static bool is_one(const onnx::NodeProto& node);  // by its operator
  // Or why not, a clause: "its weights are not a constant".
  [[nodiscard]] static tl::expected<LinearLayer, std::string> read(const GraphView& graph, onnx::NodeProto& node);

  [[nodiscard]] std::size_t output_channels() const { return outputs_; }
  [[nodiscard]] std::size_t input_channels() const;  // of Conv: all groups together
  // The axis of the output that channels lie on; -1: the last.
  [[nodiscard]] int channel_axis() const { return kind_ == Kind::matmul ? -1 : 1; }
  [[nodiscard]] bool takes_bias() const { return kind_ != Kind::matmul; }

  // One number for each output channel.
  void scale_outputs(std::span<const double> factors);
  void shift_outputs(std::span<const double> terms);
  // Of Conv: the layer gets factor * x + term where it got x; one number for each input channel. Where pixels are
  // padded with zeros, that is the same only while the terms are 0.
  void take_input(std::span<const double> factors, std::span<const double> terms);

  // Writes what was changed of weights and bias; a constant that others read too stays for them. Or why not, and
  // nothing is changed: a weight that is not finite any more.
  [[nodiscard]] std::optional<std::string> store(GraphView& graph) const;

 private:
  enum class Kind { conv, conv_transpose, gemm, matmul };
  LinearLayer() = default;
  [[nodiscard]] std::optional<std::string> read_weights(const GraphView& graph);
  [[nodiscard]] std::optional<std::string> read_bias(const GraphView& graph);
  [[nodiscard]] std::size_t output_channel(std::size_t weight) const;
  [[nodiscard]] std::size_t input_channel(std::size_t weight) const;

  onnx::NodeProto* node_ = nullptr;
  Kind kind_ = Kind::conv;
  ElementType type_ = ElementType::f32;
  std::vector<std::int64_t> shape_;
  std::vector<double> weights_;
  std::vector<double> bias_;  // empty: none
  std::size_t outputs_ = 0;
  std::size_t groups_ = 1;
  std::size_t kernel_ = 1;   // weights of one input channel for one output channel
  bool transposed_ = false;  // Gemm: weights are [outputs, inputs]
  bool weights_changed_ = false;
  bool bias_changed_ = false;
};

}  // namespace trtprof::passes
