#include "trtprof/cost/counting.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace trtprof::counting {

namespace {

const TensorFacts* at(const std::vector<std::optional<TensorFacts>>& tensors, std::size_t index) {
  return index < tensors.size() && tensors[index] ? &*tensors[index] : nullptr;
}

const Dims* known_shape(const TensorFacts* tensor) {
  if (tensor == nullptr || !tensor->shape) {
    return nullptr;
  }
  const bool open = std::any_of(tensor->shape->begin(), tensor->shape->end(), [](std::int64_t d) { return d < 0; });
  return open ? nullptr : &*tensor->shape;
}

std::string place_of(std::string_view side, std::size_t index, const TensorFacts& tensor) {
  return tensor.name.empty() ? fmt::format("{} {}", side, index) : fmt::format("{} \"{}\"", side, tensor.name);
}

template <class T>
const T* attribute(const OperatorFacts& facts, const std::string& name) {
  const auto found = facts.attributes.find(name);
  return found == facts.attributes.end() ? nullptr : std::get_if<T>(&found->second);
}

}  // namespace

Arithmetic unknown(std::string reason) {
  return {std::nullopt, std::nullopt, std::move(reason)};
}

Arithmetic multiply_adds(double macs, double other_flops) {
  return {macs, 2.0 * macs + other_flops, {}};
}

Arithmetic flops_only(double flops) {
  return {0.0, flops, {}};
}

Arithmetic missing_shape(const OperatorFacts& facts) {
  for (std::size_t i = 0; i < facts.inputs.size(); ++i) {
    if (facts.inputs[i] && input_shape(facts, i) == nullptr) {
      return unknown(
          fmt::format("{}: the shape of {} is not known", facts.op_type, place_of("input", i, *facts.inputs[i])));
    }
  }
  for (std::size_t i = 0; i < facts.outputs.size(); ++i) {
    if (facts.outputs[i] && output_shape(facts, i) == nullptr) {
      return unknown(
          fmt::format("{}: the shape of {} is not known", facts.op_type, place_of("output", i, *facts.outputs[i])));
    }
  }
  return unknown(fmt::format("{}: an operand that its cost depends on is missing", facts.op_type));
}

Arithmetic unexpected_shapes(const OperatorFacts& facts) {
  return unknown(fmt::format("{}: its operands' shapes do not fit together", facts.op_type));
}

const TensorFacts* input(const OperatorFacts& facts, std::size_t index) {
  return at(facts.inputs, index);
}
const TensorFacts* output(const OperatorFacts& facts, std::size_t index) {
  return at(facts.outputs, index);
}

const Dims* input_shape(const OperatorFacts& facts, std::size_t index) {
  return known_shape(input(facts, index));
}
const Dims* output_shape(const OperatorFacts& facts, std::size_t index) {
  return known_shape(output(facts, index));
}

std::optional<double> elements(const TensorFacts* tensor) {
  const Dims* shape = known_shape(tensor);
  if (shape == nullptr) {
    return std::nullopt;
  }
  const auto count = element_count(*shape);
  return count ? std::optional(static_cast<double>(*count)) : std::nullopt;
}

std::optional<double> input_elements(const OperatorFacts& facts, std::size_t index) {
  return elements(input(facts, index));
}
std::optional<double> output_elements(const OperatorFacts& facts, std::size_t index) {
  return elements(output(facts, index));
}

double product(const Dims& dims, std::size_t from) {
  double result = 1.0;
  for (std::size_t i = from; i < dims.size(); ++i) {
    result *= static_cast<double>(dims[i]);
  }
  return result;
}

std::optional<double> bytes_of(const TensorFacts& tensor) {
  const auto count = elements(&tensor);
  const std::size_t bits = bits_of(tensor.type);
  if (!count || (bits == 0 && *count > 0.0)) {
    return std::nullopt;
  }
  return std::ceil(*count * static_cast<double>(bits) / 8.0);
}

std::optional<std::uint64_t> storage_of(const TensorFacts* tensor) {
  constexpr double most = 256.0 * 1024.0 * 1024.0 * 1024.0 * 1024.0;
  const auto bytes = tensor == nullptr ? std::nullopt : bytes_of(*tensor);
  return bytes && *bytes >= 0.0 && *bytes <= most ? std::optional(static_cast<std::uint64_t>(*bytes)) : std::nullopt;
}

std::int64_t int_attribute(const OperatorFacts& facts, const std::string& name, std::int64_t fallback) {
  const auto* value = attribute<std::int64_t>(facts, name);
  return value == nullptr ? fallback : *value;
}

double float_attribute(const OperatorFacts& facts, const std::string& name, double fallback) {
  const auto* value = attribute<double>(facts, name);
  return value == nullptr ? fallback : *value;
}

std::string text_attribute(const OperatorFacts& facts, const std::string& name, std::string_view fallback) {
  const auto* value = attribute<std::string>(facts, name);
  return value == nullptr ? std::string(fallback) : *value;
}

bool has_attribute(const OperatorFacts& facts, const std::string& name) {
  return facts.attributes.contains(name);
}

std::optional<double> interpolation_flops(std::string_view mode, int axes) {
  if (mode == "nearest" || axes == 0) {
    return 0.0;
  }
  if (mode == "linear" || mode == "bilinear") {
    return 3.0 * (std::exp2(axes) - 1.0);
  }
  if (mode == "cubic" || mode == "bicubic") {
    return 2.0 * std::exp2(2 * axes);
  }
  return std::nullopt;
}

}  // namespace trtprof::counting
