#include "trtprof/optimize/accuracy/accuracy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/accuracy/function_model.h"
#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"

namespace trtprof {
namespace {

using test::f32;
using test::FunctionModel;
using test::Tensors;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TensorDesc desc(const std::string& name, std::vector<std::int64_t> shape) {
  TensorDesc desc;
  desc.name = name;
  desc.element_type = "f32";
  desc.shape = std::move(shape);
  return desc;
}

// Scores are the samples themselves, three classes, two at once; `change` makes the other model.
FunctionModel scores(const std::function<void(std::vector<float>&)>& change = {}, const std::string& output = "y") {
  return {{desc("x", {2, 3})}, {desc(output, {2, 3})}, [change, output](const Tensors& inputs) {
            std::vector<float> values = test::f32_values(inputs.at("x"));
            if (change) change(values);
            return Tensors{{output, f32({2, 3}, values)}};
          }};
}

DataSet five_samples(bool with_labels = true) {
  const auto folder = TemporaryFolder::create("trtprof-accuracy");
  const std::string file = (folder->path() / "d.npz").string();
  const std::string labels = with_labels ? ", labels=np.array([0, 1, 2, 0, 1])" : "";
  const auto run = test::run_program({test::kPython, "-c",
                                      "import numpy as np; np.savez('" + file +
                                          "', x=np.float32([[9, 1, 0], [1, 9, 0], [1, 0, 9], [5, 4, 0], [5, 4, 0]])" +
                                          labels + ")"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  auto data = DataSet::load(file, {"x"});
  EXPECT_TRUE(data.has_value()) << data.error().message;
  return *std::move(data);
}

Result<AccuracyResult> measured(FunctionModel& reference, FunctionModel& other, const DataSet& data,
                                const AccuracyOptions& options = {}) {
  NoProgress progress;
  const StopFlag stop;
  return measure_accuracy(reference, other, data, options, progress, stop);
}

TEST(Accuracy, OfTheSameModelIsPerfect) {
  FunctionModel a = scores();
  FunctionModel b = scores();
  const auto result = measured(a, b, five_samples());
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->samples, 5U);
  EXPECT_EQ(a.runs, 3) << "two at once, and the last alone";
  ASSERT_EQ(result->outputs.size(), 1U);
  EXPECT_TRUE(result->outputs[0].identical);
  EXPECT_EQ(result->outputs[0].elements, 15U) << "what fills up the batch does not count";
  ASSERT_TRUE(result->labels.has_value());
  EXPECT_EQ(result->labels->samples, 5U);
  EXPECT_EQ(result->labels->reference.top1, 4U);
  EXPECT_EQ(result->labels->other.top1, 4U);
  EXPECT_FALSE(result->labels->other.top5.has_value());
  EXPECT_THAT(result->warnings, IsEmpty());
}

// No number of a report should have to be known to be alarming.
TEST(Accuracy, AnswersThatAreOthersAreSaidLoudly) {
  FunctionModel reference = scores();
  FunctionModel other = scores([](std::vector<float>& values) {
    for (float& value : values) value *= -3.0F;
  });
  const auto result = measured(reference, other, five_samples());
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_LT(result->outputs[0].sqnr_db.value(), 0.0);
  EXPECT_THAT(result->warnings, ElementsAre(HasSubstr("'y' HAS NOTHING TO DO WITH THE REFERENCE'S")));
}

TEST(Accuracy, LabelsTellWhichOfTwoIsRight) {
  FunctionModel reference = scores();
  // Takes 5 for less than 4: wrong in the fourth sample, right in the fifth.
  FunctionModel other = scores([](std::vector<float>& values) {
    for (float& value : values) value = value == 5.0F ? 3.0F : value;
  });
  const auto result = measured(reference, other, five_samples());
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ(result->outputs[0].agreement->top1, 3U);
  EXPECT_EQ(result->labels->top1.only_first_right, 1U);
  EXPECT_EQ(result->labels->top1.only_second_right, 1U);
  EXPECT_EQ(paired_drop(result->labels->top1), 0.0);
}

TEST(Accuracy, GatesFailWithTheFigure) {
  FunctionModel reference = scores();
  FunctionModel other = scores([](std::vector<float>& values) {
    for (float& value : values) value = value == 9.0F ? -9.0F : value;
  });
  const auto result = measured(reference, other, five_samples());
  ASSERT_TRUE(result.has_value()) << result.error().message;
  const auto verdict = judge(*result, {0.99, 0.5});
  ASSERT_TRUE(verdict.has_value()) << verdict.error().message;
  EXPECT_FALSE(verdict->passed);
  EXPECT_THAT(verdict->failures, ElementsAre("output 'y' agrees in 40.000 % of 5 rows, less than 99 %",
                                             "top-1 accuracy drops by 60.000 points, more than 0.5"));
  const auto lenient = judge(*result, {0.4, 60.0});
  EXPECT_TRUE(lenient->passed);
  EXPECT_TRUE(judge(*result, {})->passed);
}

TEST(Accuracy, FewSamplesLeaveADoubt) {
  FunctionModel reference = scores();
  FunctionModel other = scores([](std::vector<float>& values) {
    for (float& value : values) value = value == 5.0F ? 3.0F : value;
  });
  const auto result = measured(reference, other, five_samples());
  ASSERT_TRUE(result.has_value());
  const auto verdict = judge(*result, {std::nullopt, 0.5});
  EXPECT_TRUE(verdict->passed);
  EXPECT_THAT(verdict->doubts, ElementsAre(HasSubstr("drops by 0.000 points, and 5 samples cannot exclude 3")));
}

TEST(Accuracy, GatesWantWhatTheyJudge) {
  FunctionModel a = scores();
  FunctionModel b = scores();
  const auto result = measured(a, b, five_samples(false));
  ASSERT_TRUE(result.has_value());
  EXPECT_FALSE(result->labels.has_value());
  const auto verdict = judge(*result, {std::nullopt, 0.5});
  ASSERT_FALSE(verdict.has_value());
  EXPECT_EQ(verdict.error().code, ErrorCode::usage);
}

TEST(Accuracy, OutputsArePairedByPlaceWhereNamesDiffer) {
  FunctionModel a = scores();
  FunctionModel b = scores({}, "renamed");
  const auto result = measured(a, b, five_samples());
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_TRUE(result->outputs[0].identical);
  EXPECT_THAT(result->warnings, ElementsAre(HasSubstr("compared by their place")));
}

TEST(Accuracy, LabelsBeyondTheClassesAreAnError) {
  FunctionModel a = scores();
  FunctionModel b = scores();
  AccuracyOptions options;
  options.class_axis = 0;  // two of a batch
  const auto result = measured(a, b, five_samples(), options);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_FALSE(result->labels.has_value());
  EXPECT_THAT(result->warnings, ElementsAre(HasSubstr("no output has a row of classes for each sample")));
}

TEST(Accuracy, RandomSamplesAreSaidToBeRandom) {
  FunctionModel a = scores();
  FunctionModel b = scores();
  const auto result = measured(a, b, DataSet::random(a.inputs(), 6, 1));
  ASSERT_TRUE(result.has_value());
  EXPECT_TRUE(result->random_data);
  EXPECT_THAT(result->warnings, ElementsAre(HasSubstr("the samples are random")));
}

TEST(Accuracy, CanBeStopped) {
  FunctionModel a = scores();
  FunctionModel b = scores();
  NoProgress progress;
  StopFlag stop;
  stop.request();
  const auto result = measure_accuracy(a, b, five_samples(), {}, progress, stop);
  ASSERT_TRUE(result.has_value());
  EXPECT_TRUE(result->partial);
  EXPECT_EQ(result->samples, 0U);
}

TEST(Accuracy, ModelsHaveToFitEachOther) {
  FunctionModel a = scores();
  FunctionModel one_at_once({desc("x", {1, 3})}, {desc("y", {1, 3})}, {});
  const auto batches = measured(a, one_at_once, five_samples());
  ASSERT_FALSE(batches.has_value());
  EXPECT_EQ(batches.error().message, "the models run batches of 2 and 1");
  FunctionModel others({desc("x", {2, 3})}, {desc("p", {2, 3}), desc("q", {2, 3})}, {});
  const auto outputs = measured(a, others, five_samples());
  ASSERT_FALSE(outputs.has_value());
  EXPECT_EQ(outputs.error().message, "the models have no output of the same name, and 1 and 2 outputs");
}

}  // namespace
}  // namespace trtprof
