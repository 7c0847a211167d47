#include "trtprof/optimize/pass_context.h"

#include <onnx/onnx_pb.h>

#include "trtprof/model/shape_inference.h"

namespace trtprof {

PassContext::PassContext(OnnxModel& model, Backend* reference, PassLimits limits, std::optional<std::int64_t> rewrites)
    : model_(model),
      graph_(model.mutable_proto(), model.path()),
      reference_(reference),
      limits_(limits),
      rewrites_(rewrites) {
  for (const auto& opset : model.proto().opset_import()) {
    if (opset.domain().empty() || opset.domain() == "ai.onnx") opset_ = opset.version();
  }
}

void PassContext::infer() {
  values_.emplace();
  auto inferred = infer_shapes(model_);
  if (!inferred) return;
  for (ValueInfo& value : inferred->values) values_->emplace(value.name, std::move(value));
}

const ValueInfo* PassContext::value(const std::string& name) {
  if (!values_) infer();
  const auto found = values_->find(name);
  return found == values_->end() ? nullptr : &found->second;
}

ElementType PassContext::type(const std::string& name) {
  const ValueInfo* known = value(name);
  return known == nullptr ? ElementType::unknown : known->type;
}

std::optional<std::size_t> PassContext::rank(const std::string& name) {
  const ValueInfo* known = value(name);
  return known == nullptr || !known->shape ? std::nullopt : std::optional(known->shape->size());
}

std::optional<std::vector<std::int64_t>> PassContext::shape(const std::string& name) {
  const ValueInfo* known = value(name);
  if (known == nullptr || !known->shape) return std::nullopt;
  std::vector<std::int64_t> shape;
  for (const Dimension& dimension : *known->shape) {
    if (!dimension.value) return std::nullopt;
    shape.push_back(*dimension.value);
  }
  return shape;
}

bool PassContext::same_shape(const std::string& a, const std::string& b) {
  const ValueInfo* first = value(a);
  const ValueInfo* second = value(b);
  if (first == nullptr || second == nullptr || !first->shape || !second->shape) return false;
  if (first->shape->size() != second->shape->size()) return false;
  for (std::size_t i = 0; i < first->shape->size(); ++i) {
    const Dimension& one = (*first->shape)[i];
    const Dimension& other = (*second->shape)[i];
    const bool named = !one.symbol.empty() && one.symbol == other.symbol;
    if (!named && !(one.value && one.value == other.value)) return false;
  }
  return true;
}

void PassContext::count_rewrite() {
  if (rewrites_) --*rewrites_;
}

}  // namespace trtprof
