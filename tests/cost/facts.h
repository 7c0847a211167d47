// Short ways to write facts and costs in tests.
#pragma once

#include <cmath>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "trtprof/cost/cost.h"

namespace trtprof::test {

using Dims = std::vector<std::int64_t>;

inline TensorFacts tensor(Dims shape, ElementType type = ElementType::f32, std::string name = {}) {
  return {std::move(shape), type, false, std::move(name)};
}
inline TensorFacts weight(Dims shape, ElementType type = ElementType::f32, std::string name = {}) {
  return {std::move(shape), type, true, std::move(name)};
}
inline TensorFacts unknown_tensor(ElementType type = ElementType::f32) {
  return {std::nullopt, type, false, {}};
}

inline OperatorFacts op(std::string op_type, std::vector<std::optional<TensorFacts>> inputs,
                        std::vector<std::optional<TensorFacts>> outputs, Attributes attributes = {}) {
  OperatorFacts facts;
  facts.op_type = std::move(op_type);
  facts.inputs = std::move(inputs);
  facts.outputs = std::move(outputs);
  facts.attributes = std::move(attributes);
  return facts;
}

inline OperatorFacts ms_op(std::string op_type, std::vector<std::optional<TensorFacts>> inputs,
                           std::vector<std::optional<TensorFacts>> outputs, Attributes attributes = {}) {
  OperatorFacts facts = op(std::move(op_type), std::move(inputs), std::move(outputs), std::move(attributes));
  facts.domain = "com.microsoft";
  return facts;
}

inline double macs_of(const OperatorFacts& facts) {
  return cost_of(facts).macs.value_or(std::nan(""));
}
inline double flops_of(const OperatorFacts& facts) {
  return cost_of(facts).flops.value_or(std::nan(""));
}
inline double read_by(const OperatorFacts& facts) {
  return cost_of(facts).bytes_read.value_or(std::nan(""));
}
inline double written_by(const OperatorFacts& facts) {
  return cost_of(facts).bytes_written.value_or(std::nan(""));
}

}  // namespace trtprof::test
