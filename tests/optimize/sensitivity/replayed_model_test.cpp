#include "trtprof/optimize/sensitivity/replayed_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/accuracy/function_model.h"

namespace trtprof::test {
namespace {

using ::testing::ElementsAre;

TensorDesc desc(const std::string& name) {
  TensorDesc result;
  result.name = name;
  result.element_type = "f32";
  result.shape = {1, 2};
  return result;
}

struct Replayed {
  FunctionModel* runs;
  ReplayedModel model;
};

// Doubles what it gets.
Replayed replayed(std::uint64_t bytes) {
  auto model =
      std::make_unique<FunctionModel>(std::vector{desc("x")}, std::vector{desc("y")}, [](const Tensors& inputs) {
        std::vector<float> values = f32_values(inputs.at("x"));
        for (float& value : values) value *= 2.0F;
        return Tensors{{"y", f32({1, 2}, values)}};
      });
  FunctionModel* runs = model.get();
  return {runs, ReplayedModel(std::move(model), bytes)};
}

std::vector<float> run(ReplayedModel& model, float value) {
  EXPECT_TRUE(model.set_input("x", f32({1, 2}, {value, value})).has_value());
  EXPECT_TRUE(model.run_once().has_value());
  return f32_values(model.output("y").value());
}

TEST(ReplayedModel, RunsOnce) {
  Replayed replay = replayed(1000);
  for (int round = 0; round < 3; ++round) {
    replay.model.rewind();
    EXPECT_THAT(run(replay.model, 1.0F), ElementsAre(2.0F, 2.0F));
    EXPECT_THAT(run(replay.model, 3.0F), ElementsAre(6.0F, 6.0F));
  }
  EXPECT_EQ(replay.runs->runs, 2);
}

TEST(ReplayedModel, GoesOnBehindAShorterPass) {
  Replayed replay = replayed(1000);
  EXPECT_THAT(run(replay.model, 1.0F), ElementsAre(2.0F, 2.0F));
  replay.model.rewind();
  EXPECT_THAT(run(replay.model, 1.0F), ElementsAre(2.0F, 2.0F));
  EXPECT_THAT(run(replay.model, 5.0F), ElementsAre(10.0F, 10.0F));
  EXPECT_EQ(replay.runs->runs, 2);
}

// The outputs of a run are 8 bytes.
TEST(ReplayedModel, RunsAgainWhatHasNoPlace) {
  Replayed replay = replayed(10);
  for (int round = 0; round < 2; ++round) {
    replay.model.rewind();
    EXPECT_THAT(run(replay.model, 1.0F), ElementsAre(2.0F, 2.0F));
    EXPECT_THAT(run(replay.model, 3.0F), ElementsAre(6.0F, 6.0F));
    EXPECT_THAT(run(replay.model, 4.0F), ElementsAre(8.0F, 8.0F));
  }
  EXPECT_EQ(replay.runs->runs, 5);
}

TEST(ReplayedModel, HasNoOtherOutputs) {
  Replayed replay = replayed(1000);
  run(replay.model, 1.0F);
  EXPECT_FALSE(replay.model.output("z").has_value());
}

}  // namespace
}  // namespace trtprof::test
