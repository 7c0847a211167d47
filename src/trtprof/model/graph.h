// The ONNX graph as plain values: what a backend, the cost model and the reports need to know, without protobuf.
// Made by OnnxModel::graph(); a backend module can hold it without linking ONNX.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/base/tensor.h"

namespace trtprof {

struct Dimension {
  std::optional<std::int64_t> value;  // known
  std::string symbol;                 // "batch" when the model names it; empty: fixed or nameless
  bool operator==(const Dimension&) const = default;
};

struct ValueInfo {
  std::string name;
  ElementType type = ElementType::unknown;
  std::optional<std::vector<Dimension>> shape;  // nullopt: rank not known
  bool operator==(const ValueInfo&) const = default;
};

// An attribute whose content stays in the model.
struct OpaqueAttribute {
  std::string kind;  // "tensor", "graph", "sparse_tensor", "type_proto", or a list of these: "graphs"
  bool operator==(const OpaqueAttribute&) const = default;
};
using AttributeValue = std::variant<std::int64_t, double, std::string, std::vector<std::int64_t>, std::vector<double>,
                                    std::vector<std::string>, OpaqueAttribute>;
using Attributes = std::map<std::string, AttributeValue>;  // by ONNX's names; those left to their defaults are absent

struct GraphNode {
  std::string name;  // may be empty and, in real exports, may repeat
  std::string op_type;
  std::string domain;               // "" is ai.onnx
  std::vector<std::string> inputs;  // "" marks an optional input left out
  std::vector<std::string> outputs;
  std::string subgraph;  // "" in the main graph; else "loop_1/body": the path of node and attribute names
  Attributes attributes;
  // The node's name, or its first non-empty output where it has none; how reports and origins call it.
  [[nodiscard]] const std::string& display_name() const;
};

struct Graph {
  std::string name;
  std::vector<ValueInfo> inputs;  // without initializers
  std::vector<ValueInfo> outputs;
  std::vector<ValueInfo> initializers;
  std::vector<GraphNode> nodes;  // topological as stored; nodes of subgraphs follow the node that owns them
};

// What the user said of input shapes.
struct ShapeRequest {
  std::map<std::string, std::vector<std::int64_t>> by_input;  // --shape NAME:1x3x224x224
  std::optional<std::int64_t> batch;                          // --batch N: leading dimension of every input
};

using BoundShapes = std::map<std::string, std::vector<std::int64_t>>;  // every graph input, fully known

// One text of --shape: "NAME:1x3x224x224", or "1x3x224x224" when the model has one input (then the key is "").
// The last colon separates, so names may contain colons. Scalar: "NAME:".
[[nodiscard]] Result<std::pair<std::string, std::vector<std::int64_t>>> parse_shape_option(std::string_view text);

// Every input gets a full shape or a sentence says why not: an unknown input name (with those there are and the nearest
// one), a rank or a fixed dimension contradicted, --batch against --shape, a symbol bound to two values, and, for a
// dimension left open, the list of inputs with their dimensions and an example of --shape that would do.
// A symbol bound by one input is bound for all. Dimensions are at least 1.
[[nodiscard]] Result<BoundShapes> bind_shapes(const Graph& graph, const ShapeRequest& request);

// "x: f32 [batch, 3, ?, 224]"
[[nodiscard]] std::string to_string(const ValueInfo& value);

}  // namespace trtprof
