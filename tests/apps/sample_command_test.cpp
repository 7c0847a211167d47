// Every sample is written, and runs on the CPU backend with outputs that are finite and not all the same.
#include <algorithm>
#include <cmath>
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/backend/module.h"
#include "trtprof/base/file.h"
#include "trtprof/measure/inputs.h"
#include "trtprof/samples/samples.h"

namespace trtprof::test {
namespace {

std::vector<std::string> kinds() {
  std::vector<std::string> names;
  for (const SampleKind& kind : sample_kinds()) names.push_back(kind.name);
  return names;
}

class EverySample : public ::testing::TestWithParam<std::string> {};

TEST_P(EverySample, RunsOnTheCpuWithSoundOutputs) {
  auto folder = TemporaryFolder::create("trtprof-sample");
  ASSERT_TRUE(folder);
  const std::string path = (folder->path() / "sample.onnx").string();
  const auto written = run_tensorrt_profiling({"sample", GetParam(), "-o", path});
  ASSERT_EQ(written.exit_code, 0) << written.err;

  setenv("TRTPROF_BACKEND_PATH", kBuildDir, 1);
  auto backend = load_backend("openvino");
  ASSERT_TRUE(backend) << backend.error().message;
  const auto model = OnnxModel::load(path);
  ASSERT_TRUE(model) << model.error().message;
  CompileOptions options;
  options.shapes = bind_shapes(model->graph(), {}).value();
  options.precision = "f32";
  auto compiled = (*backend)->compile({path, model->graph()}, options);
  ASSERT_TRUE(compiled) << compiled.error().message;
  const auto inputs = complete_inputs((*compiled)->inputs(), {}, 1);
  ASSERT_TRUE(inputs) << inputs.error().message;
  for (const auto& [name, tensor] : *inputs) ASSERT_TRUE((*compiled)->set_input(name, tensor));
  ASSERT_TRUE((*compiled)->run_once());
  for (const TensorDesc& desc : (*compiled)->outputs()) {
    const auto output = (*compiled)->output(desc.name);
    ASSERT_TRUE(output) << output.error().message;
    ASSERT_EQ(output->type, ElementType::f32);
    std::vector<float> values(output->data.size() / sizeof(float));
    std::memcpy(values.data(), output->data.data(), output->data.size());
    EXPECT_TRUE(std::ranges::all_of(values, [](float v) { return std::isfinite(v); })) << desc.name;
    const auto [low, high] = std::ranges::minmax_element(values);
    EXPECT_GT(*high - *low, 0.1F) << desc.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Samples, EverySample, ::testing::ValuesIn(kinds()), [](const auto& parameter) {
  std::string name = parameter.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

}  // namespace
}  // namespace trtprof::test
