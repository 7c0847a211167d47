#include "trtprof/model/weightless_copy.h"

#include <set>
#include <string>

#include <onnx/onnx_pb.h>

#include "trtprof/base/tensor.h"
#include "trtprof/model/element_types.h"
#include "trtprof/model/tensor_values.h"

namespace trtprof {
namespace {

// Shapes, axes, pads and repeats have one value per dimension; a table that shapes are gathered from may have more.
constexpr std::uint64_t kValuesThatMayBeAShape = 1024;

std::optional<std::uint64_t> count_of(const onnx::TensorProto& tensor) {
  return element_count({tensor.dims().begin(), tensor.dims().end()});
}

class Copier {
 public:
  explicit Copier(const OnnxModel& model) : model_path_(model.path()) {}

  void copy_graph(const onnx::GraphProto& from, onnx::GraphProto& to) const {
    to.set_name(from.name());
    *to.mutable_input() = from.input();
    *to.mutable_output() = from.output();
    *to.mutable_value_info() = from.value_info();
    for (const auto& tensor : from.initializer()) copy_tensor(tensor, *to.add_initializer());
    for (const auto& sparse : from.sparse_initializer()) copy_sparse(sparse, *to.add_sparse_initializer());
    for (const auto& node : from.node()) copy_node(node, *to.add_node());
  }

  void copy_function(const onnx::FunctionProto& from, onnx::FunctionProto& to) const {
    to.set_name(from.name());
    to.set_domain(from.domain());
    to.set_overload(from.overload());
    *to.mutable_input() = from.input();
    *to.mutable_output() = from.output();
    *to.mutable_attribute() = from.attribute();
    *to.mutable_opset_import() = from.opset_import();
    *to.mutable_value_info() = from.value_info();
    for (const auto& attribute : from.attribute_proto()) copy_attribute(attribute, *to.add_attribute_proto());
    for (const auto& node : from.node()) copy_node(node, *to.add_node());
  }

 private:
  void copy_tensor(const onnx::TensorProto& from, onnx::TensorProto& to) const {
    to.set_name(from.name());
    to.set_data_type(from.data_type());
    *to.mutable_dims() = from.dims();
    const auto count = count_of(from);
    if (!count || *count > kValuesThatMayBeAShape) return;
    if (from.data_location() == onnx::TensorProto::EXTERNAL) {
      if (const auto values = read_tensor(from, model_path_)) {
        to.set_raw_data(values->data.data(), values->data.size());
      }
    } else if (from.data_type() != onnx::TensorProto::STRING) {
      to.CopyFrom(from);
    }
  }

  void copy_sparse(const onnx::SparseTensorProto& from, onnx::SparseTensorProto& to) const {
    copy_tensor(from.values(), *to.mutable_values());
    copy_tensor(from.indices(), *to.mutable_indices());
    *to.mutable_dims() = from.dims();
  }

  void copy_attribute(const onnx::AttributeProto& from, onnx::AttributeProto& to) const {
    const bool holds_tensors = from.has_t() || !from.tensors().empty() || from.has_sparse_tensor() ||
                               !from.sparse_tensors().empty() || from.has_g() || !from.graphs().empty();
    if (!holds_tensors) return to.CopyFrom(from);
    to.set_name(from.name());
    to.set_type(from.type());
    if (from.has_t()) copy_tensor(from.t(), *to.mutable_t());
    for (const auto& tensor : from.tensors()) copy_tensor(tensor, *to.add_tensors());
    if (from.has_sparse_tensor()) copy_sparse(from.sparse_tensor(), *to.mutable_sparse_tensor());
    for (const auto& sparse : from.sparse_tensors()) copy_sparse(sparse, *to.add_sparse_tensors());
    if (from.has_g()) copy_graph(from.g(), *to.mutable_g());
    for (const auto& graph : from.graphs()) copy_graph(graph, *to.add_graphs());
  }

  void copy_node(const onnx::NodeProto& from, onnx::NodeProto& to) const {
    to.set_name(from.name());
    to.set_op_type(from.op_type());
    to.set_domain(from.domain());
    if (!from.overload().empty()) to.set_overload(from.overload());
    *to.mutable_input() = from.input();
    *to.mutable_output() = from.output();
    for (const auto& attribute : from.attribute()) copy_attribute(attribute, *to.add_attribute());
  }

  const std::filesystem::path& model_path_;
};

bool has_no_values(const onnx::TensorProto& tensor) {
  const bool stored = tensor.has_raw_data() || !tensor.float_data().empty() || !tensor.int32_data().empty() ||
                      !tensor.int64_data().empty() || !tensor.double_data().empty() || !tensor.uint64_data().empty() ||
                      !tensor.string_data().empty();
  return !stored && count_of(tensor) != 0U;
}

class Declarer {
 public:
  explicit Declarer(onnx::GraphProto& graph) : graph_(graph) {
    for (const auto& input : graph.input()) inputs_.insert(input.name());
  }

  void initializers() {
    remove_if(*graph_.mutable_initializer(), [this](const onnx::TensorProto& tensor) {
      if (!has_no_values(tensor)) return false;
      declare(tensor.name(), tensor);
      return true;
    });
  }

  void constants() {
    remove_if(*graph_.mutable_node(), [this](const onnx::NodeProto& node) {
      const bool large = node.op_type() == "Constant" && node.domain().empty() && node.output_size() == 1 &&
                         node.attribute_size() == 1 && node.attribute(0).has_t() &&
                         has_no_values(node.attribute(0).t());
      if (large) declare(node.output(0), node.attribute(0).t());
      return large;
    });
  }

 private:
  void declare(const std::string& name, const onnx::TensorProto& tensor) {
    if (inputs_.contains(name)) return;
    auto& value = *graph_.add_value_info();
    value.set_name(name);
    auto& type = *value.mutable_type()->mutable_tensor_type();
    type.set_elem_type(tensor.data_type());
    type.mutable_shape();
    for (const auto dim : tensor.dims()) type.mutable_shape()->add_dim()->set_dim_value(dim);
  }

  template <class Field, class Predicate>
  void remove_if(Field& field, const Predicate& predicate) {
    int kept = 0;
    for (int i = 0; i < field.size(); ++i) {
      if (predicate(field.Get(i))) continue;
      if (kept != i) field.SwapElements(kept, i);
      ++kept;
    }
    field.DeleteSubrange(kept, field.size() - kept);
  }

  onnx::GraphProto& graph_;
  std::set<std::string> inputs_;
};

}  // namespace

onnx::ModelProto copy_without_weights(const OnnxModel& model) {
  const onnx::ModelProto& from = model.proto();
  const Copier copier(model);
  onnx::ModelProto to;
  to.set_ir_version(from.ir_version());
  *to.mutable_opset_import() = from.opset_import();
  copier.copy_graph(from.graph(), *to.mutable_graph());
  for (const auto& function : from.functions()) copier.copy_function(function, *to.add_functions());
  return to;
}

void declare_tensors_without_values(onnx::GraphProto& graph) {
  Declarer declarer(graph);
  declarer.initializers();
  declarer.constants();
  for (auto& node : *graph.mutable_node()) {
    for (auto& attribute : *node.mutable_attribute()) {
      if (attribute.has_g()) declare_tensors_without_values(*attribute.mutable_g());
      for (auto& below : *attribute.mutable_graphs()) declare_tensors_without_values(below);
    }
  }
}

}  // namespace trtprof
