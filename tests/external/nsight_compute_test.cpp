#include "trtprof/external/nsight_compute.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_tools.h"
#include "trtprof/base/file.h"

namespace trtprof::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class NsightCompute : public ::testing::Test {
 protected:
  // What the tool does when it is not asked for its version; its arguments are in the file "arguments".
  NcuRequest tool(const std::string& body) {
    const fs::path ncu =
        write_script(root() / "ncu",
                     "if [ \"$1\" = --version ]; then echo 'NVIDIA (R) Nsight Compute'; echo 'Version 2025.3.1.0 "
                     "(build 1)'; exit 0; fi\nprintf '%s\\n' \"$@\" >> '" +
                         (root() / "arguments").string() + "'\n" + body);
    return {ncu, {"/opt/program", "profile", "m y.engine"}, {"sm__a.sum", "sm__b.avg.pct", "dram__c.sum"}};
  }
  Result<NcuImport> run(const NcuRequest& request) {
    ToolContext context{progress_, stop_, timeout_,
                        [this](std::string_view line) { said_ += std::string(line) + '\n'; }};
    return run_ncu(request, context);
  }
  std::string arguments() const { return read_file(root() / "arguments").value_or(""); }
  fs::path root() const { return folder_->path(); }

  const std::string report_ = R"csv(cat <<'END'
==PROF== Connected to process 7
==PROF== Profiling "gemm" - 0: 0%....50%....100% - 6 passes
the report of the program
==PROF== Disconnected from process 7
"ID","Kernel Name","Grid Size","gpu__time_duration.sum","sm__a.sum"
"","","","ns","inst"
"0","gemm","(4, 1, 1)","1500","12"
END
)csv";
  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-ncu-test");
  NoProgress progress_;
  StopFlag stop_;
  double timeout_ = 60.0;
  std::string said_;
};

TEST_F(NsightCompute, CountsTheKernelsOfTheTarget) {
  const auto counted = run(tool(report_));
  ASSERT_TRUE(counted) << counted.error().message;
  ASSERT_THAT(counted->counters.kernels, SizeIs(1));
  EXPECT_DOUBLE_EQ(counted->counters.kernels[0].seconds.value(), 1.5e-6);
  EXPECT_EQ(counted->counters.tool, "Nsight Compute 2025.3.1.0");
  EXPECT_THAT(counted->counters.notes, Contains(HasSubstr("empties the GPU's caches before each pass")));
  EXPECT_THAT(counted->counters.command, HasSubstr("/opt/program profile 'm y.engine'"));
  EXPECT_THAT(said_, AllOf(HasSubstr("the report of the program\n"), Not(HasSubstr("\"gemm\",\"(4"))));
}

TEST_F(NsightCompute, IsAskedForFewMetricsWithTheClocksLeftAsTheyAre) {
  ASSERT_TRUE(run(tool(report_)));
  EXPECT_EQ(
      arguments(),
      "--profile-from-start\noff\n--clock-control\nnone\n--nvtx\n--csv\n--page\nraw\n--print-units\nbase\n"
      "--target-processes\nall\n--metrics\nsm__a.sum,sm__b.avg.pct,dram__c.sum\n/opt/program\nprofile\nm y.engine\n");
}

TEST_F(NsightCompute, MetricsItDoesNotKnowAreLeftOut) {
  const auto counted = run(
      tool("case \"$*\" in *sm__b*) echo '==ERROR== Failed to find metric sm__b.avg.pct'; exit 1;; esac\n" + report_));
  ASSERT_TRUE(counted) << counted.error().message;
  EXPECT_THAT(arguments(), HasSubstr("--metrics\nsm__a.sum,dram__c.sum\n"));
  EXPECT_THAT(counted->counters.notes, Contains("Nsight Compute does not know sm__b.avg.pct here."));
}

TEST_F(NsightCompute, AnErrorThatStaysIsToldAfterAFewAttempts) {
  const auto counted = run(tool("echo '==ERROR== sm__a.sum, sm__b.avg.pct: odd'; exit 1"));
  ASSERT_FALSE(counted);
  EXPECT_THAT(counted.error().message, HasSubstr("exit code 1: sm__a.sum, sm__b.avg.pct: odd"));
}

TEST_F(NsightCompute, WithoutPermissionItSaysWhatToChange) {
  const auto counted =
      run(tool("echo '==ERROR== ERR_NVGPUCTRPERM - The user does not have permission to access NVIDIA GPU "
               "Performance Counters on the target device 0.'; echo '==WARNING== No kernels were profiled.'; "
               "exit 0"));
  ASSERT_FALSE(counted);
  EXPECT_EQ(counted.error().code, ErrorCode::unavailable);
  EXPECT_THAT(counted.error().message, HasSubstr("ERR_NVGPUCTRPERM"));
  EXPECT_THAT(counted.error().hint, HasSubstr("NVreg_RestrictProfilingToAdminUsers=0"));
}

TEST_F(NsightCompute, CountersThatAnotherToolHolds) {
  const auto counted =
      run(tool("echo '==ERROR== Profiling failed because a driver resource was unavailable.'; exit 9"));
  ASSERT_FALSE(counted);
  EXPECT_EQ(counted.error().code, ErrorCode::unavailable);
  EXPECT_THAT(counted.error().message, HasSubstr("in use by another tool"));
}

TEST_F(NsightCompute, TheProgramsErrorIsTold) {
  const auto counted =
      run(tool("echo 'error: m.engine is damaged' >&2; echo '==ERROR== The application returned an error "
               "code (1).'; exit 1"));
  ASSERT_FALSE(counted);
  EXPECT_EQ(counted.error().message, "Nsight Compute ended with exit code 1: m.engine is damaged");
}

TEST_F(NsightCompute, ACrashIsTold) {
  const auto counted = run(tool("echo '==PROF== Connected'; kill -SEGV $$"));
  ASSERT_FALSE(counted);
  EXPECT_EQ(counted.error().message, "Nsight Compute was ended by signal 11");
  EXPECT_EQ(counted.error().code, ErrorCode::failed);
}

TEST_F(NsightCompute, GarbageIsNoReport) {
  const auto counted = run(tool("head -c 100000 /dev/zero | tr '\\0' '\\377'; echo; echo '\"ID\",1'"));
  ASSERT_FALSE(counted);
  EXPECT_EQ(counted.error().message, "Nsight Compute wrote no report of kernels");
}

TEST_F(NsightCompute, NoKernelIsTold) {
  const auto counted = run(tool("echo '==WARNING== No kernels were profiled.'"));
  ASSERT_FALSE(counted);
  EXPECT_EQ(counted.error().message, "Nsight Compute saw no kernel of the measured inference");
}

TEST_F(NsightCompute, OneThatHangsIsEnded) {
  timeout_ = 0.5;
  const auto counted = run(tool("echo '==PROF== Connected'; sleep 60"));
  ASSERT_FALSE(counted);
  EXPECT_EQ(counted.error().message, "Nsight Compute was not done after 0.5 s and was ended");
  EXPECT_THAT(counted.error().hint, HasSubstr("--timeout"));
}

TEST_F(NsightCompute, TheUserMayStopIt) {
  stop_.request();
  const auto counted = run(tool("sleep 60"));
  ASSERT_FALSE(counted);
  EXPECT_EQ(counted.error().code, ErrorCode::interrupted);
}

TEST_F(NsightCompute, ReportsAreReadThroughIt) {
  const NcuRequest request = tool(report_);
  ToolContext context{progress_, stop_, timeout_, {}};
  const auto imported = import_ncu_report(request.ncu, "my report.ncu-rep", context);
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_THAT(imported->counters.kernels, SizeIs(1));
  EXPECT_EQ(arguments(), "--import\nmy report.ncu-rep\n--csv\n--page\nraw\n--print-units\nbase\n");
  const NcuRequest broken = tool("echo '==ERROR== my report.ncu-rep is not a report'; exit 1");
  const auto failed = import_ncu_report(broken.ncu, "my report.ncu-rep", context);
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, StartsWith("my report.ncu-rep could not be read: "));
}

TEST_F(NsightCompute, VersionsThatCannotBeToldAreNone) {
  EXPECT_EQ(ncu_version(write_script(root() / "odd", "echo hello")), "");
  EXPECT_EQ(ncu_version(root() / "nothing"), "");
}

TEST(NcuMetrics, OnlyErrorsRefuseThem) {
  const std::vector<std::string> metrics = {"sm__a.sum", "sm__a.avg", "lts__b.pct"};
  EXPECT_THAT(refused_metrics("==WARNING== Unable to access sm__a.sum\n", metrics), IsEmpty());
  EXPECT_THAT(refused_metrics("==ERROR== no sm__a.sum\n==ERROR== lts__b is unknown\n", metrics),
              ElementsAre("sm__a.sum", "lts__b.pct"));
}

}  // namespace
}  // namespace trtprof::test
