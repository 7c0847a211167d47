#include "samples/sample_facts.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>

#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/cost/onnx_facts.h"

namespace trtprof::test {
namespace {

std::int64_t elements(const onnx::TensorProto& tensor) {
  std::int64_t count = 1;
  for (const std::int64_t dim : tensor.dims()) count *= dim;
  return count;
}

bool is_depthwise(const onnx::NodeProto& node) {
  for (const auto& attribute : node.attribute()) {
    if (attribute.name() == "group") return attribute.i() > 1;
  }
  return false;
}

CostTotals totals_of(const onnx::ModelProto& model) {
  onnx::ModelProto inferred = model;
  onnx::shape_inference::InferShapes(inferred);
  // As outputs, intermediate values are in the plain graph with their shapes.
  for (const auto& value : inferred.graph().value_info()) *inferred.mutable_graph()->add_output() = value;
  const Graph graph = OnnxModel::from_proto(std::move(inferred)).graph();
  const TensorTable tensors = tensor_table(graph);
  CostTotals totals;
  for (const GraphNode& node : graph.nodes) add(totals, cost_of(onnx_facts(node, tensors)));
  return totals;
}

}  // namespace

SampleFacts facts_of(const std::string& kind, const SampleOptions& options) {
  const auto made = make_sample(kind, options);
  EXPECT_TRUE(made.has_value()) << made.error().message;
  if (!made) return {};
  const onnx::ModelProto& model = made->proto();
  SampleFacts facts;
  for (const auto& node : model.graph().node()) {
    ++facts.operators[node.op_type()];
    if (node.op_type() == "Conv" && is_depthwise(node)) ++facts.depthwise_convolutions;
    facts.node_names.insert(node.name());
  }
  for (const auto& tensor : model.graph().initializer()) {
    const std::string& name = tensor.name();
    const bool learnt = name.ends_with("/weight") || name.ends_with("/scale") || name.ends_with("/bias");
    if (learnt) facts.parameters += elements(tensor);
  }
  const CostTotals totals = totals_of(model);
  facts.macs = totals.macs;
  facts.operators_of_unknown_cost = totals.unknown_operators;
  return facts;
}

SampleRun run_sample(const std::string& kind, const SampleOptions& options, Folded folded) {
  const auto folder = TemporaryFolder::create("trtprof-sample").value();
  const auto path = folder.path() / "separate.onnx";
  EXPECT_TRUE(make_sample(kind, options).value().save(path).has_value());
  std::vector<std::string> command = {kPython, std::string(kSourceDir) + "/tests/samples/check_activations.py",
                                      path.string()};
  if (folded == Folded::compare) {
    SampleOptions other = options;
    other.fold_batch_norm = true;
    const auto other_path = folder.path() / "folded.onnx";
    EXPECT_TRUE(make_sample(kind, other).value().save(other_path).has_value());
    command.push_back(other_path.string());
  }
  const ProgramResult result = run_program(command);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  if (result.exit_code != 0) return {};
  const auto report = nlohmann::json::parse(result.out);
  SampleRun run;
  for (const auto& node : report.at("nodes")) {
    run.nodes.push_back({node.at("name"), node.at("op"), node.at("std"), node.at("finite")});
  }
  run.over_classes = report.at("outputs").at("over_classes");
  run.over_inputs = report.at("outputs").at("over_inputs");
  const auto answers = report.at("outputs").at("top1").get<std::vector<int>>();
  run.inputs = answers.size();
  run.different_answers = std::set<int>(answers.begin(), answers.end()).size();
  if (folded == Folded::compare) run.difference = report.at("difference");
  return run;
}

void expect_scales(const SampleRun& run, const std::map<std::string, Range>& ranges, const Range& others) {
  EXPECT_FALSE(run.nodes.empty());
  for (const NodeScale& node : run.nodes) {
    EXPECT_TRUE(node.finite) << node.name;
    const auto own = ranges.find(node.op_type);
    const Range& range = own == ranges.end() ? others : own->second;
    EXPECT_GT(node.deviation, range.first) << node.name;
    EXPECT_LT(node.deviation, range.second) << node.name;
  }
}

void expect_discerning(const SampleRun& run, double smallest_deviation) {
  EXPECT_GT(run.over_classes, smallest_deviation);
  EXPECT_GT(run.over_inputs, smallest_deviation);
  EXPECT_GE(run.different_answers, run.inputs / 3) << "of " << run.inputs << " different inputs";
}

}  // namespace trtprof::test
