// ONNX's own backend test models survive all passes unchanged in meaning: what gave the stored outputs on the reference
// backend before gives them afterwards, too.
#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/pass_fixture.h"
#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/model/tensor_values.h"
#include "trtprof/optimize/pass_manager.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;

// As ONNX's runner compares: 1e-3 relative, here to the output's largest value.
constexpr double kTolerance = 1e-3;

struct Counts {
  int models = 0;
  int refused = 0;    // the loader has nothing good to say of them
  int unchanged = 0;  // no pass found anything to do
  int changed = 0;
  int equal = 0;            // of the changed: before and after give the stored outputs
  int equal_on_random = 0;  // no stored tensors: before and after give the same for random inputs
  int without_data = 0;     // neither: sequences, open dimensions
  int not_runnable = 0;     // the backend does not run the model as it is
  int other_before = 0;     // the backend does not give the stored outputs of the model as it is
  std::map<std::string, std::int64_t> rewrites;
};

struct StoredData {
  NamedTensors inputs;
  NamedTensors outputs;
};

std::optional<Tensor> stored_tensor(const fs::path& path) {
  const auto bytes = read_file(path);
  onnx::TensorProto proto;
  if (!bytes || !proto.ParseFromString(*bytes)) return std::nullopt;
  auto tensor = read_tensor(proto);
  return tensor ? std::optional(*std::move(tensor)) : std::nullopt;
}

std::optional<NamedTensors> stored_tensors(const fs::path& folder, std::string_view kind,
                                           const std::vector<ValueInfo>& values) {
  NamedTensors tensors;
  for (std::size_t i = 0; i < values.size(); ++i) {
    auto tensor = stored_tensor(folder / fmt::format("{}_{}.pb", kind, i));
    if (!tensor) return std::nullopt;
    tensors.emplace(values[i].name, *std::move(tensor));
  }
  return tensors;
}

std::optional<StoredData> stored_data(const fs::path& model, const Graph& graph) {
  const fs::path folder = model.parent_path() / "test_data_set_0";
  auto inputs = stored_tensors(folder, "input", graph.inputs);
  auto outputs = stored_tensors(folder, "output", graph.outputs);
  if (!inputs || !outputs) return std::nullopt;
  return StoredData{*std::move(inputs), *std::move(outputs)};
}

bool gives(const NamedTensors& expected, const Result<NamedTensors>& found) {
  if (!found) return false;
  const OutputDifference difference = difference_of(expected, *found);
  return difference.contradiction.empty() && difference.error <= kTolerance;
}

// Of models without stored tensors, where every dimension is known: what the model as it is gives for random inputs.
std::optional<StoredData> random_data(const OnnxModel& model) {
  StoredData data;
  BoundShapes shapes;
  for (const ValueInfo& input : model.graph().inputs) {
    if (!input.shape || bits_of(input.type) < 8) return std::nullopt;
    for (const Dimension& dimension : *input.shape) {
      if (!dimension.value) return std::nullopt;
      shapes[input.name].push_back(*dimension.value);
    }
    shapes[input.name];  // a scalar has no dimensions
  }
  data.inputs = test::random_inputs(model, shapes);
  auto outputs = evaluate(test::openvino(), model, data.inputs);
  if (!outputs) return std::nullopt;
  data.outputs = *std::move(outputs);
  return data;
}

void compare(const fs::path& path, const OnnxModel& before, const OnnxModel& after, Counts& counts) {
  const auto stored = stored_data(path, before.graph());
  const auto data = stored ? stored : random_data(before);
  if (!data) {
    ++counts.without_data;
    return;
  }
  if (stored) {
    const auto original = evaluate(test::openvino(), before, data->inputs);
    if (!original) {
      ++counts.not_runnable;
      return;
    }
    if (!gives(data->outputs, original)) {
      ++counts.other_before;
      return;
    }
  }
  const auto result = evaluate(test::openvino(), after, data->inputs);
  ASSERT_TRUE(result.has_value()) << path << ": " << result.error().message;
  const OutputDifference difference = difference_of(data->outputs, *result);
  EXPECT_EQ(difference.contradiction, "") << path;
  EXPECT_LE(difference.error, kTolerance) << path;
  ++(stored ? counts.equal : counts.equal_on_random);
}

void visit(const fs::path& path, Counts& counts) {
  ++counts.models;
  const auto loaded = OnnxModel::load(path);
  if (!loaded) {
    ++counts.refused;
    return;
  }
  OnnxModel changed = loaded->clone();
  const PassOptions options{.level = 3, .check = false};
  const auto report = run_passes(changed, &test::openvino(), options);
  ASSERT_TRUE(report.has_value()) << path << ": " << report.error().message;
  EXPECT_TRUE(report->fixed_point) << path;
  // The manager asks the checker and inference after each step.
  for (const PassStep& step : report->steps) EXPECT_EQ(step.taken_back, "") << path << ": " << step.pass;
  for (const PassSummary& pass : report->passes) counts.rewrites[pass.pass] += pass.rewrites;
  if (report->steps.empty()) {
    ++counts.unchanged;
    return;
  }
  ++counts.changed;
  const auto again = run_passes(changed, &test::openvino(), options);
  ASSERT_TRUE(again.has_value()) << path;
  EXPECT_TRUE(again->steps.empty()) << path << ": " << again->steps[0].pass;
  compare(path, *loaded, changed, counts);
}

Counts visit_all(const fs::path& folder) {
  std::vector<fs::path> models;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".onnx") models.push_back(entry.path());
  }
  std::sort(models.begin(), models.end());
  Counts counts;
  for (const fs::path& path : models) visit(path, counts);
  std::string rewrites;
  for (const auto& [pass, count] : counts.rewrites) rewrites += fmt::format(" {}:{}", pass, count);
  fmt::print(
      "{} models: {} refused, {} unchanged, {} changed; of these {} give the stored outputs before and after, {} "
      "without "
      "stored tensors what they gave before for random inputs, {} have nothing to run with, {} do not run here, {} "
      "gave "
      "other outputs before. Rewrites:{}\n",
      counts.models, counts.refused, counts.unchanged, counts.changed, counts.equal, counts.equal_on_random,
      counts.without_data, counts.not_runnable, counts.other_before, rewrites);
  return counts;
}

TEST(PassesOnBackendModels, StoredOnes) {
  const Counts counts = visit_all(test::kOnnxTestData);
  EXPECT_GE(counts.models, 140) << "the ONNX package has lost its data";
  EXPECT_EQ(counts.refused, 0);
  EXPECT_EQ(counts.equal + counts.equal_on_random, counts.changed);
}

TEST(PassesOnBackendModels, ThoseOfTheNodeTests) {
  const auto folder = TemporaryFolder::create("trtprof-node-models").value();
  const std::string script = std::string(test::kSourceDir) + "/tests/tools/write_onnx_node_models.py";
  const auto written = test::run_program({test::kPython, script, "--data", folder.path().string()});
  ASSERT_EQ(written.exit_code, 0) << written.err;
  const Counts counts = visit_all(folder.path());
  EXPECT_GE(counts.models, 1800);
  EXPECT_EQ(counts.refused, 0);
  // The rest does not run on this backend, or gives other outputs there as it is.
  EXPECT_GE(counts.equal, 240);
}

}  // namespace
}  // namespace trtprof
