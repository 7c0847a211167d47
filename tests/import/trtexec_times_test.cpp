#include "trtprof/import/trtexec_times.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/foreign_files.h"

namespace trtprof::test {
namespace {

using ::testing::Contains;
using ::testing::DoubleNear;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class TrtexecTimes : public ::testing::Test {
 protected:
  Result<Imported> read(std::string_view text) { return read_trtexec_times(files_.write("times.json", text)); }
  std::string error_of(std::string_view text) {
    const auto imported = read(text);
    return imported ? "" : imported.error().message;
  }
  // Of 0.1 ms to the device, 1 ms of compute, 0.05 ms back, beginning at `at` ms.
  static std::string inference(double at, double enqueue = 0.5, const std::string& compute = "1",
                               const char* more = "") {
    return fmt::format(
        R"({{ "startEnqMs" : {:.6g}, "endEnqMs" : {:.6g}, "startH2dMs" : {:.6g}, "endH2dMs" : {:.6g}, )"
        R"("startComputeMs" : {:.6g}, "endComputeMs" : {:.6g}, "startD2hMs" : {:.6g}, "endD2hMs" : {:.6g}, )"
        R"("h2dMs" : 0.1, "computeMs" : {}, "d2hMs" : 0.05, "latencyMs" : 1.15{} }})",
        at - enqueue, at, at, at + 0.1, at + 0.1, at + 1.1, at + 1.1, at + 1.15, compute, more);
  }
  ForeignFiles files_;
};

// What the log of the same run says: medians 1.03101 (compute) and 0.425842 ms (enqueue), 967.815 inferences a second.
TEST_F(TrtexecTimes, ReadsARealOneThatAgreesWithItsLog) {
  const auto imported = read_trtexec_times(real_file("mnv2_b64_fp16_stream_notransfer.times.json.gz"));
  ASSERT_TRUE(imported) << imported.error().message;
  ASSERT_TRUE(imported->profile.end_to_end);
  const EndToEnd& run = *imported->profile.end_to_end;
  EXPECT_THAT(run.total.samples, SizeIs(1938));
  EXPECT_EQ(run.measurement.iterations, 1938);
  EXPECT_THAT(run.compute->summary->median, DoubleNear(1.03101e-3, 1e-8));
  EXPECT_THAT(run.compute->summary->min, DoubleNear(1.02441e-3, 1e-8));
  EXPECT_THAT(run.compute->summary->max, DoubleNear(1.0459e-3, 1e-8));
  EXPECT_THAT(run.compute->summary->p99, DoubleNear(1.03613e-3, 2e-8));
  EXPECT_THAT(1.0 / run.interval->summary->mean, DoubleNear(967.8, 1.0));
  EXPECT_THAT(*run.measurement.duration_seconds, DoubleNear(2.00245, 1e-2));
  ASSERT_TRUE(run.enqueue);
  EXPECT_THAT(run.enqueue->summary->median, DoubleNear(0.425842e-3, 0.01e-3));
  EXPECT_FALSE(run.host_to_device);
  EXPECT_FALSE(run.device_to_host);
  EXPECT_THAT(imported->notes, Contains(HasSubstr("without data transfers")));
}

TEST_F(TrtexecTimes, ReadsCopies) {
  const auto imported = read("[" + inference(500) + "," + inference(502) + "]");
  ASSERT_TRUE(imported) << imported.error().message;
  const EndToEnd& run = *imported->profile.end_to_end;
  EXPECT_THAT(run.host_to_device->samples, ::testing::ElementsAre(1e-4, 1e-4));
  EXPECT_THAT(run.device_to_host->summary->median, DoubleNear(5e-5, 1e-12));
  EXPECT_THAT(run.enqueue->summary->median, DoubleNear(5e-4, 1e-9));
  ASSERT_THAT(run.interval->samples, SizeIs(1));
  EXPECT_THAT(run.interval->samples[0], DoubleNear(2e-3, 1e-9));
}

// 8.x, after samples/common/sampleReporting.cpp of TensorRT 8.0.1.
TEST_F(TrtexecTimes, ReadsTheFormWithEndToEnd) {
  const auto imported = read("[" + inference(500, 0.5, "1", R"(, "endToEndMs" : 1.6)") + "]");
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_THAT(imported->profile.end_to_end->total.summary->median, DoubleNear(1.15e-3, 1e-12));
  EXPECT_FALSE(imported->profile.end_to_end->interval);
}

// Time stamps have six digits: at 12 s that is 100 us.
TEST_F(TrtexecTimes, DoesNotTellWhatTimeStampsAreTooCoarseFor) {
  const auto imported = read("[" + inference(12'000, 0.2) + "," + inference(12'002, 0.2) + "]");
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_FALSE(imported->profile.end_to_end->enqueue);
  EXPECT_THAT(imported->notes, Contains(HasSubstr("trtexec writes time stamps to 100 us here")));
}

TEST_F(TrtexecTimes, IntervalsAreThoseBetweenEndsWhateverTheOrder) {
  const auto imported = read("[" + inference(504) + "," + inference(500) + "," + inference(503) + "]");
  ASSERT_TRUE(imported) << imported.error().message;
  const auto& samples = imported->profile.end_to_end->interval->samples;
  ASSERT_THAT(samples, SizeIs(2));
  EXPECT_THAT(samples[0], DoubleNear(3e-3, 1e-9));
  EXPECT_THAT(samples[1], DoubleNear(1e-3, 1e-9));
}

TEST_F(TrtexecTimes, LeavesOutTimesThatAreNone) {
  const auto imported =
      read("[" + inference(500, 0.5, "nan") + "," + inference(502, 0.5, "-1") + "," + inference(504) + "]");
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_THAT(imported->profile.end_to_end->total.samples, SizeIs(1));
  EXPECT_THAT(imported->notes,
              Contains(HasSubstr("2 of 3 inferences have times that are negative, no numbers, or end")));
  EXPECT_THAT(error_of("[" + inference(500, 0.5, "inf") + "]"), HasSubstr("none of its inferences has times"));
}

TEST_F(TrtexecTimes, LeavesOutAnInferenceThatEndsBeforeItBegins) {
  const std::string backward =
      R"({ "startEnqMs" : 1, "endEnqMs" : 2, "startH2dMs" : 5043380, "endH2dMs" : 504, "startComputeMs" : 504, )"
      R"("endComputeMs" : 505, "startD2hMs" : 505, "endD2hMs" : 505.4, "h2dMs" : 0, "computeMs" : 1, "d2hMs" : 0, )"
      R"("latencyMs" : 1 })";
  const auto imported = read("[" + backward + "," + inference(502) + "]");
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_THAT(imported->profile.end_to_end->total.samples, SizeIs(1));
  EXPECT_GT(*imported->profile.end_to_end->measurement.duration_seconds, 0.0);
  EXPECT_THAT(error_of("[" + backward + "]"), HasSubstr("none of its inferences has times"));
}

TEST_F(TrtexecTimes, RefusesWhatItCannotTake) {
  EXPECT_THAT(error_of("[]"), HasSubstr("it has no inferences"));
  EXPECT_THAT(error_of("[1]"), HasSubstr("no object"));
  EXPECT_THAT(error_of(R"([{"startEnqMs": 1, "computeMs": 2}])"), HasSubstr("has no number \"latencyMs\""));
  EXPECT_THAT(error_of("[" + inference(500, 0.5, "\"1\"") + "]"), HasSubstr("has no number \"computeMs\""));
  EXPECT_THAT(error_of("[" + inference(500)), HasSubstr("cut off"));
}

}  // namespace
}  // namespace trtprof::test
