// `optimize`, as a user does it.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/model/onnx_model.h"

namespace trtprof::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class OptimizeCommand : public ::testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

  // MobileNetV2, small: 52 BatchNormalizations.
  std::string sample(const std::string& batch = "1") const {
    const std::string model = path("m.onnx");
    EXPECT_EQ(run_tensorrt_profiling(
                  {"sample", "mobilenetv2", "--width", "0.35", "--resolution", "64", "--batch", batch, "-o", model})
                  .exit_code,
              0);
    return model;
  }

  TemporaryFolder folder_ = TemporaryFolder::create("trtprof-optimize-command").value();
};

TEST_F(OptimizeCommand, WritesTheModelAndSaysWhatItDid) {
  const std::string model = sample();
  const ProgramResult run =
      run_tensorrt_profiling({"optimize", model, "-o", path("o.onnx"), "--no-compare", "--json", path("o.json")});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "");
  EXPECT_THAT(run.out, HasSubstr("Nodes:   152 -> 100"));
  EXPECT_THAT(run.out, HasSubstr("fold-batch-normalization           52      152 -> 100"));
  const auto written = OnnxModel::load(path("o.onnx"));
  ASSERT_TRUE(written.has_value()) << written.error().message;
  EXPECT_EQ(written->graph().nodes.size(), 100U);
  EXPECT_THAT(written->warnings(), IsEmpty());
  const json document = json::parse(read_file(path("o.json")).value());
  EXPECT_EQ(document["result"]["sha256"], sha256_of_file(path("o.onnx")).value());
  EXPECT_EQ(document["model"]["sha256"], sha256_of_file(model).value());
  EXPECT_EQ(document["after"]["nodes"], 100);
  EXPECT_LT(document["check"]["error"].get<double>(), 1e-4);
}

TEST_F(OptimizeCommand, WithoutAnOutputItOnlyReports) {
  const std::string model = sample();
  const std::string before = sha256_of_file(model).value();
  const ProgramResult run = run_tensorrt_profiling({"optimize", model});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, HasSubstr("152 -> 100"));
  EXPECT_THAT(run.out, Not(HasSubstr("Written:")));
  EXPECT_EQ(sha256_of_file(model).value(), before);
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder_.path())) files.push_back(entry.path().filename());
  EXPECT_THAT(files, ElementsAre("m.onnx"));
}

TEST_F(OptimizeCommand, PassesAreChosen) {
  const std::string model = sample();
  const auto out = [&](std::vector<std::string> options) {
    options.insert(options.begin(), {"optimize", model, "--no-check"});
    const ProgramResult run = run_tensorrt_profiling(options);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return run.out;
  };
  EXPECT_THAT(out({"--passes", "none"}), HasSubstr("No pass found anything to do."));
  EXPECT_THAT(out({"--passes", "1"}), HasSubstr("level 1"));
  EXPECT_THAT(out({"--passes", "1"}), Not(HasSubstr("152 -> 100")));
  EXPECT_THAT(out({"--passes", "dead-code,fold-batch-normalization"}), HasSubstr("152 -> 100"));
  EXPECT_THAT(out({"--disable-pass", "fold-batch-normalization"}),
              HasSubstr("level 2 without fold-batch-normalization"));
  EXPECT_THAT(out({"--pass-steps", "10"}), HasSubstr("152 -> 142"));
  EXPECT_THAT(out({"--pass-steps", "10"}), HasSubstr("ended by the limit of rewrites"));
  EXPECT_THAT(out({"--explain-passes"}), HasSubstr("is part of Conv '"));
}

TEST_F(OptimizeCommand, DumpsEachStep) {
  const ProgramResult run = run_tensorrt_profiling({"optimize", sample(), "--no-check", "--dump-steps", path("steps")});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_TRUE(OnnxModel::load(path("steps/001-fold-batch-normalization.onnx")).has_value());
}

TEST_F(OptimizeCommand, OpenDimensionsAreBoundForTheCheckAlone) {
  const std::string model = sample("dynamic");
  const ProgramResult open = run_tensorrt_profiling({"optimize", model});
  EXPECT_EQ(open.exit_code, 2);
  EXPECT_THAT(open.err, HasSubstr("--no-check"));
  const ProgramResult bound =
      run_tensorrt_profiling({"optimize", model, "--batch", "2", "--no-compare", "-o", path("o.onnx")});
  EXPECT_EQ(bound.exit_code, 0) << bound.err;
  EXPECT_THAT(bound.out, HasSubstr("2x3x64x64"));
  const Graph graph = OnnxModel::load(path("o.onnx")).value().graph();
  EXPECT_FALSE(graph.inputs.at(0).shape->at(0).value.has_value()) << "the batch stays open";
  EXPECT_EQ(run_tensorrt_profiling({"optimize", model, "--no-check"}).exit_code, 0);
}

TEST_F(OptimizeCommand, RefusesWhatItCannotDo) {
  const std::string model = sample();
  const auto refused = [&](std::vector<std::string> arguments, int code) {
    arguments.insert(arguments.begin(), "optimize");
    const ProgramResult run = run_tensorrt_profiling(arguments);
    EXPECT_EQ(run.exit_code, code) << run.err;
    EXPECT_EQ(run.out, "");
    return run.err;
  };
  EXPECT_THAT(refused({model, "--passes", "fold-batchnorm"}, 2), HasSubstr("there is no pass 'fold-batchnorm'"));
  EXPECT_THAT(refused({model, "--passes", "4"}, 2), HasSubstr("there is no pass '4'"));
  EXPECT_THAT(refused({model, "--disable-pass", "nothing"}, 2), HasSubstr("fold-batch-normalization"));
  EXPECT_THAT(refused({model, "--pass-steps", "-1"}, 2), HasSubstr("--pass-steps"));
  EXPECT_THAT(refused({path("missing.onnx")}, 1), HasSubstr("missing.onnx"));
  EXPECT_THAT(refused({model, "-o", path("no/such/folder/o.onnx")}, 1), HasSubstr("no/such/folder"));
  EXPECT_THAT(refused({model, "-o", path("same"), "--json", path("same")}, 2), HasSubstr("name the same file"));
  EXPECT_FALSE(fs::exists(path("same")));
}

TEST_F(OptimizeCommand, TheResultMeasuresAsTheOriginal) {
  const std::string model = sample();
  ASSERT_EQ(
      run_tensorrt_profiling({"optimize", model, "-o", path("o.onnx"), "--no-compare", "--passes", "3"}).exit_code, 0);
  const ProgramResult run = run_tensorrt_profiling(
      {"profile", path("o.onnx"), "--backend", "openvino", "--iterations", "3", "--warmup", "1"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("100 nodes"));
}

// Weights in files of their own come along.
TEST_F(OptimizeCommand, ExternalDataLiesBesideTheResult) {
  const std::string script =
      "import onnx, sys\n"
      "m = onnx.load(sys.argv[1])\n"
      "onnx.save(m, sys.argv[2], save_as_external_data=True, location='w.bin', size_threshold=1024)\n";
  const std::string model = sample();
  fs::create_directory(path("in"));
  fs::create_directory(path("out"));
  ASSERT_EQ(run_program({kPython, "-c", script, model, path("in/m.onnx")}).exit_code, 0);
  const ProgramResult run =
      run_tensorrt_profiling({"optimize", path("in/m.onnx"), "--no-compare", "-o", path("out/o.onnx")});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("152 -> 100"));
  EXPECT_TRUE(OnnxModel::load(path("out/o.onnx")).has_value());
}

}  // namespace
}  // namespace trtprof::test
