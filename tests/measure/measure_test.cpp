#include "trtprof/measure/measure.h"

#include <limits>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_backend.h"

namespace trtprof {
namespace {

using test::always;
using test::FakeScript;
using testing::AllOf;
using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;

class Measure : public testing::Test {
 protected:
  CompiledModel& compile(FakeScript script, bool layer_timing = false) {
    test::FakeBackend backend(std::move(script), clock_);
    CompileOptions options;
    options.layer_timing = layer_timing;
    model_ = backend.compile({}, options).value();
    return *model_;
  }

  static MeasureOptions exactly(std::int64_t warmup, std::int64_t iterations) {
    MeasureOptions options;
    options.warmup.iterations = warmup;
    options.stop.iterations = iterations;
    return options;
  }

  test::FakeClock clock_;
  test::RecordingProgress progress_{clock_};
  StopFlag stop_;
  MeasureContext context_{progress_, stop_, clock_.clock()};
  std::unique_ptr<CompiledModel> model_;
};

// ---- end to end

TEST_F(Measure, EndToEndTakesTheTimesOfTheBackendAfterWarmup) {
  FakeScript script;
  script.total = [](std::int64_t run) { return 1e-3 * static_cast<double>(run + 1); };
  const auto result = measure_end_to_end(compile(script), exactly(3, 4), context_);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(result->total.samples, ElementsAre(4e-3, 5e-3, 6e-3, 7e-3));
  EXPECT_EQ(result->total.summary->median, 5.5e-3);
  EXPECT_EQ(result->measurement.method, "Scripted times.");
  EXPECT_EQ(result->measurement.warmup_iterations, 3);
  EXPECT_EQ(result->host_to_device, std::nullopt);
  EXPECT_EQ(result->compute, std::nullopt);
  EXPECT_THAT(progress_.phases, ElementsAre("warming up", "measuring end to end"));
}

TEST_F(Measure, EndToEndKeepsThePartsThatEveryInferenceHas) {
  FakeScript script;
  script.parts = [](std::int64_t run, double total) {
    RunTimes times;
    times.total = total;
    times.host_to_device = 1e-4 * static_cast<double>(run);
    if (run % 2 == 0) times.enqueue = 2e-4;
    times.device_to_host = 3e-4;
    return times;
  };
  const auto result = measure_end_to_end(compile(script), exactly(1, 3), context_);
  ASSERT_TRUE(result) << result.error().message;
  ASSERT_TRUE(result->host_to_device);
  EXPECT_THAT(result->host_to_device->samples, ElementsAre(DoubleEq(1e-4), DoubleEq(2e-4), DoubleEq(3e-4)));
  EXPECT_EQ(result->host_to_device->summary->median, 2e-4);
  EXPECT_EQ(result->device_to_host->samples.size(), 3U);
  EXPECT_EQ(result->enqueue, std::nullopt);
  EXPECT_EQ(result->compute, std::nullopt);
}

TEST_F(Measure, EndToEndKeepsTheTimeBetweenCompletions) {
  FakeScript script;
  script.parts = [](std::int64_t run, double total) {
    RunTimes times;
    times.total = total;
    if (run > 0) times.interval = 1e-3;  // the first completion has none before it
    return times;
  };
  const auto result = measure_end_to_end(compile(script), exactly(0, 4), context_);
  ASSERT_TRUE(result) << result.error().message;
  ASSERT_TRUE(result->interval);
  EXPECT_THAT(result->interval->samples, ElementsAre(1e-3, 1e-3, 1e-3));
}

// ---- layers

FakeScript two_layers() {
  FakeScript script;
  script.layers = {{"conv", [](std::int64_t run) { return 1e-3 + 1e-5 * static_cast<double>(run); }, 1.1e-3},
                   {"fc", always(2e-3), std::nullopt}};
  script.profiled_total = always(4e-3);
  script.not_executed = {"bn"};
  return script;
}

TEST_F(Measure, LayersHaveOneSampleAnInference) {
  const auto run = measure_layers(compile(two_layers(), true), exactly(2, 3), context_);
  ASSERT_TRUE(run) << run.error().message;
  ASSERT_EQ(run->layers.size(), 2U);
  EXPECT_EQ(run->layers[0].name, "conv");
  EXPECT_THAT(run->layers[0].time.samples, ElementsAre(DoubleEq(1.02e-3), DoubleEq(1.03e-3), DoubleEq(1.04e-3)));
  EXPECT_DOUBLE_EQ(run->layers[0].time.summary->median, 1.03e-3);
  EXPECT_EQ(run->layers[0].reported_seconds, 1.1e-3);
  EXPECT_THAT(run->layers[1].time.samples, ElementsAre(2e-3, 2e-3, 2e-3));
  EXPECT_EQ(run->layers[1].reported_seconds, std::nullopt);
  EXPECT_THAT(run->total.samples, ElementsAre(4e-3, 4e-3, 4e-3));
  EXPECT_THAT(run->not_executed, ElementsAre("bn"));
  EXPECT_EQ(run->measurement.method, "Scripted layer times.");
  EXPECT_THAT(progress_.phases, ElementsAre("warming up with layer timing", "measuring layers"));
}

TEST_F(Measure, LayersAreAskedForAfterTheFirstInferenceEvenWithoutWarmup) {
  const auto run = measure_layers(compile(two_layers(), true), exactly(0, 1), context_);
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_THAT(run->layers[0].time.samples, ElementsAre(1e-3));
}

TEST_F(Measure, ABackendWithoutTimesPerInferenceGivesItsOwn) {
  FakeScript script = two_layers();
  script.per_run_layer_times = false;
  const auto run = measure_layers(compile(script, true), exactly(2, 30), context_);
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->layers[0].reported_seconds, 1.1e-3);
  EXPECT_EQ(run->layers[0].time, SampleSeries{});
  EXPECT_EQ(run->total.samples.size(), 30U);
}

TEST_F(Measure, NoLayerTimesAtAllIsAnError) {
  FakeScript script = two_layers();
  script.per_run_layer_times = false;
  script.layers[0].reported_seconds = std::nullopt;
  const auto run = measure_layers(compile(script, true), exactly(2, 3), context_);
  ASSERT_FALSE(run);
  EXPECT_THAT(run.error().message, HasSubstr("no layer times"));
}

TEST_F(Measure, FewerTimesThanLayersIsAnErrorThatNamesTheInference) {
  for (const std::size_t given : {1U, 3U}) {
    FakeScript script = two_layers();
    script.layer_times_given = given;
    const auto run = measure_layers(compile(script, true), exactly(2, 3), context_);
    ASSERT_FALSE(run);
    EXPECT_EQ(run.error().code, ErrorCode::failed);
    EXPECT_THAT(run.error().message, AllOf(HasSubstr("inference 1 of the layer run"),
                                           HasSubstr("times for " + std::to_string(given) + " of 2 layers")));
  }
}

TEST_F(Measure, ALayerTimeThatIsNoTimeIsAnErrorThatNamesTheLayer) {
  FakeScript script = two_layers();
  script.layers[1].seconds = always(std::numeric_limits<double>::quiet_NaN());
  const auto run = measure_layers(compile(script, true), exactly(0, 3), context_);
  ASSERT_FALSE(run);
  EXPECT_THAT(run.error().message, HasSubstr("\"fc\""));
}

// 2000 layers of a model that never converges: without a bound, 7,500 inferences would keep 15 million numbers.
TEST_F(Measure, ManyLayersAndShortInferencesAreBoundedInMemory) {
  FakeScript script;
  script.layers.assign(2000, {"layer", always(1e-7), std::nullopt});
  script.profiled_total = [](std::int64_t run) { return run % 2 == 0 ? 1e-3 : 2e-3; };
  const auto run = measure_layers(compile(script, true), layer_run_defaults(), context_);
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->measurement.iterations, 1000);
  EXPECT_EQ(run->measurement.stop_reason, StopReason::iterations);
  EXPECT_EQ(run->layers[1999].time.samples.size(), 1000U);
}

TEST_F(Measure, InterruptedLayersKeepWhatTheyHave) {
  FakeScript script = two_layers();
  script.before_run = [this](std::int64_t run, bool) {
    if (run == 24) stop_.request();
  };
  MeasureOptions options = layer_run_defaults();
  options.warmup.iterations = 5;
  const auto run = measure_layers(compile(script, true), options, context_);
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->measurement.stop_reason, StopReason::interrupted);
  EXPECT_EQ(run->layers[0].time.samples.size(), 20U);
}

TEST(SteadyClock, MovesForwardInSeconds) {
  const Clock clock = steady_clock();
  const double before = clock();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_GE(clock() - before, 0.02);
}

}  // namespace
}  // namespace trtprof
