// Every pass on every model of the test set: the outputs stay within the tolerance of the pass's level, a second run
// finds nothing to do, the checker and inference accept the result.
#include <filesystem>
#include <functional>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/pass_fixture.h"
#include "test_paths.h"
#include "trtprof/cost/onnx_facts.h"
#include "trtprof/diagnose/graph_findings.h"
#include "trtprof/model/shape_inference.h"
#include "trtprof/optimize/pass_manager.h"
#include "trtprof/samples/samples.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;

struct TestModel {
  std::string name;
  std::function<OnnxModel()> make;
  BoundShapes shapes;  // empty: those that the model declares
};

void PrintTo(const TestModel& model, std::ostream* out) {
  *out << model.name;
}

TestModel ocr(const test::OcrModel& model) {
  return {fs::path(model.file).stem().string(),
          [file = model.file] { return OnnxModel::load(std::string(test::kOcrModelsDir) + "/" + file).value(); },
          {{"x", model.shape}}};
}

TestModel sample(const std::string& kind) {
  SampleOptions options;
  if (kind == "transfer") options.resolution = 256;
  return {"sample_" + kind, [kind, options] { return make_sample(kind, options).value(); }, {}};
}

// Those of the package, the samples, and what is committed in models/.
std::vector<TestModel> all_models() {
  std::vector<TestModel> models = {ocr(test::kDet), ocr(test::kRec), ocr(test::kCls)};
  for (const SampleKind& kind : sample_kinds()) models.push_back(sample(kind.name));
  std::error_code error;
  std::set<fs::path> committed;
  for (const auto& entry : fs::recursive_directory_iterator(std::string(test::kSourceDir) + "/models", error)) {
    if (entry.path().extension() == ".onnx") committed.insert(entry.path());
  }
  for (const fs::path& path : committed) {
    models.push_back({path.stem().string(), [path] { return OnnxModel::load(path).value(); }, {}});
  }
  return models;
}

class PassesOnModels : public testing::TestWithParam<TestModel> {
 protected:
  void SetUp() override {
    model_.emplace(GetParam().make());
    shapes_ = GetParam().shapes.empty() ? test::small_shapes(*model_) : GetParam().shapes;
  }
  OptimizeReport run(OnnxModel& model, PassOptions options) const {
    options.shapes = shapes_;
    auto report = run_passes(model, &test::openvino(), options);
    EXPECT_TRUE(report.has_value()) << report.error().message;
    return report ? *std::move(report) : OptimizeReport{};
  }
  std::optional<OnnxModel> model_;
  BoundShapes shapes_;
};

void expect_all_kept(const OptimizeReport& report) {
  EXPECT_TRUE(report.fixed_point) << "after " << report.rounds << " rounds";
  EXPECT_EQ(report.not_checked, "");
  for (const PassStep& step : report.steps) EXPECT_EQ(step.taken_back, "") << step.pass;
}

// One alone, from the model as it is. The manager compares before and after; where it did nothing, nothing has to run.
TEST_P(PassesOnModels, EachAlone) {
  for (const Pass* pass : all_passes()) {
    SCOPED_TRACE(pass->name());
    OnnxModel changed = model_->clone();
    PassContext context(changed, &test::openvino(), {});
    const auto done = pass->apply(context);
    ASSERT_TRUE(done.has_value()) << done.error().message;
    if (done->applications.empty()) {
      EXPECT_EQ(changed.proto().SerializeAsString(), model_->proto().SerializeAsString());
      continue;
    }
    test::expect_same_outputs(*model_, changed, tolerance_of(pass->level()), shapes_);
  }
}

TEST_P(PassesOnModels, AllTogether) {
  OnnxModel changed = model_->clone();
  const OptimizeReport report = run(changed, {.level = 3});
  expect_all_kept(report);
  ASSERT_TRUE(report.check.has_value());
  EXPECT_LE(report.check->error, tolerance_of(PassLevel::structure));
  EXPECT_LE(report.after.nodes, report.before.nodes);
  fmt::print("{}: {} -> {} nodes, largest error {:.1e}\n", GetParam().name, report.before.nodes, report.after.nodes,
             report.check->error);
  const std::string once = changed.proto().SerializeAsString();
  const OptimizeReport again = run(changed, {.level = 3, .check = false});
  EXPECT_THAT(again.steps, IsEmpty());
  EXPECT_EQ(changed.proto().SerializeAsString(), once);
}

// What `analyze` finds redundant or constant is gone, but for what the report names.
TEST_P(PassesOnModels, NothingIsLeftThatAnalyzeWouldFind) {
  OnnxModel changed = model_->clone();
  const OptimizeReport report = run(changed, {.level = 1, .check = false});
  const auto inferred = infer_shapes(changed);
  ASSERT_TRUE(inferred.has_value());
  std::set<std::string> named;
  for (const PassSummary& pass : report.passes) {
    for (const NearMiss& miss : pass.near_misses) named.insert(miss.node);
  }
  const TensorTable tensors = tensor_table(inferred->graph, inferred->values);
  const auto unnamed = [&](std::size_t node) { return !named.contains(inferred->graph.nodes[node].display_name()); };
  for (const RedundantNodes& found : find_redundant_nodes(inferred->graph, tensors)) {
    for (const std::size_t node : found.nodes) {
      EXPECT_FALSE(unnamed(node)) << inferred->graph.nodes[node].display_name() << ": " << found.reason;
    }
  }
  for (const ConstantSubgraph& found : find_constant_subgraphs(inferred->graph, tensors).foldable) {
    for (const std::size_t node : found.nodes) {
      EXPECT_FALSE(unnamed(node)) << inferred->graph.nodes[node].display_name() << " computes from constants alone";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(TestSet, PassesOnModels, testing::ValuesIn(all_models()), [](const auto& each) {
  std::string name = each.param.name;
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
});

}  // namespace
}  // namespace trtprof
