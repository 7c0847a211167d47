// `ceilings` as a user runs it, on a module without a GPU (support/fake_module).
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/ceilings/measured.h"

namespace trtprof::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class CeilingsCommand : public ::testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_->path() / name).string(); }
  ProgramOptions options() const {
    return {.environment = {{"TRTPROF_BACKEND_PATH", kFakeEngines},
                            {"TRTPROF_CACHE_DIR", path("cache")},
                            {"TRTPROF_FAKE_NAME", "NVIDIA L4"}}};
  }
  ProgramResult run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "ceilings");
    return run_tensorrt_profiling(arguments, options());
  }

 private:
  Result<TemporaryFolder> folder_ = TemporaryFolder::create("ceilings_command");
};

TEST_F(CeilingsCommand, MeasuresOnceAndThenShowsWhatIsKept) {
  const auto first = run({});
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.out, HasSubstr("What NVIDIA L4 can do, measured 20"));
  EXPECT_THAT(first.out,
              ContainsRegex("memory bandwidth.*270 GB/s .*260 GB/s to 280 GB/s .7. +measured +300 GB/s +90.0%"));
  EXPECT_THAT(first.out, HasSubstr("FP16 peak: cuBLASLt is not on this machine"));
  EXPECT_THAT(first.out, Not(HasSubstr("from the cache")));
  EXPECT_THAT(first.err, IsEmpty());
  EXPECT_TRUE(fs::is_directory(path("cache/ceilings")));
  EXPECT_THAT(run({}).out, HasSubstr("from the cache; --measure measures anew"));
  EXPECT_THAT(run({"--measure"}).out, Not(HasSubstr("from the cache")));
}

TEST_F(CeilingsCommand, WritesWhatCeilingsOptionsTake) {
  const auto written = run({"--json", path("c.json"), "--device", "cuda:0"});
  ASSERT_EQ(written.exit_code, 0) << written.err;
  const auto text = read_file(path("c.json"));
  ASSERT_TRUE(text);
  const auto record = record_from_json(*text, "c.json");
  ASSERT_TRUE(record) << record.error().message;
  EXPECT_DOUBLE_EQ(record->measured.ceilings.find(CeilingKind::memory_bandwidth)->value, 2.7e11);
}

TEST_F(CeilingsCommand, InterruptedItShowsWhatItHasAndKeepsNothing) {
  ProgramOptions waiting = options();
  waiting.environment.emplace_back("TRTPROF_FAKE_MEASURE", "wait");
  waiting.signal_after_seconds = 0.2;
  waiting.signal_after_text = "measuring what the device can do";
  const auto stopped = run_tensorrt_profiling({"ceilings", "--verbose"}, waiting);
  EXPECT_EQ(stopped.exit_code, 130) << stopped.err;
  EXPECT_THAT(stopped.out, HasSubstr("PARTIAL: interrupted"));
  EXPECT_FALSE(fs::exists(path("cache/ceilings")));
}

TEST_F(CeilingsCommand, ErrorsAreToldBeforeAnythingIsMeasured) {
  EXPECT_EQ(run({"--json", path("no/such/folder/c.json")}).exit_code, 1);
  EXPECT_FALSE(fs::exists(path("cache/ceilings")));
  EXPECT_EQ(run({"model.onnx"}).exit_code, 2);
  EXPECT_EQ(run({"--device", "cuda:7"}).exit_code, 4);
  ProgramOptions unkept = options();
  ASSERT_TRUE(write_file(path("cache"), "in the way"));
  const auto shown = run_tensorrt_profiling({"ceilings"}, unkept);
  EXPECT_EQ(shown.exit_code, 0);
  EXPECT_THAT(shown.err, HasSubstr("the figures are not kept"));
}

}  // namespace
}  // namespace trtprof::test
