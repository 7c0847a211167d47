#include "trtprof/samples/graph_builder.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace trtprof::samples {
namespace {

constexpr std::int64_t kIrVersion = 8;
constexpr std::int64_t kOpset = 17;
constexpr const char* kBatchSymbol = "batch";

void describe_value(onnx::ValueInfoProto& value, const std::string& name, const Batch& batch,
                    std::span<const std::int64_t> dims, onnx::TensorProto::DataType type) {
  value.set_name(name);
  auto& tensor = *value.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(type);
  auto& shape = *tensor.mutable_shape();
  if (batch) {
    shape.add_dim()->set_dim_value(*batch);
  } else {
    shape.add_dim()->set_dim_param(kBatchSymbol);
  }
  for (const std::int64_t dim : dims) shape.add_dim()->set_dim_value(dim);
}

template <class Value>
std::string little_endian(std::span<const Value> values) {
  using Bits = std::conditional_t<sizeof(Value) == 4, std::uint32_t, std::uint64_t>;
  std::string bytes(values.size_bytes(), '\0');
  auto byte = bytes.begin();
  for (const Value value : values) {
    auto bits = std::bit_cast<Bits>(value);
    for (std::size_t i = 0; i < sizeof(Value); ++i, bits >>= 8U) *byte++ = static_cast<char>(bits & 0xffU);
  }
  return bytes;
}

}  // namespace

Attribute::Attribute(std::string attribute_name, std::int64_t value) {
  proto.set_name(std::move(attribute_name));
  proto.set_type(onnx::AttributeProto::INT);
  proto.set_i(value);
}

Attribute::Attribute(std::string attribute_name, float value) {
  proto.set_name(std::move(attribute_name));
  proto.set_type(onnx::AttributeProto::FLOAT);
  proto.set_f(value);
}

Attribute::Attribute(std::string attribute_name, const std::vector<std::int64_t>& values) {
  proto.set_name(std::move(attribute_name));
  proto.set_type(onnx::AttributeProto::INTS);
  proto.mutable_ints()->Assign(values.begin(), values.end());
}

GraphBuilder::GraphBuilder(std::string graph_name, std::string description) {
  model_.set_ir_version(kIrVersion);
  model_.set_producer_name("tensorrt_profiling");
  model_.set_doc_string(std::move(description));
  auto& opset = *model_.add_opset_import();
  opset.set_domain("");
  opset.set_version(kOpset);
  model_.mutable_graph()->set_name(std::move(graph_name));
}

std::string GraphBuilder::input(const std::string& name, const Batch& batch, std::span<const std::int64_t> dims,
                                onnx::TensorProto::DataType type) {
  describe_value(*model_.mutable_graph()->add_input(), name, batch, dims, type);
  return name;
}

void GraphBuilder::output(const std::string& name, const Batch& batch, std::span<const std::int64_t> dims) {
  describe_value(*model_.mutable_graph()->add_output(), name, batch, dims, onnx::TensorProto::FLOAT);
}

template <class Value>
std::string GraphBuilder::constant(const std::string& name, onnx::TensorProto::DataType type,
                                   std::span<const std::int64_t> dims, std::span<const Value> values) {
  const auto& known = model_.graph().initializer();
  if (std::any_of(known.begin(), known.end(), [&name](const auto& tensor) { return tensor.name() == name; })) {
    return name;
  }
  auto& tensor = *model_.mutable_graph()->add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(type);
  tensor.mutable_dims()->Assign(dims.begin(), dims.end());
  tensor.set_raw_data(little_endian(values));
  return name;
}

std::string GraphBuilder::initializer(const std::string& name, std::span<const std::int64_t> dims,
                                      std::span<const float> values) {
  return constant(name, onnx::TensorProto::FLOAT, dims, values);
}

std::string GraphBuilder::integers(const std::string& name, std::span<const std::int64_t> dims,
                                   std::span<const std::int64_t> values) {
  return constant(name, onnx::TensorProto::INT64, dims, values);
}

std::string GraphBuilder::scalar(const std::string& name, float value) {
  return initializer(name, {}, std::span(&value, 1));
}

std::string GraphBuilder::node(const std::string& op_type, const std::string& name,
                               const std::vector<std::string>& inputs, const std::vector<Attribute>& attributes,
                               const std::string& output) {
  auto& node = *model_.mutable_graph()->add_node();
  node.set_op_type(op_type);
  node.set_name(name);
  for (const std::string& input : inputs) node.add_input(input);
  node.add_output(output.empty() ? name : output);
  for (const Attribute& attribute : attributes) *node.add_attribute() = attribute.proto;
  return node.output(0);
}

onnx::ModelProto GraphBuilder::finish() && {
  return std::move(model_);
}

}  // namespace trtprof::samples
