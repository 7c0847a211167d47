#include "trtprof/optimize/precision/type_slots.h"

#include <algorithm>
#include <array>

#include <onnx/defs/data_type_utils.h>
#include <onnx/defs/schema.h>
#include <onnx/onnx_pb.h>

namespace trtprof::precision {
namespace {

bool takes(const std::vector<onnx::OpSchema::FormalParameter>& formal, int index, HalfType type) {
  if (formal.empty()) return false;
  const auto& parameter = formal[std::min(static_cast<std::size_t>(index), formal.size() - 1)];
  const std::string name = type == HalfType::f16 ? "tensor(float16)" : "tensor(bfloat16)";
  return parameter.GetTypes().contains(onnx::Utils::DataTypeUtils::ToType(name));
}

struct Typed {
  const char* op_type;
  const char* attribute;
  int follows;  // as TypeAttribute
};
constexpr std::array kTyped = {
    Typed{"Cast", "to", kNone},
    Typed{"RandomNormal", "dtype", kNone},
    Typed{"RandomUniform", "dtype", kNone},
    Typed{"RandomNormalLike", "dtype", 0},
    Typed{"RandomUniformLike", "dtype", 0},
    Typed{"Bernoulli", "dtype", 0},
    Typed{"EyeLike", "dtype", 0},
    Typed{"HannWindow", "output_datatype", kNone},
    Typed{"HammingWindow", "output_datatype", kNone},
    Typed{"BlackmanWindow", "output_datatype", kNone},
    Typed{"MelWeightMatrix", "output_datatype", kNone},
    Typed{"DequantizeLinear", "output_dtype", 1},
    Typed{"ConstantOfShape", "value", kNone},
};

}  // namespace

bool input_takes(const TypedNode& node, int index, HalfType type) {
  return takes(node.schema->inputs(), index, type);
}

bool output_takes(const TypedNode& node, int index, HalfType type) {
  return takes(node.schema->outputs(), index, type);
}

std::optional<int> opset_that_takes(const TypedNode& node, bool input, int index, HalfType type) {
  const std::string& domain = node.schema->domain();
  const int newest = onnx::OpSchemaRegistry::DomainToVersionRange::Instance().Map().at(domain).second;
  for (int version = node.schema->SinceVersion() + 1; version <= newest; ++version) {
    const onnx::OpSchema* schema = onnx::OpSchemaRegistry::Schema(node.schema->Name(), version, domain);
    if (schema == nullptr || schema->SinceVersion() != version || schema->Deprecated()) continue;
    if (takes(input ? schema->inputs() : schema->outputs(), index, type)) return version;
  }
  return std::nullopt;
}

std::optional<TypeAttribute> type_attribute(const TypedNode& node) {
  for (const Typed& typed : kTyped) {
    if (node.is(typed.op_type)) return TypeAttribute{typed.attribute, typed.follows};
  }
  return std::nullopt;
}

}  // namespace trtprof::precision
