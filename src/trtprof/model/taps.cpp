#include "trtprof/model/taps.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <system_error>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/text.h"
#include "trtprof/model/external_data.h"
#include "trtprof/model/graph_from_proto.h"
#include "trtprof/model/graph_view.h"
#include "trtprof/model/model_file.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kFirstOpset = 10;  // Slice takes its bounds as inputs since then

struct FloatType {
  onnx::TensorProto::DataType data_type;
  std::string one;  // 1.0, little endian as ONNX stores it
};

template <class Number>
std::string bytes_of(Number number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

std::optional<FloatType> float_type(ElementType type) {
  switch (type) {
    case ElementType::f32:
      return FloatType{onnx::TensorProto::FLOAT, bytes_of(1.0F)};
    case ElementType::f64:
      return FloatType{onnx::TensorProto::DOUBLE, bytes_of(1.0)};
    case ElementType::f16:
      return FloatType{onnx::TensorProto::FLOAT16, bytes_of(std::uint16_t{0x3C00})};
    case ElementType::bf16:
      return FloatType{onnx::TensorProto::BFLOAT16, bytes_of(std::uint16_t{0x3F80})};
    default:
      return std::nullopt;
  }
}

// Adds nodes at the end of a graph and takes them away again on every way out: a model may be gigabytes, so it is not
// copied.
class TapWriter {
 public:
  TapWriter(onnx::GraphProto& graph, std::string stem)
      : graph_(graph), stem_(std::move(stem)), nodes_(graph.node_size()), outputs_(graph.output_size()) {}
  ~TapWriter() {
    graph_.mutable_node()->DeleteSubrange(nodes_, graph_.node_size() - nodes_);
    graph_.mutable_output()->DeleteSubrange(outputs_, graph_.output_size() - outputs_);
  }
  TapWriter(const TapWriter&) = delete;
  TapWriter& operator=(const TapWriter&) = delete;

  struct Element {
    std::string tensor;
    std::vector<std::int64_t> position;
  };

  // All of one type.
  void add(const FloatType& type, const std::vector<Element>& elements) {
    std::vector<std::string> numbers;
    const std::string flat = constant({1});
    for (const Element& element : elements) {
      std::vector<std::int64_t> behind = element.position;
      for (std::int64_t& index : behind) ++index;
      const std::string from = constant(element.position);
      const std::string to = constant(behind);
      numbers.push_back(node("Reshape", {node("Slice", {element.tensor, from, to}), flat}));
    }
    const std::string joined = node("Concat", numbers);
    onnx::AttributeProto& axis = *graph_.mutable_node(graph_.node_size() - 1)->add_attribute();
    axis.set_name("axis");
    axis.set_type(onnx::AttributeProto::INT);
    axis.set_i(0);
    const std::string row = node("Reshape", {joined, constant({1, -1})});
    const std::string sum = node("MatMul", {row, ones(type, elements.size())});
    add_output(type, sum);
  }

 private:
  std::string node(const char* op_type, const std::vector<std::string>& inputs) {
    onnx::NodeProto& added = *graph_.add_node();
    added.set_name(fmt::format("{}_{}", stem_, graph_.node_size() - nodes_));
    added.set_op_type(op_type);
    for (const std::string& input : inputs) added.add_input(input);
    added.add_output(added.name());
    return added.name();
  }

  // A node rather than an initializer, which old models would have to declare as an input.
  std::string constant_node(onnx::TensorProto tensor) {
    const std::string name = node("Constant", {});
    onnx::AttributeProto& value = *graph_.mutable_node(graph_.node_size() - 1)->add_attribute();
    value.set_name("value");
    value.set_type(onnx::AttributeProto::TENSOR);
    *value.mutable_t() = std::move(tensor);
    return name;
  }

  std::string constant(const std::vector<std::int64_t>& values) {
    onnx::TensorProto tensor;
    tensor.set_data_type(onnx::TensorProto::INT64);
    tensor.add_dims(static_cast<std::int64_t>(values.size()));
    for (const std::int64_t value : values) tensor.add_int64_data(value);
    return constant_node(std::move(tensor));
  }

  std::string ones(const FloatType& type, std::size_t count) {
    onnx::TensorProto tensor;
    tensor.set_data_type(type.data_type);
    tensor.add_dims(static_cast<std::int64_t>(count));
    tensor.add_dims(1);
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i) bytes += type.one;
    tensor.set_raw_data(std::move(bytes));
    return constant_node(std::move(tensor));
  }

  void add_output(const FloatType& type, const std::string& value) {
    onnx::ValueInfoProto& output = *graph_.add_output();
    output.set_name(value);
    auto& tensor = *output.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(type.data_type);
    tensor.mutable_shape()->add_dim()->set_dim_value(1);
    tensor.mutable_shape()->add_dim()->set_dim_value(1);
  }

  onnx::GraphProto& graph_;
  const std::string stem_;
  const int nodes_;
  const int outputs_;
};

// The `count`-th along the longest dimension; nullopt: it is not that long, as far as is known.
std::optional<std::vector<std::int64_t>> position_of(const std::vector<Dimension>& shape, std::int64_t count) {
  std::vector<std::int64_t> position(shape.size(), 0);
  const auto length = [](const Dimension& dimension) { return dimension.value.value_or(1); };
  const auto longest = std::ranges::max_element(shape, {}, length);
  if (count >= length(*longest)) return std::nullopt;
  position[static_cast<std::size_t>(longest - shape.begin())] = count;
  return position;
}

Status add_taps(TapWriter& writer, const onnx::GraphProto& graph, const std::vector<std::string>& tensors,
                const std::vector<ValueInfo>& values) {
  std::unordered_set<std::string_view> made;
  for (const onnx::NodeProto& node : graph.node()) made.insert(node.output().begin(), node.output().end());
  std::unordered_map<std::string_view, const ValueInfo*> known;
  for (const ValueInfo& value : values) known.emplace(value.name, &value);
  std::map<ElementType, std::vector<TapWriter::Element>> by_type;
  std::unordered_map<std::string, std::int64_t> counts;
  for (const std::string& name : tensors) {
    if (!made.contains(name)) return fail(fmt::format("no node of the main graph makes '{}'", printable(name)));
    const auto found = known.find(name);
    const bool ranked = found != known.end() && found->second->shape && !found->second->shape->empty();
    if (!ranked || !float_type(found->second->type)) {
      return fail(fmt::format("'{}' cannot be read from: its type or its rank is not known, or not numbers in rows",
                              printable(name)));
    }
    auto position = position_of(*found->second->shape, counts[name]++);
    if (!position) return fail(fmt::format("'{}' has no {} elements to read", printable(name), counts[name]));
    by_type[found->second->type].push_back({name, std::move(*position)});
  }
  for (const auto& [type, of_type] : by_type) writer.add(*float_type(type), of_type);
  return {};
}

std::int64_t opset_of(const onnx::ModelProto& model) {
  for (const auto& opset : model.opset_import()) {
    if (opset.domain().empty() || opset.domain() == "ai.onnx") return opset.version();
  }
  return 1;
}

// A hard link costs nothing; where the folder is on another disk it takes a copy.
Status bring(const ExternalFile& file, const fs::path& folder) {
  const fs::path target = folder / file.location;
  std::error_code error;
  if (fs::exists(target, error)) return {};
  fs::create_directories(target.parent_path(), error);
  fs::create_hard_link(file.path, target, error);
  if (error) fs::copy_file(file.path, target, error);
  if (!error) return {};
  return fail(fmt::format("{} cannot be copied to {}: {}", printable(file.path.string()), printable(folder.string()),
                          error.message()),
              "TMPDIR names another folder");
}

}  // namespace

Result<TappedModel> write_with_taps(OnnxModel& model, const std::vector<std::string>& tensors,
                                    const std::vector<ValueInfo>& values, const fs::path& folder) {
  onnx::ModelProto& proto = model.mutable_proto();
  if (const std::int64_t opset = opset_of(proto); opset < kFirstOpset) {
    return fail(
        fmt::format("values are read from models of opset {} and later, and this one is of {}", kFirstOpset, opset));
  }
  TapWriter writer(*proto.mutable_graph(), GraphView(proto).unique_name("trtprof_tap"));
  if (const Status status = add_taps(writer, proto.graph(), tensors, values); !status) return forward_error(status);
  const auto external = find_external_data(proto, model.path());
  if (!external) return forward_error(external);
  for (const ExternalFile& file : *external) {
    if (const Status status = bring(file, folder); !status) return forward_error(status);
  }
  const fs::path path = folder / "model.onnx";
  if (const Status status = write_model_file(proto, path); !status) return forward_error(status);
  return TappedModel{path, graph_from_proto(proto)};
}

}  // namespace trtprof
