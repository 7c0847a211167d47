#include "trtprof/cost/graph_index.h"

#include <algorithm>

namespace trtprof {

GraphIndex::GraphIndex(const Graph& graph, const TensorTable& tensors) {
  numbers_.reserve(tensors.size());
  tensors_.reserve(tensors.size());
  for (const ValueInfo& value : graph.initializers) {
    Tensor& tensor = tensors_[static_cast<std::size_t>(number_of(value.name, tensors))];
    tensor.constant = tensor.folds = true;
  }
  for (const ValueInfo& value : graph.inputs) {
    tensors_[static_cast<std::size_t>(number_of(value.name, tensors))].graph_input = true;
  }
  nodes_.reserve(graph.nodes.size());
  for (const GraphNode& node : graph.nodes) {
    const int number = static_cast<int>(nodes_.size());
    nodes_.emplace_back();
    for (const std::string& name : node.inputs) {
      nodes_.back().inputs.push_back(name.empty() ? kNone : number_of(name, tensors));
      if (name.empty()) {
        continue;
      }
      Tensor& tensor = tensors_[static_cast<std::size_t>(nodes_.back().inputs.back())];
      if (tensor.readers.empty() || tensor.readers.back() != number) {
        tensor.readers.push_back(number);
      }
    }
    const bool constant = node.op_type == "Constant" && node.domain.empty();
    const std::vector<int>& inputs = nodes_.back().inputs;
    const bool folds = !inputs.empty() && std::ranges::all_of(inputs, [this](int input) {
      return input == kNone || tensors_[static_cast<std::size_t>(input)].folds;
    });
    for (const std::string& name : node.outputs) {
      nodes_.back().outputs.push_back(name.empty() ? kNone : number_of(name, tensors));
      if (name.empty()) {
        continue;
      }
      Tensor& tensor = tensors_[static_cast<std::size_t>(nodes_.back().outputs.back())];
      tensor.constant = constant;
      tensor.folds = constant || folds;
      tensor.producer = constant ? kNone : number;
    }
  }
  for (const ValueInfo& value : graph.outputs) {
    tensors_[static_cast<std::size_t>(number_of(value.name, tensors))].graph_output = true;
  }
}

int GraphIndex::input(int node, std::size_t position) const {
  const std::vector<int>& inputs = nodes_[static_cast<std::size_t>(node)].inputs;
  return position < inputs.size() ? inputs[position] : kNone;
}

int GraphIndex::output(int node, std::size_t position) const {
  const std::vector<int>& outputs = nodes_[static_cast<std::size_t>(node)].outputs;
  return position < outputs.size() ? outputs[position] : kNone;
}

int GraphIndex::number_of(std::string_view name, const TensorTable& table) {
  const auto [place, added] = numbers_.try_emplace(name, static_cast<int>(tensors_.size()));
  if (added) {
    const auto found = table.find(std::string(name));
    tensors_.push_back({name, found == table.end() ? nullptr : &found->second, kNone, {}, false, false, false, false});
  }
  return place->second;
}

}  // namespace trtprof
