#include "trtprof/measure/timeline.h"

#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_backend.h"
#include "support/traced_run.h"

namespace trtprof {
namespace {

using test::activity_at;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pointwise;
using testing::SizeIs;

constexpr double kExact = 1e-12;

MATCHER_P(AreSeconds, expected, "") {
  return testing::ExplainMatchResult(Pointwise(testing::DoubleNear(kExact), expected), arg.samples, result_listener);
}
auto seconds(std::vector<double> microseconds) {
  for (double& value : microseconds) value *= 1e-6;
  return AreSeconds(microseconds);
}

Activity kernel(std::int64_t launch, std::string layer, double start, double end, std::int64_t stream = 7) {
  Activity result = activity_at(ActivityKind::kernel, "k" + std::to_string(launch), start, end);
  result.kernel = launch;
  result.layer = std::move(layer);
  result.stream = stream;
  return result;
}

Activity transfer(ActivityKind kind, std::string what, double start, double end, std::uint64_t bytes,
                  std::string memory = "") {
  Activity result = activity_at(kind, std::move(what), start, end);
  result.bytes = bytes;
  result.memory = std::move(memory);
  return result;
}

TraceFacts facts_of(std::vector<std::string> names) {
  TraceFacts facts;
  facts.source = "scripted records";
  for (std::string& name : names) facts.launches.emplace_back().name = std::move(name);
  return facts;
}

Timeline timeline_of(const std::vector<std::vector<Activity>>& inferences, std::vector<std::string> launches,
                     double epoch = 0.0) {
  TimelineCollector collector(epoch, kDetailedInferences);
  for (const auto& activities : inferences) {
    TracedRun run;
    run.activities = activities;
    collector.add(run);
  }
  return collector.finish(facts_of(std::move(launches)));
}

TEST(TimelineCollector, TellsSpanBusyAndGapsApart) {
  const Timeline timeline =
      timeline_of({{kernel(0, "conv", 10, 13), kernel(1, "add", 15, 16), kernel(0, "conv2", 16, 20)}}, {"a", "b"});
  EXPECT_THAT(timeline.span, seconds({10}));
  EXPECT_THAT(timeline.busy, seconds({8}));
  EXPECT_THAT(timeline.kernel_sum, seconds({8}));
  EXPECT_THAT(timeline.idle, seconds({2}));
  ASSERT_THAT(timeline.kernels, SizeIs(3));
  EXPECT_EQ(timeline.kernels[0].launch.name, "a");
  EXPECT_EQ(timeline.kernels[1].layer, "add");
  EXPECT_EQ(timeline.kernels[0].gap_before, std::nullopt) << "nothing ran before the first";
  EXPECT_THAT(*timeline.kernels[1].gap_before, seconds({2}));
  EXPECT_THAT(*timeline.kernels[2].gap_before, seconds({0}));
  EXPECT_THAT(timeline.kernels[2].time, seconds({4}));
  EXPECT_EQ(timeline.source, "scripted records");
}

TEST(TimelineCollector, KernelsSideBySideAreBusyOnceAndAddUpToMore) {
  // The second stream's kernel outlasts the third's start: no gap before that.
  const Timeline timeline = timeline_of(
      {{kernel(0, "a", 0, 4), kernel(1, "b", 2, 9, 8), kernel(2, "c", 6, 7), kernel(0, "d", 12, 13)}}, {"x", "y", "z"});
  EXPECT_THAT(timeline.span, seconds({13}));
  EXPECT_THAT(timeline.busy, seconds({10}));
  EXPECT_THAT(timeline.kernel_sum, seconds({13}));
  EXPECT_THAT(timeline.idle, seconds({3}));
  EXPECT_THAT(*timeline.kernels[2].gap_before, seconds({0}));
  EXPECT_THAT(*timeline.kernels[3].gap_before, seconds({3}));
}

TEST(TimelineCollector, StreamsThatStartInAnotherOrderAreTheSameInference) {
  const Timeline timeline =
      timeline_of({{kernel(0, "left", 0, 4), kernel(1, "right", 1, 5, 8), kernel(0, "end", 6, 7)},
                   {kernel(1, "right", 10, 13, 8), kernel(0, "left", 11, 16), kernel(0, "end", 17, 18)}},
                  {"x", "y"});
  EXPECT_EQ(timeline.different_inferences, 0);
  ASSERT_THAT(timeline.kernels, SizeIs(3));
  EXPECT_EQ(timeline.kernels[0].layer, "left");
  EXPECT_THAT(timeline.kernels[0].time, seconds({4, 5}));
  EXPECT_THAT(timeline.kernels[1].time, seconds({4, 3}));
  EXPECT_THAT(timeline.kernels[2].time, seconds({1, 1}));
}

TEST(TimelineCollector, AnInferenceOfOtherKernelsIsCountedAndInNoSeries) {
  const std::vector<Activity> usual = {kernel(0, "a", 0, 4), kernel(1, "b", 5, 6)};
  const Timeline timeline = timeline_of({usual,
                                         {kernel(0, "a", 0, 40)},
                                         {kernel(0, "a", 0, 40), kernel(2, "b", 41, 42)},
                                         {kernel(0, "a", 0, 40), kernel(1, "b", 41, 42), kernel(1, "c", 43, 44)},
                                         usual},
                                        {"x", "y", "z"});
  EXPECT_EQ(timeline.different_inferences, 3);
  EXPECT_THAT(timeline.span, seconds({6, 6}));
  EXPECT_THAT(timeline.kernels[0].time, seconds({4, 4}));
  for (const Activity& activity : timeline.activities) EXPECT_LT(activity.end, 7e-6);
}

TEST(TimelineCollector, ACopyWithinTheSpanIsNoGap) {
  const Timeline timeline =
      timeline_of({{transfer(ActivityKind::copy, "host to device", 0, 9, 100), kernel(0, "a", 10, 12),
                    transfer(ActivityKind::fill, "memset", 13, 14, 64), kernel(0, "b", 16, 17),
                    transfer(ActivityKind::copy, "device to host", 20, 30, 100)}},
                  {"x"});
  EXPECT_THAT(timeline.span, seconds({7})) << "kernels alone";
  EXPECT_THAT(timeline.busy, seconds({4}));
  EXPECT_THAT(timeline.kernel_sum, seconds({3}));
  EXPECT_THAT(timeline.idle, seconds({3}));
  EXPECT_THAT(*timeline.kernels[1].gap_before, seconds({3}));
}

TEST(TimelineCollector, CopiesAreAddedUpByDirectionAndMemory) {
  const std::vector<Activity> first = {transfer(ActivityKind::copy, "host to device", 0, 2, 100, "pinned"),
                                       transfer(ActivityKind::copy, "host to device", 2, 5, 300, "pinned"),
                                       transfer(ActivityKind::copy, "host to device", 5, 9, 500, "pageable"),
                                       kernel(0, "a", 10, 12)};
  const std::vector<Activity> second = {transfer(ActivityKind::copy, "host to device", 0, 4, 400, "pinned"),
                                        kernel(0, "a", 10, 12), transfer(ActivityKind::fill, "memset", 12, 13, 64)};
  const Timeline timeline = timeline_of({first, second}, {"x"});
  ASSERT_THAT(timeline.transfers, SizeIs(3));
  EXPECT_EQ(timeline.transfers[0].memory, "pageable");
  EXPECT_THAT(timeline.transfers[0].time, seconds({4, 0}));
  EXPECT_EQ(timeline.transfers[1].what, "host to device");
  EXPECT_EQ(timeline.transfers[1].memory, "pinned");
  EXPECT_EQ(timeline.transfers[1].count, 1.5);
  EXPECT_EQ(timeline.transfers[1].bytes, 400.0);
  EXPECT_THAT(timeline.transfers[1].time, seconds({5, 4}));
  EXPECT_EQ(timeline.transfers[2].what, "memset");
  EXPECT_EQ(timeline.transfers[2].count, 0.5);
  EXPECT_THAT(timeline.transfers[2].time, seconds({0, 1}));
}

TEST(TimelineCollector, CallsThatWaitAreToldFromThoseThatDoNot) {
  const Timeline timeline =
      timeline_of({{activity_at(ActivityKind::host_call, "cudaLaunchKernel", 0, 2),
                    activity_at(ActivityKind::host_call, "cudaLaunchKernel", 2, 5), kernel(0, "a", 3, 12),
                    activity_at(ActivityKind::synchronization, "cudaStreamSynchronize", 5, 13)}},
                  {"x"});
  ASSERT_THAT(timeline.calls, SizeIs(2));
  EXPECT_EQ(timeline.calls[0].name, "cudaLaunchKernel");
  EXPECT_FALSE(timeline.calls[0].synchronization);
  EXPECT_EQ(timeline.calls[0].count, 2.0);
  EXPECT_THAT(timeline.calls[0].time, seconds({5}));
  EXPECT_TRUE(timeline.calls[1].synchronization);
  EXPECT_THAT(timeline.calls[1].time, seconds({8}));
}

TEST(TimelineCollector, OnACpuTheLayersAreWhatRuns) {
  Activity first = activity_at(ActivityKind::layer, "conv", 1, 4);
  Activity second = activity_at(ActivityKind::layer, "relu", 6, 7);
  const Timeline timeline = timeline_of({{first, second}}, {});
  EXPECT_THAT(timeline.kernels, IsEmpty());
  EXPECT_THAT(timeline.span, seconds({6}));
  EXPECT_THAT(timeline.busy, seconds({4}));
  EXPECT_THAT(timeline.idle, seconds({2}));
}

TEST(TimelineCollector, ActivitiesOfTheFirstInferencesCountFromTheEpoch) {
  Activity launch = activity_at(ActivityKind::host_call, "cudaGraphLaunch", 101, 103);
  const Timeline timeline = timeline_of({{launch, kernel(1, "b", 104, 106), kernel(0, "a", 106, 108)},
                                         {launch, kernel(1, "b", 204, 206), kernel(0, "a", 206, 208)}},
                                        {"x", "y"}, 100e-6);
  ASSERT_THAT(timeline.activities, SizeIs(8));
  const Activity& whole = timeline.activities[0];
  EXPECT_EQ(whole.kind, ActivityKind::inference);
  EXPECT_NEAR(whole.start, 1e-6, kExact);
  EXPECT_NEAR(whole.end, 8e-6, kExact);
  EXPECT_EQ(timeline.activities[2].kernel, 0) << "an index into kernels, not into launches";
  EXPECT_EQ(timeline.kernels[0].launch.name, "y");
  EXPECT_EQ(timeline.activities[3].kernel, 1);
  EXPECT_EQ(timeline.activities[7].inference, 1);
}

TEST(TimelineCollector, LaunchDelaysAreKeptWhereEveryInferenceHasThem) {
  TracedRun run;
  run.activities = {kernel(0, "a", 3, 4), kernel(0, "b", 5, 6)};
  run.launch_delays = {2e-6, 3e-6};
  TimelineCollector with(0.0, kDetailedInferences);
  with.add(run);
  with.add(run);
  const Timeline kept = with.finish(facts_of({"x"}));
  EXPECT_THAT(*kept.kernels[1].launch_delay, seconds({3, 3}));

  TimelineCollector without(0.0, kDetailedInferences);
  without.add(run);
  run.launch_delays.clear();
  without.add(run);
  EXPECT_EQ(without.finish(facts_of({"x"})).kernels[1].launch_delay, std::nullopt);
}

TEST(TimelineCollector, ComputeIsKeptWhereEveryInferenceHasIt) {
  TimelineCollector collector(0.0, kDetailedInferences);
  collector.add(test::traced_inference(0));
  collector.add(test::traced_inference(1));
  const Timeline timeline = collector.finish(test::facts_of_traced_inferences());
  ASSERT_TRUE(timeline.compute);
  EXPECT_THAT(timeline.compute->samples, SizeIs(2));

  TimelineCollector partly(0.0, kDetailedInferences);
  TracedRun none = test::traced_inference(0);
  none.times.compute.reset();
  partly.add(test::traced_inference(0));
  partly.add(none);
  EXPECT_EQ(partly.finish(test::facts_of_traced_inferences()).compute, std::nullopt);
}

TEST(TimelineCollector, GapsAddUpToTheIdleTime) {
  for (const bool graph : {false, true}) {
    test::TracedRunOptions options;
    options.graph = graph;
    TimelineCollector collector(0.0, kDetailedInferences);
    for (std::int64_t i = 0; i < 40; ++i) collector.add(test::traced_inference(i, options));
    const Timeline timeline = collector.finish(test::facts_of_traced_inferences(options));
    ASSERT_THAT(timeline.kernels, SizeIs(55));
    for (std::size_t i = 0; i < 40; ++i) {
      double gaps = 0.0;
      double sum = 0.0;
      for (const TimelineKernel& one : timeline.kernels) {
        sum += one.time.samples[i];
        if (one.gap_before) gaps += one.gap_before->samples[i];
      }
      EXPECT_NEAR(gaps, timeline.idle.samples[i], kExact);
      EXPECT_NEAR(sum, timeline.kernel_sum.samples[i], kExact);
      EXPECT_NEAR(timeline.busy.samples[i] + timeline.idle.samples[i], timeline.span.samples[i], kExact);
    }
  }
}

TEST(TimelineCollector, AThousandInferencesKeepAFewNumbersEach) {
  TimelineCollector collector(0.0, kDetailedInferences);
  std::size_t after_ten = 0;
  for (std::int64_t i = 0; i < 1000; ++i) {
    collector.add(test::traced_inference(i));
    if (i == 9) after_ten = collector.values();
  }
  EXPECT_EQ(collector.inferences(), 1000);
  EXPECT_EQ(collector.values(), 100 * after_ten);
  EXPECT_LE(collector.values(), 1000U * (3 * 55 + 10));
  const Timeline timeline = collector.finish(test::facts_of_traced_inferences());
  EXPECT_THAT(timeline.span.samples, SizeIs(1000));
  EXPECT_EQ(timeline.activities.back().inference, kDetailedInferences - 1);
  EXPECT_THAT(timeline.activities, SizeIs(10 * (2 * 55 + 4)));
}

// ---- names

Layer layer_of(std::string name, std::string type, std::vector<OriginNode> origins = {}) {
  Layer layer;
  layer.name = std::move(name);
  layer.engine_type = std::move(type);
  layer.origin_nodes = std::move(origins);
  return layer;
}

TEST(AdoptLayerNames, LayersNumberedAnewGetTheirFirstNamesBack) {
  Timeline timeline;
  for (const char* name : {"Reorder_8", "Multiply_9", "Multiply_10", "Reorder_11", "Extra_12"}) {
    Activity activity = activity_at(ActivityKind::layer, name, 0, 1);
    activity.layer = name;
    timeline.activities.push_back(activity);
    timeline.kernels.emplace_back().layer = name;
  }
  adopt_layer_names(timeline,
                    {layer_of("Reorder_8", "Reorder"), layer_of("Multiply_9", "Conv", {{"a", "Conv"}}),
                     layer_of("Multiply_10", "Conv", {{"b", "Conv"}}), layer_of("Reorder_11", "Reorder"),
                     layer_of("Extra_12", "Pool")},
                    {layer_of("Reorder_1", "Reorder"), layer_of("Multiply_2", "Conv", {{"a", "Conv"}}),
                     layer_of("Multiply_3", "Conv", {{"b", "Conv"}}), layer_of("Reorder_4", "Reorder")});
  std::vector<std::string> names;
  for (const Activity& activity : timeline.activities) names.push_back(activity.layer);
  EXPECT_THAT(names, ElementsAre("Reorder_1", "Multiply_2", "Multiply_3", "Reorder_4", ""));
  EXPECT_EQ(timeline.activities[1].name, "Multiply_2");
  EXPECT_EQ(timeline.activities[4].name, "Extra_12") << "still told, but not as a layer of the layer run";
  EXPECT_EQ(timeline.kernels[3].layer, "Reorder_4");
}

TEST(AdoptLayerNames, NamesThatLastAreLeftAlone) {
  Timeline timeline;
  timeline.kernels.emplace_back().layer = "conv";
  timeline.kernels.emplace_back().layer = "of no layer run";
  adopt_layer_names(timeline, {layer_of("conv", "Other")}, {layer_of("conv", "Conv"), layer_of("relu", "Relu")});
  EXPECT_EQ(timeline.kernels[0].layer, "conv");
  EXPECT_EQ(timeline.kernels[1].layer, "of no layer run");
}

// ---- measured

class MeasureTimeline : public testing::Test {
 protected:
  MeasureTimeline() {
    script_.total = test::always(1e-3);
    script_.traced = [](std::int64_t run) { return test::traced_inference(run); };
    script_.trace_facts = test::facts_of_traced_inferences();
  }
  Result<Timeline> measure(const MeasureOptions& options = timeline_defaults()) {
    test::FakeBackend backend(script_, clock_);
    CompileOptions compile;
    compile.tracing = true;
    const auto model = backend.compile({}, compile);
    return measure_timeline(**model, options, context_);
  }

  test::FakeScript script_;
  test::FakeClock clock_;
  test::RecordingProgress progress_{clock_};
  StopFlag stop_;
  MeasureContext context_{progress_, stop_, clock_.clock()};
};

TEST_F(MeasureTimeline, WarmsUpAndStopsByTheRule) {
  MeasureOptions options;
  options.warmup.iterations = 3;
  options.stop.iterations = 20;
  const auto timeline = measure(options);
  ASSERT_TRUE(timeline) << timeline.error().message;
  EXPECT_EQ(timeline->measurement.warmup_iterations, 3);
  EXPECT_EQ(timeline->measurement.iterations, 20);
  EXPECT_EQ(timeline->measurement.stop_reason, StopReason::iterations);
  EXPECT_THAT(timeline->measurement.method, HasSubstr("CUPTI 13.0 activity records"));
  EXPECT_THAT(timeline->span.samples, SizeIs(20));
  EXPECT_EQ(timeline->join, KernelJoin::markers);
  EXPECT_THAT(progress_.phases, ElementsAre("warming up with tracing", "tracing"));
}

TEST_F(MeasureTimeline, InterruptedItKeepsWhatThereIs) {
  script_.before_run = [this](std::int64_t run, bool) {
    if (run == 150) stop_.request();
  };
  MeasureOptions options;
  options.warmup.iterations = 3;
  options.stop.iterations = 1000;
  const auto timeline = measure(options);
  ASSERT_TRUE(timeline) << timeline.error().message;
  EXPECT_EQ(timeline->measurement.stop_reason, StopReason::interrupted);
  EXPECT_THAT(timeline->span.samples, SizeIs(148));
}

TEST_F(MeasureTimeline, AnInferenceThatFailsEndsItWithWhatThereIs) {
  script_.error = [](std::int64_t run, bool) -> std::optional<Error> {
    if (run < 50) return std::nullopt;
    return Error{ErrorCode::failed, "the tracer lost the device", ""};
  };
  MeasureOptions options;
  options.warmup.iterations = 3;
  options.stop.iterations = 1000;
  const auto timeline = measure(options);
  ASSERT_TRUE(timeline) << timeline.error().message;
  EXPECT_EQ(timeline->measurement.stop_reason, StopReason::failed);
  EXPECT_THAT(timeline->span.samples, SizeIs(47));
  ASSERT_TRUE(context_.failure);
  EXPECT_THAT(context_.failure->message, HasSubstr("of the timeline run failed: the tracer lost the device"));
}

TEST_F(MeasureTimeline, AModelOfManyKernelsEndsBeforeMemoryDoes) {
  test::TracedRunOptions large;
  large.kernels = 20'000;
  script_.traced = [large](std::int64_t run) { return test::traced_inference(run % 4, large); };
  MeasureOptions options;
  options.warmup.iterations = 0;
  options.stop.max_seconds = 1e9;
  options.stop.min_seconds = 1e8;
  const auto timeline = measure(options);
  ASSERT_TRUE(timeline) << timeline.error().message;
  EXPECT_THAT(timeline->span.samples, SizeIs(34)) << "2,000,000 numbers, 60,000 of an inference";
}

}  // namespace
}  // namespace trtprof
