// Writes an ONNX graph node by node, for the sample generators. Knows protobuf, nothing of any network.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <onnx/onnx_pb.h>

namespace trtprof::samples {

// A node's attribute, in the few kinds that the samples need.
struct Attribute {
  Attribute(std::string attribute_name, std::int64_t value);
  Attribute(std::string attribute_name, float value);
  Attribute(std::string attribute_name, const std::vector<std::int64_t>& values);
  onnx::AttributeProto proto;
};

// nullopt: the symbol "batch".
using Batch = std::optional<std::int64_t>;

class GraphBuilder {
 public:
  // Opset 17 and IR version 8, which every engine of the last years reads.
  GraphBuilder(std::string graph_name, std::string description);

  // `dims` follow the batch dimension. Return the value's name.
  std::string input(const std::string& name, const Batch& batch, std::span<const std::int64_t> dims,
                    onnx::TensorProto::DataType type = onnx::TensorProto::FLOAT);
  void output(const std::string& name, const Batch& batch, std::span<const std::int64_t> dims);

  // f32, stored little endian as raw data. A name that is there already is not written again: constants are shared.
  std::string initializer(const std::string& name, std::span<const std::int64_t> dims, std::span<const float> values);
  std::string scalar(const std::string& name, float value);
  // i64, as ONNX wants shapes and indices.
  std::string integers(const std::string& name, std::span<const std::int64_t> dims,
                       std::span<const std::int64_t> values);

  // The node's one output is called like the node, unless `output` names it.
  std::string node(const std::string& op_type, const std::string& name, const std::vector<std::string>& inputs,
                   const std::vector<Attribute>& attributes = {}, const std::string& output = "");

  [[nodiscard]] onnx::ModelProto finish() &&;

 private:
  template <class Value>
  std::string constant(const std::string& name, onnx::TensorProto::DataType type, std::span<const std::int64_t> dims,
                       std::span<const Value> values);

  onnx::ModelProto model_;
};

}  // namespace trtprof::samples
