#include "trtprof/diagnose/rules/asked_precision.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/tensor.h"
#include "trtprof/diagnose/rules/compute_units.h"

namespace trtprof::rules {
namespace {

// The value of "--option value" or "--option=value", the last one given.
std::optional<std::string> option_of(const std::vector<std::string>& command_line, std::string_view option) {
  std::optional<std::string> value;
  for (std::size_t i = 0; i < command_line.size(); ++i) {
    const std::string& argument = command_line[i];
    if (argument == option && i + 1 < command_line.size()) value = command_line[i + 1];
    if (argument.starts_with(option) && argument.substr(option.size()).starts_with('=')) {
      value = argument.substr(option.size() + 1);
    }
  }
  return value;
}

std::string narrowest_of_heavy(const LayerRun& run) {
  std::string narrowest;
  for (const Layer& layer : run.layers) {
    const bool heavy = is_matrix_work(layer.layer_class) || layer.layer_class == LayerClass::depthwise_convolution;
    const int bits = bits_of_precision(layer.precision);
    if (heavy && bits > 0 && (narrowest.empty() || bits < bits_of_precision(narrowest))) narrowest = layer.precision;
  }
  return narrowest == "tf32" ? "f32" : narrowest;
}

}  // namespace

int bits_of_precision(const std::string& precision) {
  if (precision == "tf32") return 32;
  const auto type = element_type_from_string(precision);
  if (!type) return 0;
  switch (*type) {
    case ElementType::f64:
    case ElementType::f32:
    case ElementType::f16:
    case ElementType::bf16:
    case ElementType::f8e4m3:
    case ElementType::f8e5m2:
    case ElementType::i8:
    case ElementType::u8:
      return static_cast<int>(bits_of(*type));
    default:
      return 0;
  }
}

bool has_arithmetic(const Layer& layer) {
  switch (layer.layer_class) {
    case LayerClass::reformat:
    case LayerClass::cast:
    case LayerClass::quantize:
    case LayerClass::shuffle:
    case LayerClass::concatenation:
    case LayerClass::slice:
    case LayerClass::pad:
    case LayerClass::gather:
    case LayerClass::constant:
    case LayerClass::input_output:
    case LayerClass::control_flow:
      return false;
    default:
      return layer.engine_type != "NoOp" && bits_of_precision(layer.precision) > 0;
  }
}

AskedPrecision asked_precision(const Subject& subject) {
  const Environment& environment = subject.profile.environment;
  if (const auto asked = option_of(environment.command_line, "--precision")) {
    return {*asked, AskedBy::user, fmt::format("--precision {} of the command line", *asked)};
  }
  if (const auto weak = option_of(environment.command_line, "--weak")) {
    const bool int8 = weak->find("int8") != std::string::npos;
    return {int8 ? "i8" : "f16", AskedBy::user, fmt::format("--weak {} of the command line", *weak)};
  }
  const auto hint = environment.properties.find("INFERENCE_PRECISION_HINT");
  if (hint != environment.properties.end() && bits_of_precision(hint->second) > 0) {
    return {hint->second, AskedBy::engine, fmt::format("INFERENCE_PRECISION_HINT, {}", hint->second)};
  }
  if (!subject.profile.layer_run) return {};
  std::string narrowest = narrowest_of_heavy(*subject.profile.layer_run);
  return {std::move(narrowest), AskedBy::engine, "the narrowest precision of its convolutions and matrix products"};
}

}  // namespace trtprof::rules
