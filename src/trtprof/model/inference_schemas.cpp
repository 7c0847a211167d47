#include "trtprof/model/inference_schemas.h"

#include <array>
#include <map>
#include <string>
#include <utility>

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
