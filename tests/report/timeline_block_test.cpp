#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/golden.h"
#include "support/profile_fixture.h"
#include "support/traced_run.h"
#include "trtprof/report/report.h"
#include "trtprof/report/text_blocks.h"

namespace trtprof {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string block_of(const Profile& profile, int top = 5) {
  std::ostringstream out;
  TextReportOptions options;
  options.top = top;
  text_report::write_timeline(out, profile, options, text_report::Paint(false));
  return out.str();
}

TEST(TimelineBlock, OfAStream) {
  test::expect_golden("report/timeline_stream.txt", block_of(test::traced_profile()));
}

TEST(TimelineBlock, OfAGraph) {
  test::TracedRunOptions options;
  options.graph = true;
  test::expect_golden("report/timeline_graph.txt", block_of(test::traced_profile(12, options), 2));
}

TEST(TimelineBlock, SaysWhyKernelsHaveNoLayer) {
  Profile profile = test::traced_profile();
  profile.timeline->join = KernelJoin::none;
  profile.timeline->join_reason = "the driver gives no markers";
  for (TimelineKernel& kernel : profile.timeline->kernels) kernel.layer.clear();
  const std::string text = block_of(profile);
  EXPECT_THAT(text, HasSubstr("kernels are not tied to layers\n"));
  EXPECT_THAT(text, HasSubstr("the driver gives no markers"));
  EXPECT_THAT(text, Not(HasSubstr("Layers by the time")));
}

TEST(TimelineBlock, OnACpuItIsOfLayers) {
  Profile profile = test::traced_profile();
  profile.timeline->kernels.clear();
  profile.timeline->calls.clear();
  const std::string text = block_of(profile);
  EXPECT_THAT(text, HasSubstr("from the start of the first layer to the end of the last"));
  EXPECT_THAT(text, HasSubstr("  Layer sum: "));
  EXPECT_THAT(text, Not(HasSubstr("kernel")));
}

TEST(TimelineBlock, TellsWhatWasLost) {
  Profile profile = test::traced_profile();
  profile.timeline->different_inferences = 2;
  profile.timeline->lost_records = 1;
  const std::string text = block_of(profile);
  EXPECT_THAT(text, HasSubstr("2 inferences that ran other kernels\n"));
  EXPECT_THAT(text, HasSubstr("1 record\n"));
}

TEST(TimelineBlock, NamesCannotActOnTheTerminal) {
  Profile profile = test::traced_profile();
  for (TimelineKernel& kernel : profile.timeline->kernels) kernel.launch.name = "\x1b[2Jkernel";
  profile.timeline->source = "CUPTI\x1b[2J";
  EXPECT_THAT(block_of(profile), Not(HasSubstr("\x1b")));
}

TEST(TimelineBlock, NoTimelineNoBlock) {
  EXPECT_EQ(block_of(test::gpu_profile()), "");
  Profile empty = test::gpu_profile();
  empty.timeline.emplace();
  EXPECT_THAT(block_of(empty), HasSubstr("0 inferences"));
}

}  // namespace
}  // namespace trtprof
