// `build`, `profile` and `inspect` with NVIDIA's libraries as `tools/deps.sh tensorrt` brings them, on a machine that
// shows no GPU: what is built is a real engine, and what cannot be done is said.
#include <algorithm>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/run_program.h"
#include "support/shape_input_model.h"
#include "support/tensorrt_module.h"
#include "trtprof/backend/engine_file.h"
#include "trtprof/base/build_info.h"
#include "trtprof/base/file.h"

namespace trtprof::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

using Environment = std::vector<std::pair<std::string, std::string>>;

class TensorrtCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(folder_.has_value());
    fs::create_directory(folder_->path() / "out");
    for (const auto& [tag, version] :
         {std::pair("vtrt", EngineVersion{1, 7, 1, 116}), std::pair("ftrt", EngineVersion{11, 2, 1, 0})}) {
      ASSERT_TRUE(write_file(path("probe.engine"), plan_bytes(tag, version, 100)).has_value());
      const ProgramResult probe = run({"inspect", path("probe.engine")});
      ASSERT_EQ(probe.exit_code, 0) << probe.err;
      if (probe.out.find("is not available") != std::string::npos) {
        GTEST_SKIP() << "the headers are not here (tools/deps.sh gpu): " << probe.out;
      }
      if (probe.out.find("not on this machine") != std::string::npos) {
        GTEST_SKIP() << "the library is not here (tools/deps.sh tensorrt): " << probe.out;
      }
    }
  }

  std::string path(const std::string& name) const { return (folder_->path() / name).string(); }
  std::string engine() const { return path("out/m.engine"); }
  std::vector<std::string> written() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_->path() / "out")) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

  static ProgramResult run(const std::vector<std::string>& arguments, Environment environment = {}) {
    environment.emplace_back(kNoGpu);
    return run_tensorrt_profiling(arguments, {.environment = std::move(environment)});
  }
  std::string sample(const std::string& kind, std::vector<std::string> options = {}) const {
    const std::string model = path(kind + ".onnx");
    options.insert(options.begin(), {"sample", kind, "-o", model});
    EXPECT_EQ(run_tensorrt_profiling(options).exit_code, 0);
    return model;
  }
  std::string small_sample() const { return sample("mobilenetv2", {"--width", "0.35", "--resolution", "32"}); }
  // The engine as its bytes.
  std::string built() const {
    const ProgramResult result = run({"build", small_sample(), "-o", engine(), "--backend", "tensorrt-rtx"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return read_file(engine()).value_or("");
  }

  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-tensorrt-command");
};

// ---- build

TEST_F(TensorrtCommand, BuildWritesAnEngineAndItsRecord) {
  const std::string model = sample("mobilenetv2");
  const ProgramResult result =
      run({"build", model, "-o", engine(), "--backend", "tensorrt-rtx", "--compute-capability", "8.9"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, StartsWith("wrote " + engine() + " (14."));
  EXPECT_THAT(result.err, HasSubstr("by TensorRT-RTX 1.7.1.116, without a GPU\nwrote " + engine() + ".json"));
  EXPECT_THAT(written(), UnorderedElementsAre("m.engine", "m.engine.json"));

  const auto file = read_engine_file(engine());
  ASSERT_TRUE(file.has_value()) << file.error().message;
  EXPECT_EQ(file->header.flavour, EngineFlavour::tensorrt_rtx);
  EXPECT_EQ(to_string(file->header.version), "1.7.1.116");
  EXPECT_EQ(file->header.file_bytes, fs::file_size(engine()));
  ASSERT_TRUE(file->record.has_value()) << file->record_doubt;  // its hash is that of the engine
  EXPECT_EQ(file->record->model.path, model);
  EXPECT_EQ(file->record->model.bytes, fs::file_size(model));
  EXPECT_EQ(file->record->builder.version, "1.7.1.116");
  EXPECT_EQ(file->record->builder.device, "");
  EXPECT_EQ(file->record->options.compute_capabilities, std::vector<std::string>{"8.9"});
  EXPECT_EQ(file->record->tool.commit, kCommit);
}

TEST_F(TensorrtCommand, BuildOfAnOcrModelForARange) {
  const std::string model = std::string(kOcrModelsDir) + "/ch_PP-OCRv4_rec_infer.onnx";
  const ProgramResult result = run({"build", model, "-o", engine(), "--min-shape", "x:1x3x48x160", "--opt-shape",
                                    "x:1x3x48x320", "--max-shape", "x:4x3x48x640"});
  ASSERT_EQ(result.exit_code, 0) << result.err;  // without a GPU the one that needs none is taken
  const auto file = read_engine_file(engine());
  ASSERT_TRUE(file && file->record);
  EXPECT_EQ(file->record->builder.backend, "tensorrt-rtx");
  const ShapeRange range = {{1, 3, 48, 160}, {1, 3, 48, 320}, {4, 3, 48, 640}};
  EXPECT_EQ(file->record->options.profiles, std::vector<ShapeProfile>({{{"x", range}}}));
}

TEST_F(TensorrtCommand, AnInputThatHoldsAShapeGetsARangeOfValues) {
  const std::string model = path("resize.onnx");
  ASSERT_TRUE(write_file(model, with_shape_input("Resize", {1, 1, 2, 2}, 4)).has_value());
  const ProgramResult result = run({"build", model, "-o", engine(), "--backend", "tensorrt-rtx", "--min-shape",
                                    "shape:1x1x2x2", "--opt-shape", "shape:1x1x7x8", "--max-shape", "shape:1x1x16x16"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto file = read_engine_file(engine());
  ASSERT_TRUE(file && file->record);
  EXPECT_EQ(file->record->options.profiles,
            std::vector<ShapeProfile>({{{"shape", {{1, 1, 2, 2}, {1, 1, 7, 8}, {1, 1, 16, 16}, true}}}}));
  EXPECT_THAT(run({"inspect", engine()}).out, HasSubstr("values shape 1x1x2x2 to 1x1x16x16, tuned for 1x1x7x8"));
  const ProgramResult none = run({"build", model, "-o", engine(), "--backend", "tensorrt-rtx"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, AllOf(HasSubstr("input 'shape' of the model holds a shape"), HasSubstr("--min-shape shape:")));
}

struct BadBuild {
  const char* name;
  std::vector<std::string> options;
  int exit_code;
  const char* said;
};

class TensorrtBadBuild : public TensorrtCommand, public ::testing::WithParamInterface<BadBuild> {};

TEST_P(TensorrtBadBuild, IsRefusedAndLeavesNothing) {
  std::vector<std::string> arguments = {"build", small_sample(), "-o", engine()};
  arguments.insert(arguments.end(), GetParam().options.begin(), GetParam().options.end());
  const ProgramResult result = run(arguments);
  EXPECT_EQ(result.exit_code, GetParam().exit_code) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("error: "), HasSubstr(GetParam().said)));
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(written(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Options, TensorrtBadBuild,
    ::testing::Values(
        BadBuild{"WeakTyping", {"--backend", "tensorrt-rtx", "--weak", "fp16"}, 2, "weak typing is TensorRT 10's"},
        BadBuild{"WeakTypingWhereRtxIsFound", {"--weak", "fp16"}, 2, "no weak typing"},
        BadBuild{
            "TimingCache", {"--backend", "tensorrt-rtx", "--timing-cache", "t"}, 2, "it is for --backend tensorrt"},
        BadBuild{"TimingCacheWhereRtxIsFound", {"--timing-cache", "t"}, 2, "has no timing cache"},
        BadBuild{"HardwareCompatibility",
                 {"--backend", "tensorrt-rtx", "--hardware-compatibility", "ampere+"},
                 2,
                 "it is for --backend tensorrt"},
        BadBuild{"ComputeCapability", {"--compute-capability", "9.0"}, 2, "'9.0' is not one of TensorRT-RTX"},
        BadBuild{"ComputeCapabilityOfTensorrt",
                 {"--backend", "tensorrt", "--compute-capability", "8.9"},
                 2,
                 "it is for --backend tensorrt-rtx"},
        // What is refitted is compiled when it is built, and that needs the GPU.
        BadBuild{"StripWeights", {"--backend", "tensorrt-rtx", "--strip-weights"}, 1, "could not build an engine of"},
        BadBuild{"Plugin", {"--backend", "tensorrt-rtx", "--plugin", "libp.so"}, 2, "takes no plugins"},
        BadBuild{"Device", {"--backend", "tensorrt-rtx", "--device", "cuda:0"}, 4, "no usable NVIDIA GPU"},
        BadBuild{"Tensorrt", {"--backend", "tensorrt"}, 4, "no usable NVIDIA GPU"},
        BadBuild{"Tensorrt11", {"--backend", "tensorrt-11"}, 4, "no usable NVIDIA GPU"}),
    [](const auto& parameter) { return std::string(parameter.param.name); });

TEST_F(TensorrtCommand, AnOutputThatCannotBeWrittenIsSaidBeforeTheBuild) {
  const std::string model = small_sample();
  for (const std::string& output : {path("no/such/m.engine"), std::string("/proc/m.engine")}) {
    const ProgramResult result = run({"build", model, "-o", output, "--backend", "tensorrt-rtx", "--verbose"});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, AllOf(HasSubstr("error: cannot write " + output), Not(HasSubstr("building the engine"))));
  }
  fs::create_directory(path("out/m.engine.json"));  // where the record would go
  EXPECT_EQ(run({"build", model, "-o", engine(), "--backend", "tensorrt-rtx"}).exit_code, 2);
  EXPECT_THAT(written(), UnorderedElementsAre("m.engine.json"));
}

// ResNet-50 takes long enough for the signal to come while the builder works.
TEST_F(TensorrtCommand, CtrlCInABuildLeavesNoFile) {
  const std::string model = sample("resnet50");
  for (const int signal : {SIGINT, SIGTERM}) {
    const ProgramResult result =
        run_tensorrt_profiling({"build", model, "-o", engine(), "--backend", "tensorrt-rtx", "--verbose"},
                               {.environment = {kNoGpu},
                                .timeout_seconds = 60,
                                .signal_after_seconds = 0.001,
                                .signal_after_text = "building the engine",
                                .signal = signal});
    EXPECT_EQ(result.exit_code, 130) << result.err;
    EXPECT_THAT(result.err, HasSubstr("error: the build of " + model + " was interrupted\n"));
    EXPECT_THAT(written(), IsEmpty());
  }
}

TEST_F(TensorrtCommand, CtrlCKeepsTheEngineThatWasThere) {
  const std::string before = built();
  const std::string record = read_file(engine() + ".json").value_or("");
  const ProgramResult result = run_tensorrt_profiling(
      {"build", sample("resnet50"), "-o", engine(), "--backend", "tensorrt-rtx", "--verbose"},
      {.environment = {kNoGpu}, .signal_after_seconds = 0.001, .signal_after_text = "building the engine"});
  EXPECT_EQ(result.exit_code, 130) << result.err;
  EXPECT_TRUE(read_file(engine()).value_or("") == before);
  EXPECT_EQ(read_file(engine() + ".json").value_or(""), record);
  EXPECT_THAT(written(), UnorderedElementsAre("m.engine", "m.engine.json"));
}

// ---- what is missing

TEST_F(TensorrtCommand, TheLibraryThatIsMissingIsNamed) {
  // A kind of runtime that nothing brings here stands for an installation without TensorRT.
  const Environment none = {{"TRTPROF_TENSORRT_RUNTIME", "lean"}};
  const std::string model = small_sample();
  for (const auto& arguments : {std::vector<std::string>{"build", model, "-o", engine()}, {model}}) {
    auto with_backend = arguments;
    with_backend.insert(with_backend.end(), {"--backend", "tensorrt-11"});
    const ProgramResult result = run(with_backend, none);
    EXPECT_EQ(result.exit_code, 4);
    EXPECT_THAT(result.err,
                StartsWith("error: TensorRT needs libnvinfer_lean.so.11, which is not on this machine or not where the "
                           "loader looks\nhint: "));
    EXPECT_THAT(result.err, AllOf(HasSubstr("TRTPROF_TENSORRT_PATH"), Not(HasSubstr("cuda"))));
  }
  EXPECT_THAT(written(), IsEmpty());
}

TEST_F(TensorrtCommand, WithSeveralBackendsEveryReasonIsTold) {
  const ProgramResult result = run({"build", small_sample(), "-o", engine()}, {{"TRTPROF_TENSORRT_RUNTIME", "lean"}});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_THAT(result.err,
              AllOf(StartsWith("error: none of "), HasSubstr("; tensorrt-11: TensorRT needs libnvinfer_lean.so.11"),
                    HasSubstr("; tensorrt-rtx: TensorRT-RTX has no lean runtime")));
}

TEST_F(TensorrtCommand, ALibraryThatDoesNotLoadIsPassedOver) {
  const std::string model = small_sample();
  fs::create_directory(path("lib"));
  for (const char* name : {"libtensorrt_rtx.so.1", "libnvinfer_lean.so.11"}) {
    ASSERT_TRUE(write_file(path(std::string("lib/") + name), "no library").has_value());
  }
  const ProgramResult found =
      run({"build", model, "-o", engine(), "--backend", "tensorrt-rtx"}, {{"TRTPROF_TENSORRT_PATH", path("lib")}});
  EXPECT_EQ(found.exit_code, 0) << found.err;
  const ProgramResult none = run({model, "--backend", "tensorrt-11"},
                                 {{"TRTPROF_TENSORRT_PATH", ":" + path("lib")}, {"TRTPROF_TENSORRT_RUNTIME", "lean"}});
  EXPECT_EQ(none.exit_code, 4);
  EXPECT_THAT(none.err, AllOf(HasSubstr("libnvinfer_lean.so.11 does not load: "), HasSubstr("file too short")));
}

// ---- engines

TEST_F(TensorrtCommand, AnEngineIsInspectedAsFarAsCanBeSeen) {
  built();
  const ProgramResult result = run({"inspect", engine(), "--json", path("i.json")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, AllOf(HasSubstr("Built by:   TensorRT-RTX 1.7.1.116\n"), HasSubstr("Built on:   no GPU\n"),
                                HasSubstr("Built from: " + path("mobilenetv2.onnx"))));
  EXPECT_THAT(result.out, HasSubstr("Not seen:\n  - Inputs, outputs, layers and what was fused: no usable NVIDIA GPU"));
  const json document = json::parse(read_file(path("i.json")).value_or("null"));
  EXPECT_EQ(document["kind"], "engine");
  EXPECT_EQ(document["file"]["bytes"], fs::file_size(engine()));
}

TEST_F(TensorrtCommand, AnEngineIsNotProfiledWithoutAGpu) {
  built();
  for (const auto& arguments : {std::vector<std::string>{engine()}, {engine(), "--device", "all"}}) {
    const ProgramResult result = run(arguments);
    EXPECT_EQ(result.exit_code, 4);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, AllOf(StartsWith("error: no usable NVIDIA GPU"), HasSubstr("\nhint: ")));
  }
}

// The version is the reason, not the GPU that would not help.
TEST_F(TensorrtCommand, AnEngineOfAnotherVersion) {
  std::string plan = built();
  ASSERT_GT(plan.size(), 28U);
  plan[25] = 6;
  fs::remove(engine() + ".json");
  ASSERT_TRUE(write_file(engine(), plan).has_value());
  const char* const both = "was built by TensorRT-RTX 1.6.1.116, and here is TensorRT-RTX 1.7.1.116";
  const ProgramResult profiled = run({engine()});
  EXPECT_EQ(profiled.exit_code, 4);
  EXPECT_THAT(profiled.err, AllOf(HasSubstr(both), HasSubstr("\nhint: build it again from its model here")));
  const ProgramResult inspected = run({"inspect", engine()});
  EXPECT_EQ(inspected.exit_code, 0);
  EXPECT_THAT(inspected.out, AllOf(HasSubstr("Built by: TensorRT-RTX 1.6.1.116\n"), HasSubstr(both)));

  plan.replace(0, 4, "ftrt");
  plan.replace(24, 4, std::string("\x08\x06\x01\x00", 4));
  ASSERT_TRUE(write_file(engine(), plan).has_value());
  const ProgramResult old = run({engine()});
  EXPECT_EQ(old.exit_code, 4);
  EXPECT_THAT(old.err, HasSubstr("was built by TensorRT 8.6.1.0: backend 'tensorrt-8' is not available"));
}

TEST_F(TensorrtCommand, ADamagedEngineIsRefused) {
  const std::string plan = built();
  ASSERT_GT(plan.size(), 1000U);
  std::string huge = plan;
  huge.replace(16, 8, "\xff\xff\xff\xff\xff\xff\xff\x7f");
  for (const std::string& damaged : {plan.substr(0, 20), plan.substr(0, plan.size() / 2), plan + "more", huge}) {
    ASSERT_TRUE(write_file(engine(), damaged).has_value());
    for (const auto& arguments : {std::vector<std::string>{engine()}, {"inspect", engine()}}) {
      const ProgramResult result = run(arguments);
      EXPECT_EQ(result.exit_code, 1);
      EXPECT_EQ(result.out, "");
      EXPECT_THAT(result.err, AllOf(AnyOf(HasSubstr("damaged"), HasSubstr("cut short")), HasSubstr("\nhint: ")));
    }
  }
}

TEST_F(TensorrtCommand, ARecordOfAnotherEngineIsDoubted) {
  std::string plan = built();
  plan.back() = static_cast<char>(~plan.back());
  ASSERT_TRUE(write_file(engine(), plan).has_value());
  const ProgramResult result = run({"inspect", engine()});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, AllOf(HasSubstr("describes another engine"), Not(HasSubstr("Built from:"))));
}

}  // namespace
}  // namespace trtprof::test
