#include "trtprof/backend/engine_file.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/engine_fixture.h"
#include "trtprof/base/file.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class EngineFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(folder_.has_value());
    ASSERT_TRUE(write_file(path(), plan_));
  }
  fs::path path() const { return folder_->path() / "m.engine"; }

  void write_record(EngineRecord record) const {
    record.engine = {sha256_of(plan_), plan_.size()};
    ASSERT_TRUE(write_file(sidecar_path(path()), engine_record_to_json(record)));
  }
  EngineFile read() const {
    auto engine = read_engine_file(path());
    EXPECT_TRUE(engine) << (engine ? "" : engine.error().message);
    return engine.value_or(EngineFile{});
  }

  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-engine-file");
  std::string plan_ = test::plan_bytes("ftrt", {10, 6, 0, 26}, 200);
};

TEST_F(EngineFileTest, WithoutASidecarThereIsTheHeaderAndNoDoubt) {
  const EngineFile engine = read();
  EXPECT_EQ(engine.header.version, (EngineVersion{10, 6, 0, 26}));
  EXPECT_EQ(engine.sha256, sha256_of(plan_));
  EXPECT_FALSE(engine.record);
  EXPECT_EQ(engine.record_doubt, "");
  EXPECT_TRUE(recorded_shapes(engine).empty());
  EXPECT_THAT(candidate_models(engine), IsEmpty());
}

TEST_F(EngineFileTest, ItsOwnSidecarIsRead) {
  write_record(test::full_engine_record());
  const EngineFile engine = read();
  ASSERT_TRUE(engine.record) << engine.record_doubt;
  EXPECT_TRUE(engine.version_compatible());
  EXPECT_EQ(recorded_shapes(engine), (BoundShapes{{"x", {4, 3}}, {"尺寸", {2}}}));
}

TEST_F(EngineFileTest, ValuesOfInputsThatHoldAShapeAreNoShapes) {
  EngineRecord record = test::full_engine_record();
  record.options.profiles.front()["sizes"] = {{1, 1}, {2, 3}, {4, 5}, true};
  write_record(record);
  const EngineFile engine = read();
  ASSERT_TRUE(engine.record) << engine.record_doubt;
  EXPECT_EQ(engine.record->options.profiles, record.options.profiles);
  EXPECT_EQ(recorded_shapes(engine), (BoundShapes{{"x", {4, 3}}, {"尺寸", {2}}}));
  EXPECT_EQ(recorded_shape_values(engine), (BoundShapes{{"sizes", {2, 3}}}));
}

TEST_F(EngineFileTest, ASidecarOfAnotherFileIsNotBelieved) {
  ASSERT_TRUE(write_file(sidecar_path(path()), engine_record_to_json(test::full_engine_record())));
  const EngineFile engine = read();
  EXPECT_FALSE(engine.record);
  EXPECT_THAT(engine.record_doubt, AllOf(HasSubstr("m.engine.json"), HasSubstr("another engine")));
}

TEST_F(EngineFileTest, ADamagedSidecarIsADoubtAndNoFailure) {
  ASSERT_TRUE(write_file(sidecar_path(path()), "{\"schema\":"));
  EXPECT_THAT(read().record_doubt, HasSubstr("not JSON"));
  fs::remove(sidecar_path(path()));
  fs::create_directory(sidecar_path(path()));
  EXPECT_THAT(read().record_doubt, HasSubstr("m.engine.json"));
}

TEST_F(EngineFileTest, ADamagedEngineIsAFailure) {
  ASSERT_TRUE(write_file(path(), plan_.substr(0, 100)));
  const auto engine = read_engine_file(path());
  ASSERT_FALSE(engine);
  EXPECT_THAT(engine.error().message, HasSubstr("cut short"));
}

TEST_F(EngineFileTest, TheModelIsLookedForWhereItWasAndBesideTheEngine) {
  EngineRecord record = test::full_engine_record();
  record.model.path = (folder_->path() / "elsewhere" / "m.onnx").string();
  write_record(record);
  EXPECT_THAT(candidate_models(read()), IsEmpty());
  ASSERT_TRUE(write_file(folder_->path() / "m.onnx", "beside"));
  EXPECT_THAT(candidate_models(read()), ElementsAre(folder_->path() / "m.onnx"));
  fs::create_directory(folder_->path() / "elsewhere");
  ASSERT_TRUE(write_file(record.model.path, "there"));
  EXPECT_THAT(candidate_models(read()), ElementsAre(fs::path(record.model.path), folder_->path() / "m.onnx"));
}

}  // namespace
}  // namespace trtprof
