// `convert`, and `analyze` of other tools' files, as a user runs them.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ConvertCommand : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(folder_.has_value()); }

  std::string path(const std::string& name) const { return (folder_->path() / name).string(); }
  static std::string data(const std::string& name) { return (fs::path(kDataDir) / name).string(); }
  static std::string h200(const std::string& name) { return data("tensorrt-10.6/" + name); }
  Profile converted(const std::vector<std::string>& files) {
    std::vector<std::string> arguments = {"convert"};
    arguments.insert(arguments.end(), files.begin(), files.end());
    arguments.insert(arguments.end(), {"-o", path("p.json")});
    const ProgramResult result = run_tensorrt_profiling(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    auto loaded = load_profile(path("p.json"));
    EXPECT_TRUE(loaded);
    return loaded ? std::move(loaded->profile) : Profile{};
  }

 private:
  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-convert");
};

TEST_F(ConvertCommand, TrtexecsFilesOfOneEngineBecomeOneProfile) {
  const Profile profile =
      converted({h200("mnv2_b64_fp16_stream_notransfer.profile.json"),
                 h200("mnv2_b64_fp16_stream_notransfer.layers.json"), h200("mnv2_b64_fp16_stream_notransfer.log")});
  ASSERT_TRUE(profile.layer_run);
  EXPECT_EQ(profile.layer_run->layers.size(), 57U);
  EXPECT_EQ(profile.environment.engine_name, "TensorRT");
  ASSERT_TRUE(profile.end_to_end);
  // The log's median of 1.031 ms of compute.
  EXPECT_NEAR(profile.end_to_end->compute->summary->median, 1.031e-3, 2e-6);
}

TEST_F(ConvertCommand, WritesCsvAndTracesByTheNameOrTheFormat) {
  const std::string stored = data("diagnose/mobilenetv2_b64_graph.json");
  EXPECT_EQ(run_tensorrt_profiling({"convert", stored, "-o", path("p.csv")}).exit_code, 0);
  EXPECT_THAT(*read_file(path("p.csv")), StartsWith("index,name,"));
  EXPECT_EQ(run_tensorrt_profiling({"convert", stored, "-o", path("p.trace.json")}).exit_code, 0);
  EXPECT_TRUE(json::parse(*read_file(path("p.trace.json"))).contains("traceEvents"));
  EXPECT_EQ(run_tensorrt_profiling({"convert", stored, "-o", path("p.txt"), "--format", "csv"}).exit_code, 0);
  EXPECT_EQ(*read_file(path("p.txt")), *read_file(path("p.csv")));
  const ProgramResult unnamed = run_tensorrt_profiling({"convert", stored, "-o", path("p.xyz")});
  EXPECT_EQ(unnamed.exit_code, 2);
  EXPECT_THAT(unnamed.err, HasSubstr("--format"));
}

TEST_F(ConvertCommand, FilesOfTwoEnginesAreRefusedWithWhatDiffers) {
  const ProgramResult result = run_tensorrt_profiling({"convert", h200("mnv2_b64_fp16_stream_notransfer.layers.json"),
                                                       h200("mnv2_b64_fp32.inspector.json"), "-o", path("p.json")});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("mnv2_b64_fp16_stream_notransfer.layers.json"),
                                HasSubstr("mnv2_b64_fp32.inspector.json")));
  EXPECT_FALSE(fs::exists(path("p.json")));
}

TEST_F(ConvertCommand, WhatIsNoExportIsSaidAndNothingIsWritten) {
  ASSERT_TRUE(write_file(path("notes.txt"), "hello\n"));
  const ProgramResult text = run_tensorrt_profiling({"convert", path("notes.txt"), "-o", path("p.json")});
  EXPECT_EQ(text.exit_code, 1);
  EXPECT_THAT(text.err, AllOf(HasSubstr("is of no format that is read"), HasSubstr("trtexec")));
  ASSERT_EQ(run_tensorrt_profiling({"sample", "transfer", "-o", path("m.onnx")}).exit_code, 0);
  const ProgramResult model = run_tensorrt_profiling({"convert", path("m.onnx"), "-o", path("p.json")});
  EXPECT_EQ(model.exit_code, 2);
  EXPECT_THAT(model.err, HasSubstr("nothing was measured of it"));
  EXPECT_EQ(run_tensorrt_profiling({"convert", path("notes.txt")}).exit_code, 2) << "no output";
  EXPECT_FALSE(fs::exists(path("p.json")));
}

TEST_F(ConvertCommand, AnalyzeDiagnosesTrtexecsFilesWithTheModelAmongThem) {
  ASSERT_EQ(run_tensorrt_profiling({"sample", "mobilenetv2", "--batch", "64", "-o", path("m.onnx")}).exit_code, 0);
  const ProgramResult result =
      run_tensorrt_profiling({"analyze", h200("mnv2_b64_fp16_stream_notransfer.profile.json"),
                              h200("mnv2_b64_fp16_stream_notransfer.layers.json"),
                              h200("mnv2_b64_fp16_stream_notransfer.log"), "--tree", "--ceilings", "NVIDIA H200 SXM"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("Convolution-dominated"), HasSubstr("depthwise or grouped convolutions"),
                                HasSubstr("Decision tree:")));
}

}  // namespace
}  // namespace trtprof::test
