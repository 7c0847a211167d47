#include "trtprof/model/inference_schemas.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include <onnx/defs/shape_inference.h>

namespace trtprof {
namespace {

struct Update {
  const char* op_type;
  int first_version;  // operator sets that get it, both ends included
  int last_version;
  int from_version;  // whose inference is taken
};

// How values go through: the shapes stay those of the old schema. Squeeze and Unsqueeze pass on values whatever their
// axes, and so it does not matter that these were an attribute once.
constexpr std::array kValues = {
    Update{"Add", 7, 13, 14},     Update{"Cast", 1, 12, 13}, Update{"Concat", 4, 12, 13},
    Update{"Mul", 7, 13, 14},     Update{"Size", 1, 12, 13}, Update{"Slice", 10, 12, 13},
    Update{"Squeeze", 1, 12, 13}, Update{"Sub", 7, 13, 14},  Update{"Unsqueeze", 1, 12, 13},
};

// How a shape that is the value of an input becomes that of the output. Newer sets add an attribute whose default is
// what the older do.
constexpr std::array kShapes = {
    Update{"Expand", 8, 12, 13},
    Update{"Reshape", 5, 13, 14},
};

// A model can make the library's inference grow or read without end. These see to it that it does not; elsewhere it
// bounds a shape that it makes out of nothing to as many dimensions.
constexpr int kMostValues = onnx::kMaxMaterializedRank;

// To follow values, the library makes a dimension of every element of a tensor with one dimension, known or not. Longer
// ones are no shapes: sound, for instance.
bool may_be_shapes(const onnx::DataPropagationContext& context) {
  for (std::size_t i = 0; i < context.getNumInputs(); ++i) {
    const onnx::TypeProto* type = context.getInputType(i);
    if (type == nullptr || !type->has_tensor_type() || !type->tensor_type().has_shape()) continue;
    const auto& dims = type->tensor_type().shape().dim();
    if (dims.size() == 1 && dims[0].dim_value() > kMostValues) return false;
  }
  return true;
}

// Each Concat of a tensor with itself doubles the values that the next one copies.
bool few_enough_values(onnx::DataPropagationContext& context) {
  int values = 0;
  for (std::size_t i = 0; i < context.getNumInputs() && values <= kMostValues; ++i) {
    const onnx::TensorShapeProto* data = context.getInputData(i);
    if (data != nullptr) values += data->dim_size();
  }
  return values <= kMostValues;
}

// Slice counts in int: a step of 2^32 is one of 0 to it, and others overflow.
bool steps_within_int(onnx::DataPropagationContext& context) {
  constexpr std::size_t kSteps = 4;
  constexpr std::int64_t kFarthest = std::int64_t{1} << 30;
  if (context.getNumInputs() <= kSteps) return true;
  const onnx::TensorShapeProto* steps = context.getInputData(kSteps);
  return steps == nullptr || std::ranges::all_of(steps->dim(), [](const auto& step) {
           return step.dim_value() >= -kFarthest && step.dim_value() <= kFarthest;
         });
}

// GatherND begins to copy data's dimensions at the one that these add up to.
bool begins_within_data(onnx::InferenceContext& context) {
  const onnx::AttributeProto* batch = context.getAttribute("batch_dims");
  if (batch != nullptr && batch->i() < 0) return false;
  if (context.getNumInputs() < 2 || !onnx::hasInputShape(context, 1)) return true;
  const auto& indices = onnx::getInputShape(context, 1).dim();
  return indices.empty() || !indices.rbegin()->has_dim_value() || indices.rbegin()->dim_value() >= 0;
}

class UpdatedSchemas final : public onnx::ISchemaRegistry {
 public:
  UpdatedSchemas() {
    for (const Update& update : kValues) {
      for_each_old(update, [](onnx::OpSchema& schema, const onnx::OpSchema& newer) {
        schema.PartialDataPropagationFunction(newer.GetDataPropagationFunction());
      });
    }
    for (const Update& update : kShapes) {
      for_each_old(update, [](onnx::OpSchema& schema, const onnx::OpSchema& newer) {
        schema.TypeAndShapeInferenceFunction(newer.GetTypeAndShapeInferenceFunction());
      });
    }
    for (const onnx::OpSchema& registered : onnx::OpSchemaRegistry::get_all_schemas_with_history()) {
      if (registered.domain().empty()) guard(registered);
    }
  }

  // The default argument is that of the interface.
  const onnx::OpSchema* GetSchema(const std::string& key, int max_inclusive_version,
                                  const std::string& domain = onnx::ONNX_DOMAIN) const override {
    const onnx::OpSchema* schema = onnx::OpSchemaRegistry::Instance()->GetSchema(key, max_inclusive_version, domain);
    if (schema == nullptr || !domain.empty()) return schema;
    const auto updated = updated_.find({key, schema->SinceVersion()});
    return updated == updated_.end() ? schema : &updated->second;
  }

 private:
  void guard(const onnx::OpSchema& registered) {
    const std::pair key(registered.Name(), registered.SinceVersion());
    const auto known = updated_.find(key);
    const onnx::OpSchema& used = known == updated_.end() ? registered : known->second;
    const bool gather_nd = registered.Name() == "GatherND";
    if (!used.has_data_propagation_function() && !gather_nd) return;
    onnx::OpSchema& schema = updated_.try_emplace(key, registered).first->second;
    if (gather_nd) {
      schema.TypeAndShapeInferenceFunction([infer = schema.GetTypeAndShapeInferenceFunction()](auto& context) {
        if (!begins_within_data(context))
          fail_shape_inference("batch_dims and the last dimension of indices are counts");
        infer(context);
      });
    }
    if (!schema.has_data_propagation_function()) return;
    const auto safe = registered.Name() == "Concat"  ? few_enough_values
                      : registered.Name() == "Slice" ? steps_within_int
                                                     : [](onnx::DataPropagationContext&) { return true; };
    schema.PartialDataPropagationFunction([safe, propagate = schema.GetDataPropagationFunction()](auto& context) {
      if (may_be_shapes(context) && safe(context)) propagate(context);
    });
  }

  template <class Change>
  void for_each_old(const Update& update, const Change& change) {
    const onnx::OpSchema* newer = onnx::OpSchemaRegistry::Schema(update.op_type, update.from_version);
    for (int version = update.first_version; newer != nullptr && version <= update.last_version; ++version) {
      const onnx::OpSchema* old = onnx::OpSchemaRegistry::Schema(update.op_type, version);
      if (old == nullptr || old->SinceVersion() > update.last_version) continue;
      const auto [place, added] = updated_.try_emplace({update.op_type, old->SinceVersion()}, *old);
      if (added) change(place->second, *newer);
    }
  }

  std::map<std::pair<std::string, int>, onnx::OpSchema> updated_;
};

}  // namespace

const onnx::ISchemaRegistry& inference_schemas() {
  static const UpdatedSchemas schemas;
  return schemas;
}

}  // namespace trtprof
