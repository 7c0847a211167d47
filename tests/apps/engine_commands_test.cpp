// `build`, `profile` and `inspect` of engines as a user runs them, with a module that needs neither TensorRT nor a GPU
// (support/fake_module): what is the program's own is the same with the real one.
#include <algorithm>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/backend/engine_file.h"
#include "trtprof/base/file.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

using Environment = std::vector<std::pair<std::string, std::string>>;

class EngineCommands : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(folder_.has_value());
    fs::create_directory(folder_->path() / "out");
    ASSERT_EQ(run_tensorrt_profiling({"sample", "mobilenetv2", "-o", model(), "--batch", "dynamic", "--width", "0.35",
                                      "--resolution", "32"})
                  .exit_code,
              0);
  }
  std::string path(const std::string& name) const { return (folder_->path() / name).string(); }
  std::string model() const { return path("m.onnx"); }
  std::string engine() const { return path("out/m.engine"); }

  ProgramOptions with(Environment environment) const {
    environment.insert(environment.begin(),
                       {{"TRTPROF_BACKEND_PATH", kFakeEngines}, {"TRTPROF_CACHE_DIR", path("cache")}});
    return {.environment = std::move(environment)};
  }
  ProgramResult run(const std::vector<std::string>& arguments, const Environment& environment = {}) const {
    return run_tensorrt_profiling(arguments, with(environment));
  }
  ProgramResult build(std::vector<std::string> options = {}, const Environment& environment = {}) const {
    options.insert(options.begin(), {"build", model(), "-o", engine(), "--backend", "tensorrt-rtx"});
    if (std::ranges::find(options, "--max-shape") == options.end()) {
      options.insert(options.end(), {"--batch", "2"});
    }
    return run(options, environment);
  }
  std::vector<std::string> files_in(const std::string& name) const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_->path() / name)) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }
  Profile profile_of(const std::string& file) const {
    auto loaded = load_profile(file);
    EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().message);
    return loaded ? loaded->profile : Profile{};
  }
  EngineFile engine_file() const {
    auto file = read_engine_file(engine());
    EXPECT_TRUE(file) << (file ? "" : file.error().message);
    return file.value_or(EngineFile{});
  }

  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-engine-commands");
};

// ---- build

TEST_F(EngineCommands, BuildWritesTheEngineAndHowItCameAbout) {
  const auto built = build({"--refit", "--no-tf32"});
  ASSERT_EQ(built.exit_code, 0) << built.err;
  EXPECT_THAT(built.out, AllOf(StartsWith("Fusion: "), HasSubstr("chains fused"), Not(HasSubstr("Engine layers"))));
  EXPECT_THAT(built.err, HasSubstr("warning: a weight is tiny\n"));
  EXPECT_THAT(built.err, AllOf(HasSubstr("wrote " + engine() + " ("), HasSubstr("built in "),
                               HasSubstr("by TensorRT-RTX 1.7.1.116"), HasSubstr(engine() + ".json")));
  EXPECT_THAT(files_in("out"), UnorderedElementsAre("m.engine", "m.engine.json"));

  const EngineFile file = engine_file();
  ASSERT_TRUE(file.record) << file.record_doubt;
  EXPECT_TRUE(file.record->options.refit);
  EXPECT_FALSE(file.record->options.tf32);
  EXPECT_EQ(file.record->model.path, model());
  EXPECT_EQ(file.record->model.sha256, sha256_of_file(model()));
  EXPECT_EQ(file.record->builder.device, "Fake GPU 0");
  EXPECT_EQ(file.record->options.profiles.front().at("input").opt, (std::vector<std::int64_t>{2, 3, 32, 32}));
  const auto validated = run_program({kPython, std::string(kSourceDir) + "/tests/support/validate_profile.py",
                                      std::string(kSourceDir) + "/docs/engine.schema.json", engine() + ".json"});
  EXPECT_EQ(validated.out, "ok\n") << validated.err;
}

TEST_F(EngineCommands, QuietSaysNothing) {
  const auto built = build({"-q"});
  EXPECT_EQ(built.exit_code, 0);
  EXPECT_EQ(built.out, "");
  EXPECT_EQ(built.err, "");
}

TEST_F(EngineCommands, ABuildNeedsNoGpu) {
  const auto built = build({}, {{"TRTPROF_FAKE_DEVICES", "0"}});
  ASSERT_EQ(built.exit_code, 0) << built.err;
  EXPECT_EQ(engine_file().record->builder.device, "");
}

TEST_F(EngineCommands, AFailedBuildLeavesNothing) {
  const auto built = build({}, {{"TRTPROF_FAKE_BUILD", "fail"}});
  EXPECT_EQ(built.exit_code, 1);
  EXPECT_THAT(built.err, AllOf(StartsWith("error: "), HasSubstr("stem/conv")));
  EXPECT_THAT(files_in("out"), IsEmpty());
}

TEST_F(EngineCommands, CtrlCInABuildLeavesNothing) {
  ProgramOptions options = with({{"TRTPROF_FAKE_BUILD", "wait"}});
  options.signal_after_seconds = 0.1;
  options.signal_after_text = "building the engine";
  options.timeout_seconds = 30;
  const auto built = run_tensorrt_profiling(
      {"build", model(), "-o", engine(), "--backend", "tensorrt-rtx", "--batch", "1", "--verbose"}, options);
  EXPECT_EQ(built.exit_code, 130) << built.err;
  EXPECT_THAT(built.err, HasSubstr("interrupted"));
  EXPECT_THAT(files_in("out"), IsEmpty());
}

// ---- profile

TEST_F(EngineCommands, AnEngineIsProfiledWithTheShapesAndTheModelOfItsRecord) {
  ASSERT_EQ(build().exit_code, 0);
  const auto result = run({engine(), "--iterations", "20", "--json", path("p.json")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("TensorRT-RTX Layer Profiling Results"), HasSubstr("Total GPU Execution Time: "),
                    HasSubstr("    GPU compute        1.0000"), HasSubstr("    Host to device     0.2000"),
                    HasSubstr("    Total              1.3000")));
  const Profile profile = profile_of(path("p.json"));
  EXPECT_EQ(profile.model.path, engine());
  EXPECT_EQ(profile.model.format, "tensorrt-engine");
  EXPECT_EQ(profile.model.sha256, sha256_of_file(engine()));
  EXPECT_EQ(profile.model.batch, 2);
  EXPECT_EQ(profile.model.graph_name, "mobilenetv2");
  EXPECT_THAT(profile.notes, Contains(AllOf(HasSubstr("built by TensorRT-RTX 1.7.1.116"), HasSubstr(model()))));
  ASSERT_TRUE(profile.end_to_end && profile.end_to_end->compute);
  EXPECT_EQ(profile.end_to_end->compute->summary->median, 1e-3);
  ASSERT_TRUE(profile.layer_run);
  EXPECT_THAT(profile.layer_run->layers.front().origin_nodes, SizeIs(3));
}

TEST_F(EngineCommands, LaunchSwitchesReachTheBackend) {
  ASSERT_EQ(build().exit_code, 0);
  const auto result = run({engine(), "--iterations", "5", "--no-graph", "--no-transfers", "--cold-l2", "--spin"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              HasSubstr("graph false, transfers false, synchronous false, pageable false, cold true, spin true"));
  EXPECT_THAT(result.out, Not(HasSubstr("Host to device")));
}

TEST_F(EngineCommands, ShapesMayBeGivenAnew) {
  ASSERT_EQ(build({"--min-shape", "1x3x32x32", "--max-shape", "8x3x32x32"}).exit_code, 0);
  ASSERT_EQ(run({engine(), "--iterations", "5", "--json", path("p.json")}).exit_code, 0);
  EXPECT_EQ(profile_of(path("p.json")).model.batch, 8);
  for (const std::vector<std::string>& shape :
       {std::vector<std::string>{"--shape", "input:4x3x32x32"}, {"--shape", "4x3x32x32"}, {"--batch", "4"}}) {
    ASSERT_EQ(run({engine(), "--iterations", "5", "--json", path("p.json"), shape[0], shape[1]}).exit_code, 0);
    EXPECT_EQ(profile_of(path("p.json")).model.batch, 4) << shape[0] << ' ' << shape[1];
  }
}

TEST_F(EngineCommands, WithoutItsRecordTheEngineNeedsShapesAndKnowsNoModel) {
  ASSERT_EQ(build().exit_code, 0);
  fs::remove(engine() + ".json");
  const auto open = run({engine(), "--iterations", "5"});
  EXPECT_EQ(open.exit_code, 2);
  EXPECT_THAT(open.err, HasSubstr("input 'input' has open dimensions"));
  const auto unnamed = run({engine(), "--iterations", "5", "--batch", "2"});
  EXPECT_EQ(unnamed.exit_code, 2);
  EXPECT_THAT(unnamed.err, HasSubstr("--model"));
  const auto given = run({engine(), "--iterations", "5", "--shape", "input:2x3x32x32"});
  ASSERT_EQ(given.exit_code, 0) << given.err;
  EXPECT_THAT(given.out, HasSubstr("The model that it was built from is not known"));
}

TEST_F(EngineCommands, ARecordOfAnotherEngineAndAChangedModelAreSaid) {
  ASSERT_EQ(build().exit_code, 0);
  const auto record = read_file(engine() + ".json").value();
  ASSERT_EQ(run_tensorrt_profiling(
                {"sample", "mobilenetv2", "-o", model(), "--batch", "dynamic", "--width", "0.5", "--resolution", "32"})
                .exit_code,
            0);
  const auto changed = run({engine(), "--iterations", "5"});
  ASSERT_EQ(changed.exit_code, 0) << changed.err;
  EXPECT_THAT(changed.out, HasSubstr("is gone or has changed"));
  const auto doubted = run({engine(), "--iterations", "5", "--model", model()});
  ASSERT_EQ(doubted.exit_code, 0) << doubted.err;
  EXPECT_THAT(doubted.out, HasSubstr("is not the model that"));

  ASSERT_EQ(build({"--refit"}).exit_code, 0);
  ASSERT_TRUE(write_file(engine() + ".json", record));
  const auto other = run({engine(), "--iterations", "5", "--shape", "input:2x3x32x32"});
  ASSERT_EQ(other.exit_code, 0) << other.err;
  EXPECT_THAT(other.out, HasSubstr("describes another engine"));
}

// ---- refitting

TEST_F(EngineCommands, AnEngineWithoutItsWeightsGetsThoseOfItsModel) {
  ASSERT_EQ(build({"--strip-weights"}).exit_code, 0);
  EXPECT_TRUE(engine_file().without_weights());
  const auto result = run({engine(), "--iterations", "5", "--json", path("p.json")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(profile_of(path("p.json")).notes, Contains("Weights refitted from " + model() + " in 1.5 ms."));
  const auto inspected = run({"inspect", engine()});
  EXPECT_THAT(inspected.out, AllOf(HasSubstr("Weights refitted from " + model()), Not(HasSubstr("Not seen"))));
}

TEST_F(EngineCommands, WithoutItsModelItIsNotRun) {
  ASSERT_EQ(build({"--strip-weights"}).exit_code, 0);
  fs::rename(model(), path("moved.onnx"));
  const auto refused = run({engine()});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("--strip-weights, and " + model()), HasSubstr("gone or has changed"),
                                 HasSubstr("hint: --refit-from")));
  const auto inspected = run({"inspect", engine()});
  EXPECT_EQ(inspected.exit_code, 0);
  EXPECT_THAT(inspected.out, HasSubstr("Not seen:\n  - Inputs, outputs, layers and what was fused: " + engine() +
                                       " was built with --strip-weights"));

  const auto given = run({engine(), "--iterations", "5", "--refit-from", path("moved.onnx")});
  ASSERT_EQ(given.exit_code, 0) << given.err;
  EXPECT_THAT(given.out,
              AllOf(HasSubstr("Weights refitted from " + path("moved.onnx")), Not(HasSubstr("is not the model that"))));
}

TEST_F(EngineCommands, WeightsOfAnotherModelAreDoubted) {
  ASSERT_EQ(build({"--strip-weights"}).exit_code, 0);
  const std::string other = path("other.onnx");
  ASSERT_EQ(run_tensorrt_profiling({"sample", "mobilenetv2", "-o", other, "--batch", "dynamic", "--width", "0.35",
                                    "--resolution", "32", "--seed", "2"})
                .exit_code,
            0);
  const auto identical = run({engine(), "--iterations", "5", "--refit-from", other});
  ASSERT_EQ(identical.exit_code, 0) << identical.err;
  EXPECT_THAT(identical.out, AllOf(HasSubstr(other + " is not the model that " + engine()), HasSubstr("--refit")));
  ASSERT_EQ(build({"--strip-weights", "--refit"}).exit_code, 0);
  const auto any = run({engine(), "--iterations", "5", "--refit-from", other});
  ASSERT_EQ(any.exit_code, 0) << any.err;
  EXPECT_THAT(any.out, Not(HasSubstr("is not the model that")));

  const auto refused = run({engine(), "--refit-from", other}, {{"TRTPROF_FAKE_REFIT", "fail"}});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("stem/conv is missing"));
  EXPECT_EQ(run({engine(), "--refit-from", path("none.onnx")}).exit_code, 1);
}

TEST_F(EngineCommands, OnlyWhatCanBeRefittedIs) {
  ASSERT_EQ(build({"--refit"}).exit_code, 0);
  const auto own = run({engine(), "--iterations", "5"});
  ASSERT_EQ(own.exit_code, 0) << own.err;
  EXPECT_THAT(own.out, Not(HasSubstr("refitted from")));
  const auto replaced = run({engine(), "--iterations", "5", "--refit-from", model()});
  EXPECT_THAT(replaced.out, HasSubstr("Weights refitted from " + model()));
  ASSERT_EQ(build().exit_code, 0);
  EXPECT_EQ(run({engine(), "--refit-from", model()}).exit_code, 2);
  for (const auto& arguments : {std::vector<std::string>{model()}, {"inspect", model()}}) {
    auto with_option = arguments;
    with_option.insert(with_option.end(), {"--refit-from", model()});
    const auto on_a_model = run(with_option);
    EXPECT_EQ(on_a_model.exit_code, 2);
    EXPECT_THAT(on_a_model.err, HasSubstr("--refit-from is for engines"));
  }
}

TEST_F(EngineCommands, AnotherVersionIsRefusedWithBoth) {
  ASSERT_EQ(build().exit_code, 0);
  const auto result = run({engine(), "--iterations", "5"}, {{"TRTPROF_FAKE_VERSION", "1.8.0.10"}});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, AllOf(HasSubstr("built by TensorRT-RTX 1.7.1.116"),
                                HasSubstr("here is TensorRT-RTX 1.8.0.10"), HasSubstr("hint: ")));
}

TEST_F(EngineCommands, WithoutAGpuItIsSaid) {
  ASSERT_EQ(build().exit_code, 0);
  const auto result = run({engine()}, {{"TRTPROF_FAKE_DEVICES", "0"}});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_THAT(result.err, HasSubstr("no usable NVIDIA GPU"));
  EXPECT_EQ(run({engine(), "--device", "cuda:7"}).exit_code, 4);
}

TEST_F(EngineCommands, WhatWasMeasuredBeforeAFailureIsPrinted) {
  ASSERT_EQ(build().exit_code, 0);
  const auto result =
      run({engine(), "--iterations", "20", "--warmup", "0", "--json", path("p.json")}, {{"TRTPROF_FAKE_RUNS", "10"}});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("PARTIAL"));
  EXPECT_THAT(result.err, HasSubstr("the device fell off the bus"));
  EXPECT_EQ(profile_of(path("p.json")).end_to_end->total.samples.size(), 9U);
}

TEST_F(EngineCommands, CtrlCInARunKeepsWhatWasMeasured) {
  ASSERT_EQ(build().exit_code, 0);
  ProgramOptions options = with({});
  options.signal_after_seconds = 0.3;
  options.signal_after_text = "measuring end to end";
  options.timeout_seconds = 30;
  const auto result = run_tensorrt_profiling({engine(), "--verbose", "--warmup", "1", "--duration", "20"}, options);
  EXPECT_EQ(result.exit_code, 130) << result.err;
  EXPECT_THAT(result.out, HasSubstr("PARTIAL"));
}

// ---- several devices

TEST_F(EngineCommands, AllDevicesGiveAProfileEachAndATable) {
  ASSERT_EQ(build().exit_code, 0);
  const auto result =
      run({engine(), "--iterations", "5", "--device", "all", "--json", path("p.json"), "--csv", path("p.csv")},
          {{"TRTPROF_FAKE_DEVICES", "3"}});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  for (int i = 0; i < 3; ++i) {
    const std::string name = "cuda" + std::to_string(i);
    EXPECT_EQ(profile_of(path("p." + name + ".json")).environment.device_name, "Fake GPU " + std::to_string(i));
    EXPECT_TRUE(fs::exists(path("p." + name + ".csv")));
  }
  EXPECT_FALSE(fs::exists(path("p.json")));
  const std::string table = result.out.substr(result.out.find("\nDevices:\n"));
  EXPECT_THAT(table, AllOf(HasSubstr("cuda:0   Fake GPU 0"), HasSubstr("1.000x\n"), HasSubstr("cuda:2   Fake GPU 2")));
  EXPECT_THAT(table, HasSubstr("3.3000     3.3000             3.0000       2.538x\n"));
}

TEST_F(EngineCommands, OneOfSeveralDevicesIsItselfAlone) {
  ASSERT_EQ(build().exit_code, 0);
  const auto result = run({engine(), "--iterations", "5", "--device", "cuda:1"}, {{"TRTPROF_FAKE_DEVICES", "2"}});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("Fake GPU 1 (GPU)"), Not(HasSubstr("Devices:"))));
}

// ---- a model, through the cache

class EngineCacheCommand : public EngineCommands {
 protected:
  ProgramResult profiled(std::vector<std::string> options = {}, const Environment& environment = {}) const {
    options.insert(options.begin(), {model(), "--batch", "2", "--iterations", "5"});
    return run(options, environment);
  }
  std::size_t engines() const {
    const auto files = files_in("cache/engines");
    return static_cast<std::size_t>(
        std::ranges::count_if(files, [](const std::string& file) { return file.ends_with(".engine"); }));
  }
};

TEST_F(EngineCacheCommand, AModelIsBuiltOnceAndFoundAgain) {
  const auto first = profiled({"--json", path("p.json")});
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.err, AllOf(HasSubstr("building an engine of " + model()), HasSubstr("warning: a weight is tiny")));
  EXPECT_THAT(first.out, HasSubstr("Engine: built now in "));
  EXPECT_THAT(files_in("cache/engines"), SizeIs(2));
  const Profile profile = profile_of(path("p.json"));
  EXPECT_EQ(profile.model.format, "onnx");
  EXPECT_EQ(profile.model.path, model());
  EXPECT_EQ(profile.model.batch, 2);

  const auto second = profiled();
  ASSERT_EQ(second.exit_code, 0) << second.err;
  EXPECT_EQ(second.err, "");
  EXPECT_THAT(second.out, HasSubstr("Engine: from the cache, built "));
  EXPECT_THAT(files_in("cache/engines"), SizeIs(2));
  EXPECT_EQ(fs::status(path("cache/engines")).permissions() & fs::perms::others_all, fs::perms::none);
}

TEST_F(EngineCacheCommand, WhatMakesAnotherEngineIsBuiltAnew) {
  ASSERT_EQ(profiled().exit_code, 0);
  ASSERT_EQ(profiled({"--no-tf32"}).exit_code, 0);
  EXPECT_EQ(engines(), 2U);
  ASSERT_EQ(run({model(), "--batch", "4", "--iterations", "5"}).exit_code, 0);
  EXPECT_EQ(engines(), 3U);
  ASSERT_EQ(profiled({}, {{"TRTPROF_FAKE_VERSION", "1.8.0.10"}}).exit_code, 0);
  EXPECT_EQ(engines(), 4U);
  ASSERT_EQ(profiled({"--device", "cuda:1"}, {{"TRTPROF_FAKE_DEVICES", "2"}}).exit_code, 0);
  EXPECT_EQ(engines(), 5U);
  ASSERT_EQ(profiled({"--device", "cuda:0", "--spin"}, {{"TRTPROF_FAKE_DEVICES", "2"}}).exit_code, 0);
  EXPECT_EQ(engines(), 5U);  // the first again: launches are no part of an engine
  ASSERT_EQ(profiled({}, {{"TRTPROF_FAKE_CAPABILITY", "9.0"}}).exit_code, 0);
  EXPECT_EQ(engines(), 6U);
}

TEST_F(EngineCacheCommand, ADamagedEngineIsBuiltAnew) {
  ASSERT_EQ(profiled().exit_code, 0);
  for (const auto& entry : fs::directory_iterator(path("cache/engines"))) {
    if (entry.path().extension() == ".engine") fs::resize_file(entry.path(), 100);
  }
  const auto again = profiled();
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("building an engine"));
  EXPECT_EQ(engines(), 1U);
}

TEST_F(EngineCacheCommand, AFailedOrInterruptedBuildLeavesNothingInTheCache) {
  EXPECT_EQ(profiled({}, {{"TRTPROF_FAKE_BUILD", "fail"}}).exit_code, 1);
  EXPECT_THAT(files_in("cache/engines"), IsEmpty());
  ProgramOptions options = with({{"TRTPROF_FAKE_BUILD", "wait"}});
  options.signal_after_seconds = 0.1;
  options.signal_after_text = "building an engine";
  options.timeout_seconds = 30;
  EXPECT_EQ(run_tensorrt_profiling({model(), "--batch", "2"}, options).exit_code, 130);
  EXPECT_THAT(files_in("cache/engines"), IsEmpty());
}

TEST_F(EngineCacheCommand, ACacheThatCannotBeMadeIsSaid) {
  ASSERT_TRUE(write_file(path("cache"), "a file"));
  const auto result = profiled();
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("cached engines"), HasSubstr("TRTPROF_CACHE_DIR")));
}

TEST_F(EngineCacheCommand, PrecisionIsTheModels) {
  const auto result = profiled({"--precision", "f16"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--precision"));
}

// ---- inspect

TEST_F(EngineCommands, InspectShowsLayersAndWhatWasFused) {
  ASSERT_EQ(build({"--refit"}).exit_code, 0);
  const auto result = run({"inspect", engine(), "--json", path("i.json")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("Built by:   TensorRT-RTX 1.7.1.116"), HasSubstr("refit yes"),
                                HasSubstr("Input:      input f32 2x3x32x32"), HasSubstr("Fusion: "),
                                HasSubstr("chains fused"), Not(HasSubstr("Not seen"))));
  const auto text = read_file(path("i.json"));
  ASSERT_TRUE(text);
  const json document = json::parse(*text);
  EXPECT_EQ(document["kind"], "engine");
  EXPECT_EQ(document["engine"]["record"]["model_path"], model());
  EXPECT_EQ(document["engine"]["fusion"]["model_known"], true);
  EXPECT_GT(document["engine"]["fusion"]["totals"]["fused"], 30);
  const auto validated = run_program({kPython, std::string(kSourceDir) + "/tests/support/validate_profile.py",
                                      std::string(kSourceDir) + "/docs/inspection.schema.json", path("i.json")});
  EXPECT_EQ(validated.out, "ok\n") << validated.err;
}

TEST_F(EngineCommands, InspectOfAnEngineThatCannotBeLoadedSaysWhy) {
  ASSERT_EQ(build().exit_code, 0);
  for (const Environment& environment :
       {Environment{{"TRTPROF_FAKE_DEVICES", "0"}}, Environment{{"TRTPROF_FAKE_VERSION", "1.8.0.10"}}}) {
    const auto result = run({"inspect", engine()}, environment);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.err, "");
    EXPECT_THAT(result.out, AllOf(HasSubstr("Built by:   TensorRT-RTX 1.7.1.116"), HasSubstr("Built from: " + model()),
                                  HasSubstr("Not seen:\n  - Inputs, outputs, layers and what was fused: ")));
  }
}

}  // namespace
}  // namespace trtprof::test
