// The values and nodes of every scope of a model (main graph, bodies of If, Loop and Scan) with their element types:
// what a change of precision is decided on.
//
// Values and nodes are known by their index. Nodes point into the model, which must outlive the graph.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "trtprof/model/onnx_model.h"

namespace onnx {
class GraphProto;
class NodeProto;
class OpSchema;
class TensorProto;
}  // namespace onnx

namespace trtprof::precision {

inline constexpr int kNone = -1;

// Who reads a value: input `index` of a node, or output `index` of a scope.
struct ValueUse {
  int node = kNone;   // kNone: an output of `scope`
  int scope = kNone;  // kNone: an input of `node`
  int index = 0;
};

struct TypedValue {
  std::string name;
  int scope = 0;
  std::int32_t type = 0;                     // ONNX's number of the element type; 0: not known
  bool is_tensor = true;                     // false: a sequence, an optional, a map or a sparse tensor
  int producer = kNone;                      // a node
  int graph_input = kNone;                   // its place among the inputs of the scope
  onnx::TensorProto* initializer = nullptr;  // of a dense one
  std::vector<ValueUse> uses = {};

  [[nodiscard]] bool is_float() const;  // a tensor of f32
};

struct TypedNode {
  onnx::NodeProto* node = nullptr;
  int scope = 0;
  const onnx::OpSchema* schema = nullptr;  // nullptr: ONNX does not know the operator
  std::vector<int> inputs = {};            // values; kNone where an optional one is left out
  std::vector<int> outputs = {};

  [[nodiscard]] const std::string& display_name() const;  // its name, or its first output where it has none
  [[nodiscard]] bool is(const char* op_type) const;       // of ai.onnx
};

struct TypedScope {
  onnx::GraphProto* graph = nullptr;
  int parent = kNone;
  int owner = kNone;  // the node that it is a body of
  std::vector<int> inputs = {};
  std::vector<int> outputs = {};
};

class TypedGraph {
 public:
  // Functions are to be inlined before. A value that inference cannot tell the type of has the one that is stored.
  explicit TypedGraph(OnnxModel& model);

  [[nodiscard]] const std::vector<TypedValue>& values() const { return values_; }
  [[nodiscard]] const std::vector<TypedNode>& nodes() const { return nodes_; }
  [[nodiscard]] const std::vector<TypedScope>& scopes() const { return scopes_; }  // enclosing ones first
  [[nodiscard]] const TypedValue& value(int index) const { return values_[static_cast<std::size_t>(index)]; }
  [[nodiscard]] const TypedNode& node(int index) const { return nodes_[static_cast<std::size_t>(index)]; }
  [[nodiscard]] const TypedScope& scope(int index) const { return scopes_[static_cast<std::size_t>(index)]; }
  // kNone where the main graph has no such value.
  [[nodiscard]] int find(const std::string& name) const;

  // An initializer or the output of a Constant node: it can be had in any type.
  [[nodiscard]] bool is_constant(int value) const;
  // The input of the owner that an input of its body gets its values from, and the output that an output of the body
  // becomes; kNone: neither, as with the counter of a loop.
  [[nodiscard]] int owner_input(const TypedScope& scope, int body_input) const;
  [[nodiscard]] int owner_output(const TypedScope& scope, int body_output) const;

 private:
  using Names = std::unordered_map<std::string, int>;

  void add_scopes(onnx::GraphProto& main);
  int add_value(int scope, const std::string& name);
  void connect();
  int resolve(int scope, const std::string& name);

  std::vector<TypedValue> values_;
  std::vector<TypedNode> nodes_;
  std::vector<TypedScope> scopes_;
  std::vector<Names> names_;  // by scope
  std::unordered_map<std::string, std::int64_t> opsets_;
};

}  // namespace trtprof::precision
