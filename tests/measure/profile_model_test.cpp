#include <cmath>
#include <cstring>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streams.h"
#include "support/fake_backend.h"
#include "support/traced_run.h"
#include "trtprof/measure/inputs.h"
#include "trtprof/measure/measure.h"

namespace trtprof {
namespace {

using test::always;
using test::FakeScript;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TensorDesc desc(const std::string& name, std::vector<std::int64_t> shape) {
  TensorDesc result;
  result.name = name;
  result.element_type = "f32";
  result.shape = std::move(shape);
  return result;
}

FakeScript model() {
  FakeScript script;
  script.inputs = {desc("image", {4, 3, 8, 8})};
  script.outputs = {desc("prob", {4, 10})};
  script.total = always(1.0 / 256);
  script.profiled_total = always(1.0 / 250);
  script.layers = {{"conv", always(3e-3), std::nullopt}, {"fc", always(0.9e-3), std::nullopt}};
  script.notes = {"a note of the engine"};
  script.warnings = {"a warning of the engine"};
  return script;
}

class ProfileModel : public testing::Test {
 protected:
  ProfileModel() {
    request_.machine = {{"a note on the machine"}, {"a warning on the machine"}};
    request_.environment.tool_version = "0.1.0";
    request_.info.path = "model.onnx";
  }

  Result<Profile> run(FakeScript script) {
    backend_ = std::make_unique<test::FakeBackend>(std::move(script), clock_);
    MeasureContext context{progress_, stop_, clock_.clock()};
    return profile_model(*backend_, request_, context);
  }

  ProfileRequest request_;
  test::FakeClock clock_;
  test::RecordingProgress progress_{clock_};
  StopFlag stop_;
  std::unique_ptr<test::FakeBackend> backend_;
};

TEST_F(ProfileModel, MeasuresTwiceWithOneModelInMemoryAtATime) {
  request_.compile.threads = 2;
  const auto profile = run(model());
  ASSERT_TRUE(profile) << profile.error().message;
  ASSERT_EQ(backend_->compiled().size(), 2U);
  EXPECT_FALSE(backend_->compiled()[0].layer_timing);
  EXPECT_TRUE(backend_->compiled()[1].layer_timing);
  EXPECT_EQ(backend_->compiled()[1].threads, 2);
  EXPECT_EQ(backend_->most_alive(), 1);

  EXPECT_EQ(profile->end_to_end->total.summary->median, 1.0 / 256);
  EXPECT_EQ(profile->layer_run->layers.size(), 2U);
  EXPECT_EQ(profile->layer_run->total.summary->median, 1.0 / 250);
  EXPECT_FALSE(profile->partial);
}

TEST_F(ProfileModel, FillsTheRecord) {
  const auto profile = run(model());
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_EQ(profile->environment.tool_version, "0.1.0");
  EXPECT_EQ(profile->environment.backend, "fake");
  EXPECT_EQ(profile->environment.threads, 2);
  EXPECT_EQ(profile->model.path, "model.onnx");
  EXPECT_EQ(profile->model.batch, 4);
  EXPECT_EQ(profile->model.inputs, model().inputs);
  EXPECT_EQ(profile->model.outputs, model().outputs);
  EXPECT_THAT(profile->notes, ElementsAre("a note on the machine", "a note of the engine"));
  EXPECT_THAT(profile->warnings, ElementsAre("a warning on the machine", "a warning of the engine"));
}

TEST_F(ProfileModel, FeedsBothRunsTheSameInputs) {
  request_.seed = 7;
  ASSERT_TRUE(run(model()));
  const auto& fed = backend_->fed().at("image");
  ASSERT_EQ(fed.size(), 2U);
  EXPECT_EQ(fed[0].data, random_tensor(desc("image", {4, 3, 8, 8}), 7).data);
  EXPECT_EQ(fed[1].data, fed[0].data);
}

TEST_F(ProfileModel, AnInputOfTheWrongShapeIsAnErrorBeforeAnythingRuns) {
  request_.inputs["image"] = random_tensor(desc("image", {1, 3, 8, 8}), 1);
  const auto profile = run(model());
  ASSERT_FALSE(profile);
  EXPECT_EQ(profile.error().code, ErrorCode::usage);
  EXPECT_EQ(clock_.now(), test::FakeClock().now());
}

TEST_F(ProfileModel, ReportsItsPhasesAndTakesAwayWhatWasDrawn) {
  ASSERT_TRUE(run(model()));
  EXPECT_THAT(progress_.phases,
              ElementsAre("compiling", "warming up", "measuring end to end", "compiling for layer timing",
                          "warming up with layer timing", "measuring layers"));
  EXPECT_EQ(progress_.finished, 1);
}

TEST_F(ProfileModel, AModelThatDoesNotCompileIsTheBackendsError) {
  FakeScript script = model();
  script.compile_error = Error{ErrorCode::failed, "operator Foo of node bar is not supported", ""};
  const auto profile = run(script);
  ASSERT_FALSE(profile);
  EXPECT_EQ(profile.error(), *script.compile_error);
  EXPECT_EQ(progress_.finished, 1);
}

TEST_F(ProfileModel, WhatWasMeasuredBeforeAnInferenceFailedIsKept) {
  FakeScript script = model();
  script.error = [](std::int64_t run, bool profiled) -> std::optional<Error> {
    if (!profiled || run < 100) return std::nullopt;
    return Error{ErrorCode::failed, "device lost", ""};
  };
  const auto profile = run(script);
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_TRUE(profile->partial);
  ASSERT_TRUE(profile->end_to_end);
  ASSERT_TRUE(profile->layer_run);
  EXPECT_EQ(profile->layer_run->measurement.stop_reason, StopReason::failed);
  EXPECT_THAT(profile->warnings, Contains(AllOf(HasSubstr("ended early"), HasSubstr("of the layer run failed"),
                                                HasSubstr("device lost"))));
}

TEST_F(ProfileModel, ALayerRunThatFailsAtOnceTakesNothingFromTheEndToEndRun) {
  FakeScript script = model();
  script.error = [](std::int64_t, bool profiled) -> std::optional<Error> {
    if (!profiled) return std::nullopt;
    return Error{ErrorCode::failed, "device lost", ""};
  };
  const auto profile = run(script);
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_TRUE(profile->partial);
  EXPECT_TRUE(profile->end_to_end);
  EXPECT_FALSE(profile->layer_run);
  EXPECT_THAT(profile->warnings, Contains(HasSubstr("device lost")));
}

TEST_F(ProfileModel, WithoutALayerRunNothingIsCompiledForOne) {
  request_.layer_run = false;
  const auto profile = run(model());
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_FALSE(profile->partial);
  EXPECT_FALSE(profile->layer_run);
}

TEST_F(ProfileModel, AnInferenceThatFailsAtOnceIsAnError) {
  FakeScript script = model();
  script.error = [](std::int64_t, bool) -> std::optional<Error> { return Error{ErrorCode::failed, "device lost", ""}; };
  const auto profile = run(script);
  ASSERT_FALSE(profile);
  EXPECT_THAT(profile.error().message, HasSubstr("device lost"));
}

// ---- timeline

FakeScript traced_model() {
  FakeScript script = model();
  script.traced = [](std::int64_t run) {
    test::TracedRunOptions options;
    options.begin_us = 200e6 + 1e3 * static_cast<double>(run);  // the clock of the fake begins at 100 s
    return test::traced_inference(run, options);
  };
  script.trace_facts = test::facts_of_traced_inferences();
  return script;
}

TEST_F(ProfileModel, TheTimelineIsARunOfItsOwnAfterTheLayers) {
  request_.timeline = true;
  request_.compile.launch.graph = false;
  const auto profile = run(traced_model());
  ASSERT_TRUE(profile) << profile.error().message;
  ASSERT_EQ(backend_->compiled().size(), 3U);
  EXPECT_FALSE(backend_->compiled()[0].tracing);
  EXPECT_FALSE(backend_->compiled()[1].tracing);
  EXPECT_TRUE(backend_->compiled()[0].traced_later);
  EXPECT_TRUE(backend_->compiled()[2].tracing);
  EXPECT_FALSE(backend_->compiled()[2].layer_timing);
  EXPECT_FALSE(backend_->compiled()[2].launch.graph) << "launched as the end-to-end run was";
  EXPECT_EQ(backend_->most_alive(), 1);
  ASSERT_TRUE(profile->timeline);
  EXPECT_EQ(profile->timeline->kernels.size(), 55U);
  EXPECT_NEAR(profile->timeline->activities.front().start, 100.0, 1.0)
      << "counts from the beginning of profile_model()";
  EXPECT_FALSE(profile->partial);
}

TEST_F(ProfileModel, WithoutATimelineAskedForNothingIsTraced) {
  const auto profile = run(traced_model());
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_EQ(backend_->compiled().size(), 2U);
  EXPECT_FALSE(backend_->compiled()[0].traced_later);
  EXPECT_EQ(profile->timeline, std::nullopt);
}

TEST_F(ProfileModel, WhatCannotTraceSaysSoAndTheReportIsNormal) {
  request_.timeline = true;
  FakeScript script = traced_model();
  script.can_trace = unavailable("libcupti.so.13 could not be loaded");
  const auto profile = run(script);
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_FALSE(profile->partial);
  EXPECT_TRUE(profile->layer_run);
  EXPECT_EQ(profile->timeline, std::nullopt);
  EXPECT_THAT(profile->notes, Contains("No timeline: libcupti.so.13 could not be loaded."));
}

TEST_F(ProfileModel, ATimelineThatFailsTakesNothingFromTheRunsBeforeIt) {
  request_.timeline = true;
  FakeScript script = traced_model();
  script.error = [tracing = this](std::int64_t, bool) -> std::optional<Error> {
    if (tracing->backend_->compiled().size() < 3) return std::nullopt;
    return Error{ErrorCode::failed, "device lost", ""};
  };
  const auto profile = run(script);
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_TRUE(profile->partial);
  EXPECT_TRUE(profile->end_to_end);
  EXPECT_TRUE(profile->layer_run);
  EXPECT_EQ(profile->timeline, std::nullopt);
  EXPECT_THAT(profile->warnings, Contains(AllOf(HasSubstr("ended early"), HasSubstr("device lost"))));
}

class RunNames final : public RunObserver {
 public:
  void run_begins(std::string_view run) override { names.emplace_back(run); }
  void run_ends(std::int64_t inferences) override { counts.push_back(inferences); }
  std::vector<std::string> names;
  std::vector<std::int64_t> counts;
};

TEST_F(ProfileModel, TheObserverIsToldOfEveryRun) {
  request_.timeline = true;
  request_.end_to_end.stop.iterations = 11;
  request_.layers.stop.iterations = 12;
  request_.traced.stop.iterations = 13;
  RunNames observer;
  backend_ = std::make_unique<test::FakeBackend>(traced_model(), clock_);
  MeasureContext context{progress_, stop_, clock_.clock()};
  context.observer = &observer;
  ASSERT_TRUE(profile_model(*backend_, request_, context));
  EXPECT_THAT(observer.names, ElementsAre("end to end", "layers", "timeline"));
  EXPECT_THAT(observer.counts, ElementsAre(11, 12, 13));
  EXPECT_EQ(context.epoch, test::FakeClock().now());
}

// ---- interrupted

TEST_F(ProfileModel, InterruptedWhileMeasuringEndToEndThereAreNoLayers) {
  FakeScript script = model();
  script.before_run = [this](std::int64_t run, bool) {
    if (run == 150) stop_.request();
  };
  const auto profile = run(script);
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_TRUE(profile->partial);
  EXPECT_EQ(profile->end_to_end->measurement.stop_reason, StopReason::interrupted);
  EXPECT_EQ(profile->layer_run, std::nullopt);
  EXPECT_EQ(backend_->compiled().size(), 1U);
}

TEST_F(ProfileModel, InterruptedBeforeTheFirstLayerSampleEndToEndIsKept) {
  FakeScript script = model();
  script.before_run = [this](std::int64_t run, bool profiled) {
    if (profiled && run == 2) stop_.request();
  };
  const auto profile = run(script);
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_TRUE(profile->partial);
  EXPECT_EQ(profile->end_to_end->measurement.stop_reason, StopReason::converged);
  EXPECT_EQ(profile->layer_run, std::nullopt);
}

TEST_F(ProfileModel, InterruptedWhileMeasuringLayersBothAreKept) {
  FakeScript script = model();
  script.before_run = [this](std::int64_t run, bool profiled) {
    if (profiled && run == 150) stop_.request();
  };
  const auto profile = run(script);
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_TRUE(profile->partial);
  EXPECT_EQ(profile->layer_run->measurement.stop_reason, StopReason::interrupted);
  EXPECT_GT(profile->layer_run->layers[0].time.samples.size(), 1U);
}

TEST_F(ProfileModel, InterruptedBeforeAnythingWasMeasuredIsAnError) {
  stop_.request();
  const auto profile = run(model());
  ASSERT_FALSE(profile);
  EXPECT_EQ(profile.error().code, ErrorCode::interrupted);
  EXPECT_EQ(progress_.finished, 1);
}

// ---- doubts

TEST_F(ProfileModel, ANoisyMachineIsWarnedOfWithTheFigure) {
  FakeScript script = model();
  script.total = [noise = test::log_normal(5e-3, 1.0, 1)](std::int64_t) { return noise(); };
  const auto profile = run(script);
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_EQ(profile->end_to_end->measurement.stop_reason, StopReason::max_duration);
  EXPECT_THAT(profile->warnings, Contains(AllOf(HasSubstr("end to end: the median of"), HasSubstr("too noisy"))));
}

TEST_F(ProfileModel, AWarmupThatEndedTooSoonIsWarnedOf) {
  request_.end_to_end.warmup.iterations = 50;
  FakeScript script = model();
  script.total = [](std::int64_t run) { return 4e-3 * (1.0 + 2.0 * std::exp(-static_cast<double>(run) / 50.0)); };
  const auto profile = run(script);
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_EQ(profile->end_to_end->measurement.warmup_steady, false);
  EXPECT_THAT(profile->warnings, Contains(HasSubstr("end to end: times were still falling")));
  EXPECT_THAT(profile->warnings, Not(Contains(HasSubstr("layer run:"))));
}

TEST_F(ProfileModel, ALayerSumFarFromEndToEndIsWarnedOf) {
  FakeScript script = model();
  script.layers.pop_back();
  const auto profile = run(script);
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_THAT(profile->warnings, Contains(AllOf(HasSubstr("the layers add up to 3 ms, 23.2 % less"),
                                                HasSubstr("4 ms (2.4 % more)"), HasSubstr("1 ms lie between"))));
}

TEST_F(ProfileModel, AnOutputThatIsNoNumberIsNoted) {
  FakeScript script = model();
  Tensor tensor;
  tensor.shape = {4, 10};
  std::vector<float> values(40, std::numeric_limits<float>::quiet_NaN());
  tensor.data.resize(values.size() * sizeof(float));
  std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
  script.output_values["prob"] = tensor;
  const auto profile = run(script);
  ASSERT_TRUE(profile) << profile.error().message;
  EXPECT_THAT(profile->notes, Contains(HasSubstr("output \"prob\" holds 40 NaN and 0 infinite values of 40")));
}

}  // namespace
}  // namespace trtprof
