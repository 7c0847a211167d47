// Models for tests of precision, from ONNX's text, and questions about them.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <onnx/defs/parser.h>
#include <onnx/onnx_pb.h>

#include "trtprof/optimize/precision/convert_precision.h"
#include "trtprof/optimize/precision/type_check.h"

namespace trtprof::test {

inline OnnxModel parsed(const std::string& text) {
  onnx::ModelProto proto;
  const auto status = onnx::OnnxParser::Parse(proto, text.c_str());
  EXPECT_TRUE(status.IsOK()) << status.ErrorMessage();
  return OnnxModel::from_proto(std::move(proto));
}

// Whatever is converted here has types that hold together.
inline ConvertedModel converted(const OnnxModel& model, const PrecisionOptions& options = {}) {
  auto result = convert_precision(model, options);
  if (!result) {
    ADD_FAILURE() << result.error().message;
    return {model.clone(), {}};
  }
  const Status types = check_converted_types(result->model, result->report);
  EXPECT_TRUE(types.has_value()) << types.error().message << "\n" << result->model.proto().DebugString();
  return std::move(*result);
}

inline ConvertedModel converted(const std::string& text, const PrecisionOptions& options = {}) {
  return converted(parsed(text), options);
}

// "Cast(x) -> x_f16" for each node of the main graph.
inline std::vector<std::string> lines(const OnnxModel& model) {
  std::vector<std::string> lines;
  for (const auto& node : model.proto().graph().node()) {
    std::string line = node.op_type() + "(";
    for (int i = 0; i < node.input_size(); ++i) line += (i > 0 ? ", " : "") + node.input(i);
    line += ") -> ";
    for (int i = 0; i < node.output_size(); ++i) line += (i > 0 ? ", " : "") + node.output(i);
    lines.push_back(line);
  }
  return lines;
}

inline std::vector<std::string> ops(const OnnxModel& model) {
  std::vector<std::string> ops;
  for (const auto& node : model.proto().graph().node()) ops.push_back(node.op_type());
  return ops;
}

inline std::map<std::string, std::string> blocked(const PrecisionReport& report) {
  std::map<std::string, std::string> nodes;
  for (const BlockedNode& node : report.blocked) nodes[node.node] = node.reason;
  return nodes;
}

inline std::int32_t initializer_type(const OnnxModel& model, const std::string& name) {
  for (const auto& tensor : model.proto().graph().initializer()) {
    if (tensor.name() == name) return tensor.data_type();
  }
  return 0;
}

}  // namespace trtprof::test
