// Who makes and who reads each value of a model's main graph, and edits that keep the answers right.
//
// Rewriting passes work through it. A node is known by its address, which stays the same until the node is removed,
// whatever is inserted or removed around it. While a view is in use, the graph is edited through it alone.
#pragma once

#include <filesystem>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/base/tensor.h"

namespace onnx {
class GraphProto;
class ModelProto;
class NodeProto;
class TensorProto;
}  // namespace onnx

namespace trtprof {

class GraphView {
 public:
  struct Use {
    onnx::NodeProto* node;
    int input;  // its place among the node's inputs; kInSubgraph: a subgraph of the node captures the value
    bool operator==(const Use&) const = default;
  };
  static constexpr int kInSubgraph = -1;

  // `model_path` is where external data is looked for when constant() needs it. The model must outlive the view.
  explicit GraphView(onnx::ModelProto& model, std::filesystem::path model_path = {});

  [[nodiscard]] std::vector<onnx::NodeProto*> nodes() const;  // as stored, which is topological
  [[nodiscard]] std::vector<std::string> initializers() const;
  // nullptr for inputs, initializers and names that nothing has.
  [[nodiscard]] onnx::NodeProto* producer(const std::string& value) const;
  // One for each input that reads it, one for each node whose subgraphs capture it; those that edits made come last.
  [[nodiscard]] std::vector<Use> uses(const std::string& value) const;
  [[nodiscard]] bool is_graph_input(const std::string& value) const;  // initializers that are inputs too are constants
  [[nodiscard]] bool is_graph_output(const std::string& value) const;
  [[nodiscard]] bool is_used(const std::string& value) const;      // by a node, or as an output of the graph
  [[nodiscard]] bool is_constant(const std::string& value) const;  // an initializer or the output of a Constant node
  // Its values; external data is read now. Fails for what is not a constant, and for strings and sparse tensors.
  [[nodiscard]] Result<Tensor> constant(const std::string& value) const;
  // `stem`, or "stem_2" and so on: a name that no value and no node of any scope has.
  [[nodiscard]] std::string unique_name(const std::string& stem) const;

  // Whatever read `from` reads `to`, in subgraphs too. An output of the graph keeps its name and its producer.
  void replace_uses(const std::string& from, const std::string& to);
  // Past the node's last input: those between are left out ("").
  void set_input(onnx::NodeProto& node, int input, const std::string& value);
  void truncate_inputs(onnx::NodeProto& node, int count);
  // Everywhere: producer, uses, stored type. Fails for inputs and outputs of the graph, whose names are its interface,
  // for a name that is taken, and for a value that does not exist.
  [[nodiscard]] Status rename(const std::string& from, const std::string& to);
  // What the model stores of its type: for values that keep their name and not their shape.
  void forget_type(const std::string& value);
  // Copies `node` into the graph. Its inputs have to be made before that place; its outputs are to be new names. An
  // error otherwise, and nothing changed.
  [[nodiscard]] Result<onnx::NodeProto*> insert_before(const onnx::NodeProto& place, const onnx::NodeProto& node);
  [[nodiscard]] Result<onnx::NodeProto*> insert_after(const onnx::NodeProto& place, const onnx::NodeProto& node);
  // Takes out a node, and what nothing else reads of all that made its inputs: initializers and nodes. Fails while an
  // output of the node is used.
  [[nodiscard]] Status remove(onnx::NodeProto& node);
  // Takes out a node: what read its first output reads its input `input` instead. Where the first output is an output
  // of the graph, the input's value takes over that name. Fails, and changes nothing, while another output of the node
  // is used, and where both names belong to the graph's interface.
  [[nodiscard]] Status bypass(onnx::NodeProto& node, int input);
  // What nothing reads of this value and of all that made it: initializers and nodes.
  void remove_if_unused(const std::string& value);
  // Under its own name or a unique one made from that; returns the name.
  std::string add_initializer(const onnx::TensorProto& tensor);

 private:
  void index_node(onnx::NodeProto& node);
  void forget_uses(const onnx::NodeProto& node);
  [[nodiscard]] int position_of(const onnx::NodeProto& node) const;
  [[nodiscard]] Result<onnx::NodeProto*> insert_at(int position, const onnx::NodeProto& node);
  void erase_node(onnx::NodeProto& node);
  // Adds what the node read to `pending`, whose unused values go in the next step.
  void erase_into(onnx::NodeProto& node, std::vector<std::string>& pending);
  void erase_unused(std::vector<std::string> pending);
  [[nodiscard]] Status move_to_output(const std::string& value, onnx::NodeProto& node);

  onnx::GraphProto& graph_;
  std::filesystem::path model_path_;
  std::unordered_map<std::string, onnx::NodeProto*> producers_;
  std::unordered_map<std::string, std::vector<Use>> uses_;
  std::unordered_map<std::string, const onnx::TensorProto*> initializers_;
  std::unordered_set<std::string> inputs_;
  std::unordered_set<std::string> outputs_;
  std::unordered_set<std::string> names_;  // of values and nodes of every scope
};

}  // namespace trtprof
