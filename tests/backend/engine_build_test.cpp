#include "trtprof/backend/engine_build.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/engine_fixture.h"
#include "trtprof/backend/engine_file.h"
#include "trtprof/base/file.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class EngineBuild : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(folder_.has_value());
    request_.source.path = folder_->path() / "m.onnx";
    request_.model.sha256 = std::string(64, 'a');
    request_.model.file_bytes = 77;
    request_.options.weak.fp16 = true;
    request_.output = folder_->path() / "m.engine";
    request_.command_line = {"tensorrt_profiling", "build"};
    builder_.built = test::scripted_engine();
  }
  Result<EngineRecord> build() { return build_engine_file(builder_, request_, progress_, stop_); }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_->path())) names.push_back(entry.path().filename().string());
    return names;
  }

  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-engine-build");
  EngineBuildRequest request_;
  test::ScriptedBuilder builder_;
  NoProgress progress_;
  StopFlag stop_;
};

TEST_F(EngineBuild, WritesThePlanAndWhatIsKnownOfIt) {
  const auto record = build();
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_EQ(read_file(request_.output).value_or(""), builder_.built.plan);
  const auto engine = read_engine_file(request_.output);
  ASSERT_TRUE(engine) << engine.error().message;
  ASSERT_TRUE(engine->record) << engine->record_doubt;
  EXPECT_EQ(*engine->record, *record);
  EXPECT_EQ(record->engine.bytes, builder_.built.plan.size());
  EXPECT_EQ(record->model.path, request_.source.path.string());
  EXPECT_EQ(record->model.sha256, request_.model.sha256);
  EXPECT_EQ(record->model.bytes, 77U);
  EXPECT_EQ(record->builder.backend, "tensorrt");
  EXPECT_EQ(record->builder.version, "10.6.0.26");
  EXPECT_EQ(record->builder.seconds, 2.5);
  EXPECT_EQ(record->options, request_.options);
  EXPECT_EQ(record->tool.command_line, request_.command_line);
  EXPECT_EQ(files().size(), 2U);
}

TEST_F(EngineBuild, AFailureLeavesNothing) {
  builder_.on_build = [] { return Status(fail("layer conv1: no implementation")); };
  const auto record = build();
  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().message, "layer conv1: no implementation");
  EXPECT_THAT(files(), IsEmpty());
  builder_.on_build = [] { return Status{}; };
  builder_.built.plan.clear();
  EXPECT_THAT(build().error().message, HasSubstr("empty engine"));
  EXPECT_THAT(files(), IsEmpty());
}

// As a kill between the two would leave it: what is there without the other is the sidecar.
TEST_F(EngineBuild, AnEngineIsNeverThereWithoutItsSidecar) {
  builder_.on_build = [this] {
    std::error_code error;
    fs::create_directory(sidecar_path(request_.output), error);
    return error ? Status(fail(error.message())) : Status{};
  };
  EXPECT_FALSE(build());
  EXPECT_FALSE(fs::exists(request_.output));
}

TEST_F(EngineBuild, StoppedByTheUserLeavesNothing) {
  builder_.on_build = [this] {
    stop_.request();
    return Status{};
  };
  const auto record = build();
  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().code, ErrorCode::interrupted);
  EXPECT_THAT(files(), IsEmpty());
}

TEST_F(EngineBuild, AFailureKeepsTheEngineThatWasThere) {
  ASSERT_TRUE(build());
  const auto before = read_file(request_.output);
  builder_.on_build = [] { return Status(fail("no")); };
  ASSERT_FALSE(build());
  EXPECT_EQ(read_file(request_.output), before);
  EXPECT_TRUE(read_engine_file(request_.output)->record);
}

TEST_F(EngineBuild, AnotherEngineReplacesBothFiles) {
  ASSERT_TRUE(build());
  builder_.built.plan = test::plan_bytes("ftrt", {10, 6, 0, 26}, 900);
  ASSERT_TRUE(build());
  const auto engine = read_engine_file(request_.output);
  ASSERT_TRUE(engine);
  ASSERT_TRUE(engine->record) << engine->record_doubt;
  EXPECT_EQ(engine->record->engine.bytes, 928U);
  EXPECT_EQ(files().size(), 2U);
}

TEST_F(EngineBuild, WhereItCannotBeWrittenIsSaidBeforeBuilding) {
  request_.output = folder_->path() / "none" / "m.engine";
  EXPECT_EQ(build().error().code, ErrorCode::failed);
  request_.output = "/dev/null";
  EXPECT_THAT(build().error().message, HasSubstr("not a regular file"));
  request_.output = folder_->path() / "m.engine";
  fs::create_directory(sidecar_path(request_.output));
  EXPECT_EQ(build().error().code, ErrorCode::usage);
  EXPECT_EQ(builder_.builds, 0);
}

}  // namespace
}  // namespace trtprof
