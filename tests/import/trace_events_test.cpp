#include "trtprof/import/trace_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace trtprof::test {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(CompleteEvent, IsReadWhoeverQuotesItsNumbers) {
  const auto event = complete_event(
      json::parse(R"({"ph": "X", "cat": "c", "name": "n", "pid": "CPU", "tid": 3, "ts": "1.5", "dur": 2})"), 1);
  ASSERT_TRUE(event);
  ASSERT_TRUE(*event);
  EXPECT_EQ((*event)->thread, "CPU/3");
  EXPECT_EQ((*event)->start, 1.5);
  EXPECT_EQ((*event)->duration, 2.0);
}

TEST(CompleteEvent, OthersAreNone) {
  const auto event = complete_event(json::parse(R"({"ph": "M", "name": "process_name"})"), 1);
  ASSERT_TRUE(event);
  EXPECT_FALSE(*event);
}

TEST(CompleteEvent, NamesWhatItRefuses) {
  EXPECT_THAT(complete_event(json::parse("[1]"), 7).error().message, HasSubstr("event 7 is no object"));
  const std::string name(std::size_t{2} << 20, 'x');
  EXPECT_THAT(complete_event(json{{"ph", "X"}, {"name", name}, {"ts", 1}, {"dur", 1}}, 7).error().message,
              HasSubstr("the name of event 7 has 2097152 bytes"));
  EXPECT_THAT(complete_event(json{{"ph", "X"}, {"name", "n"}, {"ts", "soon"}, {"dur", 1}}, 7).error().message,
              HasSubstr("\"soon\""));
}

TEST(Parents, AreTheInnermostOfTheirThread) {
  const std::vector<TraceSpan> spans = {{0, 0, 100}, {0, 10, 50}, {0, 20, 5}, {0, 70, 5}, {1, 20, 5}, {0, 100, 5}};
  EXPECT_THAT(parents(spans, in_order(spans)), ElementsAre(kNoParent, 0, 1, 0, kNoParent, kNoParent));
}

TEST(Parents, OfTwoThatBeginTogetherTheLongerHoldsTheShorter) {
  const std::vector<TraceSpan> spans = {{0, 0, 5}, {0, 0, 10}};
  EXPECT_THAT(parents(spans, in_order(spans)), ElementsAre(1, kNoParent));
}

TEST(UniqueNames, AreNumberedWhereTheyComeAgain) {
  std::vector<Layer> layers(4);
  layers[0].name = layers[2].name = "a";
  layers[1].name = "a #1";
  layers[3].name = "b";
  make_names_unique(layers);
  std::vector<std::string> names;
  for (const Layer& layer : layers) names.push_back(layer.name);
  EXPECT_THAT(names, ElementsAre("a #2", "a #1", "a #3", "b"));
}

TEST(ElementTypes, HaveOneSpelling) {
  EXPECT_EQ(element_type_of("c10::Half"), "f16");
  EXPECT_EQ(element_type_of("BF16"), "bf16");
  EXPECT_EQ(element_type_of("long int"), "i64");
  EXPECT_EQ(element_type_of("float8e4m3fn"), "float8e4m3fn");
}

TEST(Depthwise, IsToldByTheWeights) {
  const auto inputs = [](std::vector<std::int64_t> data, std::vector<std::int64_t> weights) {
    std::vector<TensorDesc> tensors(2);
    tensors[0].shape = std::move(data);
    tensors[1].shape = std::move(weights);
    return tensors;
  };
  EXPECT_TRUE(is_depthwise_convolution(inputs({1, 16, 8, 8}, {16, 1, 3, 3})));
  EXPECT_FALSE(is_depthwise_convolution(inputs({1, 16, 8, 8}, {32, 16, 3, 3})));
  EXPECT_FALSE(is_depthwise_convolution(inputs({1, 1, 8, 8}, {16, 1, 3, 3})));
  EXPECT_FALSE(is_depthwise_convolution({}));
}

TEST(TraceEvents, ADimensionThatIsNegativeIsNotKnown) {
  EXPECT_EQ(dimensions(nlohmann::json::parse("[1, -9, 3, -1]")), (std::vector<std::int64_t>{1, -1, 3, -1}));
  EXPECT_EQ(dimensions(nlohmann::json::parse("[1, 2.5]")), std::nullopt);
  EXPECT_EQ(dimensions(nlohmann::json::parse("{}")), std::nullopt);
}

}  // namespace
}  // namespace trtprof::test
