// What Perfetto's own trace processor makes of a trace, against the profile that it was written from.
#include "support/trace_processor.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/profile_fixture.h"
#include "support/traced_run.h"
#include "trtprof/base/file.h"
#include "trtprof/measure/timeline.h"
#include "trtprof/report/trace_report.h"

namespace trtprof {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class TraceProcessor : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (test::trace_processor().empty()) GTEST_SKIP() << test::kNoTraceProcessor;
    ASSERT_TRUE(folder_.has_value());
    options_.graph = GetParam();
    profile_ = test::traced_profile(12, options_);
    path_ = folder_->path() / "trace.json";
    ASSERT_TRUE(write_file(path_, [&](std::ostream& out) -> Status {
      write_trace_report(out, profile_);
      return {};
    }));
  }

  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-trace");
  test::TracedRunOptions options_;
  Profile profile_;
  std::filesystem::path path_;
};

TEST_P(TraceProcessor, ReadsItWithoutErrorOrLoss) {
  EXPECT_THAT(test::trace_problems(path_), IsEmpty());
  const auto counts = test::query_trace(path_, "select category, count(*) as n from slice group by 1");
  std::map<std::string, std::string> by_category;
  for (auto row : counts) by_category[row.at("category")] = row.at("n");
  EXPECT_EQ(by_category["kernel"], "550");
  EXPECT_EQ(by_category["layer"], "280");
  EXPECT_EQ(by_category["copy"], "20");
  EXPECT_EQ(by_category["inference"], "10");
}

TEST_P(TraceProcessor, CountsKernelsPerLayer) {
  std::map<std::string, std::size_t> expected;
  for (const TimelineKernel& kernel : profile_.timeline->kernels) expected[kernel.layer] += kDetailedInferences;
  const auto rows = test::query_trace(path_,
                                      "select extract_arg(arg_set_id, 'args.layer') as layer, count(*) as kernels "
                                      "from slice where category = 'kernel' group by 1");
  ASSERT_EQ(rows.size(), expected.size());
  for (auto row : rows) EXPECT_EQ(std::stoul(row.at("kernels")), expected.at(row.at("layer"))) << row.at("layer");
}

TEST_P(TraceProcessor, FindsTheLongestGap) {
  double longest = 0.0;
  for (const TimelineKernel& kernel : profile_.timeline->kernels) {
    if (!kernel.gap_before) continue;
    const auto& gaps = kernel.gap_before->samples;
    longest = std::max(longest, *std::max_element(gaps.begin(), gaps.begin() + kDetailedInferences));
  }
  const auto rows = test::query_trace(path_, test::longest_gap_sql("kernel"));
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_NEAR(std::stod(rows[0].at("gap")), longest * 1e9, 2.0) << "both ends are whole nanoseconds";
}

TEST_P(TraceProcessor, FollowsTheArrowFromACallToItsKernel) {
  const auto rows = test::query_trace(
      path_,
      "select count(*) as n from flow join slice as call on call.id = slice_out join slice as kernel on kernel.id = "
      "slice_in where call.category = 'host_call' and kernel.category = 'kernel' and kernel.ts >= call.ts");
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].at("n"), GetParam() ? "10" : "550");
}

TEST_P(TraceProcessor, KeepsTracksApart) {
  const auto rows = test::query_trace(
      path_,
      "select process.name as process, thread.name as track, count(*) as n from slice join thread_track on "
      "slice.track_id = thread_track.id join thread using (utid) join process using (upid) group by 1, 2 order by 1, "
      "2");
  std::vector<std::string> tracks;
  for (auto row : rows) tracks.push_back(row.at("process") + " | " + row.at("track"));
  EXPECT_THAT(tracks,
              testing::ElementsAre("Device: NVIDIA H200 | copies, stream 7", "Device: NVIDIA H200 | kernels, stream 7",
                                   "Device: NVIDIA H200 | layers", "Host: tensorrt_profiling | calls, thread 4711",
                                   "Host: tensorrt_profiling | inferences"));
}

INSTANTIATE_TEST_SUITE_P(Launch, TraceProcessor, testing::Bool(),
                         [](const auto& instance) { return instance.param ? "graph" : "stream"; });

}  // namespace
}  // namespace trtprof
