#include "trtprof/measure/sampling.h"

#include <limits>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_backend.h"

namespace trtprof {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Sampling : public testing::Test {
 protected:
  // Every inference takes `seconds`.
  Series series(double seconds) {
    return {"end-to-end run",
            "end to end",
            "warming up",
            "measuring",
            [this, seconds](Purpose purpose) -> Result<double> {
              clock_.advance(seconds);
              ++(purpose == Purpose::warmup ? warmups_ : samples_);
              return seconds;
            },
            {}};
  }

  test::FakeClock clock_;
  test::RecordingProgress progress_{clock_};
  StopFlag stop_;
  MeasureContext context_{progress_, stop_, clock_.clock()};
  std::int64_t warmups_ = 0;
  std::int64_t samples_ = 0;
};

TEST_F(Sampling, KeepsSamplesOnlyAndTellsHowTheyCameAbout) {
  const auto sampled = sample(series(1.0 / 256), {}, context_);
  ASSERT_TRUE(sampled) << sampled.error().message;
  const MeasurementInfo& measurement = sampled->measurement;
  EXPECT_EQ(measurement.warmup_iterations, warmups_);
  EXPECT_GE(measurement.warmup_seconds.value(), 0.2);
  EXPECT_EQ(measurement.warmup_steady, true);
  EXPECT_EQ(measurement.iterations, samples_);
  EXPECT_EQ(measurement.iterations, 256);
  EXPECT_EQ(measurement.duration_seconds, 1.0);
  EXPECT_EQ(measurement.stop_reason, StopReason::converged);
  EXPECT_EQ(measurement.target_relative_half_width, 0.01);
  EXPECT_EQ(measurement.achieved_relative_half_width, 0.0);
  EXPECT_EQ(sampled->total.samples, std::vector<double>(256, 1.0 / 256));
  EXPECT_EQ(sampled->total.summary, summarize(sampled->total.samples));
}

TEST_F(Sampling, CountsExactlyAsAsked) {
  MeasureOptions options;
  options.warmup.iterations = 0;
  options.stop.iterations = 7;
  const auto sampled = sample(series(1.0), options, context_);
  ASSERT_TRUE(sampled) << sampled.error().message;
  EXPECT_EQ(warmups_, 0);
  EXPECT_EQ(samples_, 7);
  EXPECT_EQ(sampled->measurement.warmup_iterations, 0);
  EXPECT_EQ(sampled->measurement.warmup_steady, std::nullopt);
  EXPECT_EQ(sampled->measurement.stop_reason, StopReason::iterations);
}

TEST_F(Sampling, ReportsProgressNoMoreOftenThanEvery50Milliseconds) {
  ASSERT_TRUE(sample(series(1e-3), {}, context_));
  EXPECT_THAT(progress_.phases, ElementsAre("warming up", "measuring"));
  ASSERT_GT(progress_.updates.size(), 15U);  // over 1.2 s
  EXPECT_LT(progress_.updates.size(), 30U);
  for (std::size_t i = 1; i < progress_.updates.size(); ++i) {
    if (progress_.updates[i].phase != progress_.updates[i - 1].phase) continue;
    EXPECT_GE(progress_.updates[i].at - progress_.updates[i - 1].at, 0.05 - 1e-9);
  }
  const auto& last = progress_.updates.back();
  EXPECT_THAT(last.detail, HasSubstr("median 1.000 ms +- 0.0 %, "));
  EXPECT_GT(last.fraction, 0.9);
}

TEST_F(Sampling, TheUserStopsItBetweenSamplesAndKeepsThem) {
  Series with_stop = series(1e-3);
  with_stop.run_once = [this, run = with_stop.run_once](Purpose purpose) {
    if (samples_ == 9) stop_.request();
    return run(purpose);
  };
  const auto sampled = sample(with_stop, {}, context_);
  ASSERT_TRUE(sampled) << sampled.error().message;
  EXPECT_EQ(sampled->total.samples.size(), 10U);
  EXPECT_EQ(sampled->measurement.stop_reason, StopReason::interrupted);
  EXPECT_EQ(sampled->measurement.achieved_relative_half_width, 0.0);
}

TEST_F(Sampling, StoppedWhileWarmingUpThereIsNothing) {
  Series with_stop = series(1e-3);
  with_stop.run_once = [this, run = with_stop.run_once](Purpose purpose) {
    if (warmups_ == 4) stop_.request();
    return run(purpose);
  };
  const auto sampled = sample(with_stop, {}, context_);
  ASSERT_FALSE(sampled);
  EXPECT_EQ(sampled.error().code, ErrorCode::interrupted);
  EXPECT_THAT(sampled.error().message, HasSubstr("end-to-end run"));
  EXPECT_EQ(warmups_, 5);
  EXPECT_EQ(samples_, 0);
}

TEST_F(Sampling, StoppedBeforeItBeginsNothingRuns) {
  stop_.request();
  const auto sampled = sample(series(1e-3), {}, context_);
  ASSERT_FALSE(sampled);
  EXPECT_EQ(sampled.error().code, ErrorCode::interrupted);
  EXPECT_EQ(warmups_ + samples_, 0);
}

TEST_F(Sampling, AFailingInferenceIsNamed) {
  Series failing = series(1e-3);
  failing.run_once = [this, run = failing.run_once](Purpose purpose) -> Result<double> {
    if (samples_ == 11) return fail("out of memory", "use a smaller batch");
    return run(purpose);
  };
  const auto sampled = sample(failing, {}, context_);
  ASSERT_TRUE(sampled) << sampled.error().message;
  EXPECT_EQ(sampled->total.samples.size(), 11U);
  EXPECT_EQ(sampled->measurement.stop_reason, StopReason::failed);
  EXPECT_EQ(context_.failure, (Error{ErrorCode::failed, "inference 12 of the end-to-end run failed: out of memory",
                                     "use a smaller batch"}));
}

TEST_F(Sampling, TheFirstSampleThatFailsIsAnError) {
  Series failing = series(1e-3);
  failing.run_once = [run = failing.run_once](Purpose purpose) -> Result<double> {
    if (purpose == Purpose::sample) return fail("out of memory");
    return run(purpose);
  };
  const auto sampled = sample(failing, {}, context_);
  ASSERT_FALSE(sampled);
  EXPECT_THAT(sampled.error().message, HasSubstr("inference 1 of the end-to-end run"));
  EXPECT_FALSE(context_.failure);
}

TEST_F(Sampling, MarksStandAroundTheSamplesAndNotTheWarmup) {
  std::vector<std::string> events;
  Series marked = series(1e-3);
  marked.samples_begin = [&] { events.push_back(fmt::format("begin after {} samples", samples_)); };
  marked.samples_end = [&] { events.push_back(fmt::format("end after {} samples", samples_)); };
  const auto sampled = sample(marked, {}, context_);
  ASSERT_TRUE(sampled) << sampled.error().message;
  EXPECT_GT(warmups_, 0);
  EXPECT_THAT(events, ElementsAre("begin after 0 samples", fmt::format("end after {} samples", samples_)));
}

TEST_F(Sampling, AFailingWarmupIsNamedAndKeepsItsCode) {
  Series failing = series(1e-3);
  failing.run_once = [](Purpose) -> Result<double> { return unavailable("no device"); };
  const auto sampled = sample(failing, {}, context_);
  ASSERT_FALSE(sampled);
  EXPECT_EQ(sampled.error().code, ErrorCode::unavailable);
  EXPECT_THAT(sampled.error().message, HasSubstr("warm-up inference 1 of the end-to-end run failed: no device"));
}

TEST_F(Sampling, ATimeThatIsNoTimeIsAnError) {
  for (const double seconds :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), -1e-9}) {
    Series odd = series(1e-3);
    odd.run_once = [seconds](Purpose) -> Result<double> { return seconds; };
    const auto sampled = sample(odd, {}, context_);
    ASSERT_FALSE(sampled) << seconds;
    EXPECT_EQ(sampled.error().code, ErrorCode::failed);
    EXPECT_THAT(sampled.error().message, HasSubstr("was reported to take"));
  }
}

TEST_F(Sampling, EndsWhenThereIsNoRoomForMore) {
  Series bounded = series(1e-3);
  bounded.full = [this] { return samples_ == 100; };
  const auto sampled = sample(bounded, {}, context_);
  ASSERT_TRUE(sampled) << sampled.error().message;
  EXPECT_EQ(sampled->measurement.iterations, 100);
  EXPECT_EQ(sampled->measurement.stop_reason, StopReason::iterations);
}

// ---- observed

class Watcher final : public RunObserver {
 public:
  explicit Watcher(test::FakeClock clock) : clock_(std::move(clock)) {}
  void run_begins(std::string_view run) override { seen.push_back(fmt::format("{} at {}", run, clock_.now())); }
  void run_ends(std::int64_t inferences) override {
    seen.push_back(fmt::format("{} inferences at {}", inferences, clock_.now()));
  }
  std::vector<std::string> seen;

 private:
  test::FakeClock clock_;
};

TEST_F(Sampling, TellsWhenSamplesBeginAndEndWithoutTheWarmup) {
  Watcher watcher(clock_);
  context_.observer = &watcher;
  MeasureOptions options;
  options.warmup.iterations = 4;
  options.stop.iterations = 8;
  ASSERT_TRUE(sample(series(0.25), options, context_));
  EXPECT_THAT(watcher.seen, ElementsAre("end to end at 101", "8 inferences at 103"));
}

TEST_F(Sampling, TellsThatSamplesEndedWhereAnInferenceFails) {
  Watcher watcher(clock_);
  context_.observer = &watcher;
  MeasureOptions options;
  options.warmup.iterations = 0;
  Series failing = series(0.25);
  failing.run_once = [](Purpose) -> Result<double> { return fail("device lost"); };
  ASSERT_FALSE(sample(failing, options, context_));
  EXPECT_THAT(watcher.seen, ElementsAre("end to end at 100", "0 inferences at 100"));
}

}  // namespace
}  // namespace trtprof
