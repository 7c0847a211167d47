// Models quantised with a calibration made up, and questions about them.
#pragma once

#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <onnx/checker.h>

#include "optimize/precision/parsed_model.h"
#include "trtprof/model/tensor_values.h"
#include "trtprof/optimize/calibrate/quantize.h"

namespace trtprof::test {

inline const std::string kHead = R"(<ir_version: 8, opset_import: ["" : 17]> g )";
// 1x1 convolutions of two channels.
inline const std::string kWeights =
    "<float[2, 2, 1, 1] w = {1, -2, 0.5, 0.25}, float[2, 2, 1, 1] u = {1, 1, 1, 1}, "
    "float[2, 1, 1, 1] d = {1, 2}> ";

// A threshold of 127 times the place in `values`, so that scales are whole numbers.
inline Calibration calibrated(const std::vector<std::string>& values) {
  Calibration calibration;
  double at = 1.0;
  for (const std::string& value : values) {
    calibration.values[value] = {127.0 * at, -1.0, 127.0 * at, 100};
    at += 1.0;
  }
  return calibration;
}

inline QuantizedModel quantized(const std::string& text, const std::vector<std::string>& values,
                                const QuantizeOptions& options = {}) {
  auto result = quantize(parsed(kHead + text), calibrated(values), options);
  if (!result) throw std::runtime_error(result.error().message);
  onnx::checker::check_model(result->model.proto());
  return *std::move(result);
}

inline std::vector<std::string> reasons(const QuantizationReport& report) {
  std::vector<std::string> texts;
  for (const BlockedNode& node : report.left) texts.push_back(node.node + ": " + node.reason);
  return texts;
}

inline std::vector<std::string> names(const QuantizationReport& report) {
  std::vector<std::string> texts;
  for (const QuantizedNode& node : report.quantized) texts.push_back(node.node);
  return texts;
}

inline Tensor initializer(const OnnxModel& model, const std::string& name) {
  for (const auto& tensor : model.proto().graph().initializer()) {
    if (tensor.name() == name) return *read_tensor(tensor, {});
  }
  ADD_FAILURE() << "no initializer " << name;
  return {};
}

template <class Value>
std::vector<Value> values_of(const Tensor& tensor) {
  std::vector<Value> values(tensor.data.size() / sizeof(Value));
  std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
  return values;
}

}  // namespace trtprof::test
