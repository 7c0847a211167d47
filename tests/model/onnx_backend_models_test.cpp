// The models of ONNX's own backend tests: odd, old and of every operator. Each loads, infers, costs and prints, or is
// refused with a sentence.
#include <algorithm>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/cost/cost.h"
#include "trtprof/cost/inspection.h"
#include "trtprof/cost/onnx_facts.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/model/shape_inference.h"
#include "trtprof/report/inspection.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> models_below(const fs::path& folder) {
  std::vector<fs::path> models;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".onnx") models.push_back(entry.path());
  }
  std::sort(models.begin(), models.end());
  return models;
}

struct Outcome {
  int models = 0;
  int refused = 0;
  int with_notes = 0;
  CostTotals totals;
  std::map<std::string, int> unknown;  // operators of unknown cost
};

// As the inspect command does.
void print(const fs::path& path, const OnnxModel& model, const InferredShapes& shapes) {
  const auto info = model.info();
  ASSERT_TRUE(info.has_value()) << path << ": " << info.error().message;
  ModelInspection inspection;
  inspection.model = *info;
  inspection.contents = inspect_graph(shapes.graph, shapes.values, 10);
  std::ostringstream text;
  write_inspection_text(text, inspection, {});
  EXPECT_THAT(text.str(), testing::HasSubstr("Parameters:")) << path;
  EXPECT_THAT(inspection_to_json(inspection), testing::StartsWith("{")) << path;
}

void visit(const fs::path& path, Outcome& outcome) {
  ++outcome.models;
  const auto model = OnnxModel::load(path);
  if (!model) {
    ++outcome.refused;
    EXPECT_THAT(model.error().message, testing::HasSubstr(path.filename().string()));
    fmt::print("refused: {}\n", model.error().message);
    return;
  }
  const auto shapes = infer_shapes(*model);
  ASSERT_TRUE(shapes.has_value()) << path << ": " << shapes.error().message;
  outcome.with_notes += shapes->notes.empty() ? 0 : 1;
  for (const std::string& note : shapes->notes) EXPECT_EQ(printable(note), note) << path;
  const TensorTable tensors = tensor_table(shapes->graph, shapes->values);
  for (const GraphNode& node : shapes->graph.nodes) {
    const Cost cost = cost_of(onnx_facts(node, tensors));
    add(outcome.totals, cost);
    if (cost.known()) continue;
    ++outcome.unknown[node.op_type];
    EXPECT_FALSE(cost.unknown_reason.empty()) << path << ": " << node.display_name();
  }
  print(path, *model, *shapes);
}

Outcome visit_all(const std::vector<fs::path>& models) {
  Outcome outcome;
  for (const fs::path& path : models) visit(path, outcome);
  std::string unknown;
  for (const auto& [op_type, count] : outcome.unknown) unknown += fmt::format(" {}:{}", op_type, count);
  fmt::print("{} models, {} refused, {} with notes; {} nodes, {} of unknown cost:{}\n", outcome.models, outcome.refused,
             outcome.with_notes, outcome.totals.operators, outcome.totals.unknown_operators, unknown);
  return outcome;
}

TEST(OnnxBackendModels, StoredOnes) {
  const Outcome outcome = visit_all(models_below(test::kOnnxTestData));
  EXPECT_GE(outcome.models, 140) << "the ONNX package has lost its data";
  EXPECT_EQ(outcome.refused, 0);
  // Sequences and strings, whose sizes no shape tells, and a training operator.
  EXPECT_LE(outcome.totals.unknown_operators, 30);
}

// One for every operator, type and attribute, and for every function with its body inlined.
TEST(OnnxBackendModels, ThoseOfTheNodeTests) {
  const auto folder = TemporaryFolder::create("trtprof-node-models").value();
  const std::string script = std::string(test::kSourceDir) + "/tests/tools/write_onnx_node_models.py";
  const auto written = test::run_program({test::kPython, script, folder.path().string()});
  ASSERT_EQ(written.exit_code, 0) << written.err;
  const Outcome outcome = visit_all(models_below(folder.path()));
  EXPECT_GE(outcome.models, 1800);
  EXPECT_EQ(outcome.refused, 0);
  // Nearly all in function bodies whose shapes depend on values that come from the graph's inputs.
  EXPECT_LE(outcome.totals.unknown_operators, 1900);
}

}  // namespace
}  // namespace trtprof
