// Passes on small models in ONNX's text form, and on real ones; what they did is checked by running both.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/defs/parser.h>
#include <onnx/onnx_pb.h>

#include "support/openvino_models.h"
#include "trtprof/measure/inputs.h"
#include "trtprof/optimize/evaluate.h"
#include "trtprof/optimize/output_difference.h"
#include "trtprof/optimize/pass.h"
#include "trtprof/optimize/pass_table.h"
#include "trtprof/optimize/step_check.h"

namespace trtprof::test {

// `graph` as ONNX's parser has it: "(float[1,3] x) => (float[1,3] y) { y = Relu(x) }".
inline OnnxModel parsed_model(const std::string& graph, int opset = 17, int ir_version = 8) {
  onnx::ModelProto proto;
  const std::string text = "<ir_version: " + std::to_string(ir_version) +
                           ", opset_import: [\"\" : " + std::to_string(opset) + "]> g " + graph;
  const auto status = onnx::OnnxParser::Parse(proto, text.c_str());
  EXPECT_TRUE(status.IsOK()) << status.ErrorMessage() << "\n" << graph;
  return OnnxModel::from_proto(std::move(proto));
}

inline std::vector<std::string> op_types_of(const OnnxModel& model) {
  std::vector<std::string> ops;
  for (const auto& node : model.proto().graph().node()) ops.push_back(node.op_type());
  return ops;
}

inline const Pass& pass_named(const std::string& name) {
  const Pass* pass = find_pass(name);
  if (pass == nullptr) {
    ADD_FAILURE() << "no pass " << name;
    std::abort();
  }
  return *pass;
}

struct PassRun {
  OnnxModel before;
  OnnxModel after;
  PassReport report;
  [[nodiscard]] std::vector<std::string> ops() const { return op_types_of(after); }
  // Reasons of the near misses.
  [[nodiscard]] std::vector<std::string> reasons() const {
    std::vector<std::string> reasons;
    for (const NearMiss& miss : report.near_misses) reasons.push_back(miss.reason);
    return reasons;
  }
};

inline PassRun apply_pass(const std::string& pass, OnnxModel model, std::optional<std::int64_t> rewrites = {},
                          PassLimits limits = {}, bool with_backend = true) {
  OnnxModel after = model.clone();
  PassReport report;
  {
    PassContext context(after, with_backend ? &openvino() : nullptr, limits, rewrites);
    auto done = pass_named(pass).apply(context);
    EXPECT_TRUE(done.has_value()) << done.error().message;
    if (done) report = *std::move(done);
  }
  return {std::move(model), std::move(after), std::move(report)};
}

// Open dimensions are 2.
inline BoundShapes small_shapes(const OnnxModel& model) {
  BoundShapes shapes;
  for (const ValueInfo& input : model.graph().inputs) {
    std::vector<std::int64_t>& shape = shapes[input.name];
    for (const Dimension& dimension : *input.shape) shape.push_back(dimension.value.value_or(2));
  }
  return shapes;
}

inline NamedTensors random_inputs(const OnnxModel& model, const BoundShapes& shapes, std::uint64_t seed = 7) {
  NamedTensors inputs;
  for (const ValueInfo& input : model.graph().inputs) {
    const TensorDesc desc{input.name, std::string(to_string(input.type)), shapes.at(input.name), "", {}};
    inputs.emplace(input.name, random_tensor(desc, ++seed));
  }
  return inputs;
}

// Both give the same for random inputs, the checker and inference have nothing against the result.
inline void expect_same_outputs(const OnnxModel& before, OnnxModel& after, double tolerance = 1e-5,
                                const std::optional<BoundShapes>& shapes = {}) {
  OnnxModel original = before.clone();
  EXPECT_EQ(StructureCheck(original).objection_to(after), "");
  const NamedTensors inputs = random_inputs(before, shapes ? *shapes : small_shapes(before));
  const auto expected = evaluate(openvino(), before, inputs);
  ASSERT_TRUE(expected.has_value()) << expected.error().message;
  const auto found = evaluate(openvino(), after, inputs);
  ASSERT_TRUE(found.has_value()) << found.error().message << "\n" << after.proto().DebugString();
  const OutputDifference difference = difference_of(*expected, *found);
  EXPECT_EQ(difference.contradiction, "");
  EXPECT_LE(difference.error, tolerance) << "of output " << difference.output;
}

// The pass leaves these operators, and the outputs as they are.
inline PassRun expect_becomes(const std::string& pass, const std::string& graph, const std::vector<std::string>& ops,
                              int opset = 17, double tolerance = 1e-5) {
  SCOPED_TRACE(graph);
  PassRun run = apply_pass(pass, parsed_model(graph, opset));
  EXPECT_EQ(run.ops(), ops);
  EXPECT_FALSE(run.report.applications.empty());
  expect_same_outputs(run.before, run.after, tolerance);
  const PassRun again = apply_pass(pass, run.after.clone());
  EXPECT_TRUE(again.report.applications.empty()) << "no fixed point: " << again.report.applications[0].what;
  return run;
}

// The pass leaves everything as it is. Gives its reasons.
inline std::vector<std::string> expect_unchanged(const std::string& pass, const std::string& graph, int opset = 17) {
  SCOPED_TRACE(graph);
  const PassRun run = apply_pass(pass, parsed_model(graph, opset));
  EXPECT_TRUE(run.report.applications.empty()) << run.report.applications[0].what;
  EXPECT_EQ(run.after.proto().SerializeAsString(), run.before.proto().SerializeAsString());
  return run.reasons();
}

}  // namespace trtprof::test
