#include "trtprof/external/nsight_systems.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_tools.h"
#include "support/nsys_export.h"
#include "trtprof/base/file.h"

namespace trtprof::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class NsightSystems : public ::testing::Test {
 protected:
  void SetUp() override { write_nsys_export(root() / "export"); }
  // `profile` and `export` as the tool's own; arguments are in the file "arguments".
  fs::path nsys(const std::string& profile, const std::string& exporting) {
    return write_script(root() / "nsys", "printf '%s\\n' \"$@\" >> '" + (root() / "arguments").string() +
                                             "'\nverb=$1; for a; do [ \"$last\" = --output ] && out=$a; last=$a; done\n"
                                             "case $verb in\nprofile) " +
                                             profile + ";;\nexport) " + exporting + ";;\nesac");
  }
  std::string copy() const { return "cp '" + (root() / "export").string() + "' \"$out\""; }
  fs::path root() const { return folder_->path(); }
  ToolContext context() { return {progress_, stop_, timeout_, {}}; }
  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-nsys-test");
  NoProgress progress_;
  StopFlag stop_;
  double timeout_ = 30.0;
};

TEST_F(NsightSystems, RecordsExportsAndReads) {
  ToolContext with = context();
  const auto trace = run_nsys(nsys("touch \"$out\"", copy()), {"/opt/program", "profile", "m y.engine"}, with);
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_THAT(trace->inferences, SizeIs(2));
  const std::string arguments = read_file(root() / "arguments").value_or("");
  EXPECT_THAT(arguments, HasSubstr("profile\n--capture-range=cudaProfilerApi\n--capture-range-end=stop\n"
                                   "--trace=cuda,nvtx,osrt\n"));
  EXPECT_THAT(arguments, HasSubstr("/opt/program\nprofile\nm y.engine\nexport\n--type\nsqlite\n"));
}

TEST_F(NsightSystems, FailuresAreTold) {
  ToolContext with = context();
  const auto failed = run_nsys(nsys("echo 'error: no GPU' >&2; exit 1", copy()), {"p"}, with);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "Nsight Systems ended with exit code 1: no GPU");
  const auto empty = run_nsys(nsys("true", copy()), {"p"}, with);
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().message, "Nsight Systems wrote no report");
  const auto crashed = run_nsys(nsys("touch \"$out\"", "kill -ABRT $$"), {"p"}, with);
  ASSERT_FALSE(crashed);
  EXPECT_EQ(crashed.error().message, "Nsight Systems was ended by signal 6");
  const auto garbage = run_nsys(nsys("touch \"$out\"", "echo garbage > \"$out\""), {"p"}, with);
  ASSERT_FALSE(garbage);
  EXPECT_THAT(garbage.error().message, HasSubstr("could not be read"));
}

TEST_F(NsightSystems, OneThatHangsIsEnded) {
  timeout_ = 0.3;
  ToolContext with = context();
  const auto hung = run_nsys(nsys("sleep 60", copy()), {"p"}, with);
  ASSERT_FALSE(hung);
  EXPECT_EQ(hung.error().message, "Nsight Systems was not done after 0.3 s and was ended");
}

TEST_F(NsightSystems, ReportsGoThroughItsExporter) {
  ToolContext with = context();
  const auto trace = import_nsys_report(nsys("exit 9", copy()), "my.nsys-rep", with);
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_THAT(read_file(root() / "arguments").value_or(""), HasSubstr("my.nsys-rep\n"));
}

}  // namespace
}  // namespace trtprof::test
