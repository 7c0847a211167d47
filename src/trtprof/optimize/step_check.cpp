#include "trtprof/optimize/step_check.h"

#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include "trtprof/base/text.h"
#include "trtprof/measure/inputs.h"
#include "trtprof/model/element_types.h"
#include "trtprof/model/model_check.h"
#include "trtprof/model/shape_inference.h"

namespace trtprof {
namespace {

bool contradicts(const onnx::ValueInfoProto& stored, const ValueInfo& known) {
  if (!stored.type().has_tensor_type()) return false;
  const auto& tensor = stored.type().tensor_type();
  if (element_type_from_onnx(tensor.elem_type()) != known.type) return true;
  if (!tensor.has_shape() || !known.shape) return false;
  if (std::cmp_not_equal(tensor.shape().dim_size(), known.shape->size())) return true;
  for (std::size_t i = 0; i < known.shape->size(); ++i) {
    const auto& dim = tensor.shape().dim(static_cast<int>(i));
    const auto& value = (*known.shape)[i].value;
    if (dim.has_dim_value() && value && dim.dim_value() != *value) return true;
  }
  return false;
}

void drop_false_types(onnx::GraphProto& graph, const std::vector<ValueInfo>& inferred) {
  std::unordered_map<std::string_view, const ValueInfo*> known;
  for (const ValueInfo& value : inferred) known.emplace(value.name, &value);
  std::unordered_map<std::string_view, bool> made;
  for (const auto& node : graph.node()) {
    for (const auto& output : node.output()) made.emplace(output, true);
  }
  auto& stored = *graph.mutable_value_info();
  for (int i = stored.size() - 1; i >= 0; --i) {
    const auto found = known.find(stored.Get(i).name());
    const bool holds =
        made.contains(stored.Get(i).name()) && (found == known.end() || !contradicts(stored.Get(i), *found->second));
    if (!holds) stored.DeleteSubrange(i, 1);
  }
}

std::string checker_objection(OnnxModel& model) {
  std::vector<std::string> warnings;
  const Status valid = check_model_proto(model.mutable_proto(), "the result", warnings);
  return valid ? std::string() : valid.error().message;
}

}  // namespace

double tolerance_of(PassLevel level) {
  return level == PassLevel::exact ? 1e-4 : 1e-3;
}

StructureCheck::StructureCheck(OnnxModel& model) : was_valid_(checker_objection(model).empty()) {
  const auto inferred = infer_shapes(model);
  notes_before_ = inferred ? inferred->notes.size() : SIZE_MAX;
}

std::string StructureCheck::objection_to(OnnxModel& model) const {
  if (was_valid_) {
    if (std::string objection = checker_objection(model); !objection.empty()) return objection;
  }
  const auto inferred = infer_shapes(model);
  if (!inferred) return inferred.error().message;
  if (inferred->notes.size() > notes_before_) return inferred->notes.back();
  drop_false_types(*model.mutable_proto().mutable_graph(), inferred->values);
  return {};
}

Result<NumericChecker> NumericChecker::create(Backend& backend, const OnnxModel& model, const BoundShapes& shapes,
                                              std::uint64_t seed) {
  auto evaluator = Evaluator::create(backend, model, shapes);
  if (!evaluator) return forward_error(evaluator);
  auto inputs = complete_inputs(evaluator->inputs(), {}, seed);
  if (!inputs) return forward_error(inputs);
  auto outputs = evaluator->run(*inputs);
  if (!outputs) return forward_error(outputs);
  return NumericChecker(backend, *std::move(inputs), *std::move(outputs));
}

Result<NamedTensors> NumericChecker::run(const OnnxModel& model) const {
  return evaluate(*backend_, model, inputs_);
}

}  // namespace trtprof
