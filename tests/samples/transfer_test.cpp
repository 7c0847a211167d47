#include <gtest/gtest.h>

#include "samples/sample_facts.h"

namespace trtprof {
namespace {

using test::facts_of;

TEST(Transfer, IsOneAdditionPerValue) {
  const test::SampleFacts facts = facts_of("transfer");
  EXPECT_EQ(facts.operators, (std::map<std::string, int>{{"Add", 1}}));
  EXPECT_EQ(facts.macs, 0.0);
  EXPECT_EQ(facts.operators_of_unknown_cost, 0);
}

TEST(Transfer, ResolutionAndBatchAreItsSize) {
  const auto dims = [](const SampleOptions& options) {
    const Graph graph = make_sample("transfer", options).value().graph();
    EXPECT_EQ(graph.inputs.at(0).shape, graph.outputs.at(0).shape);
    std::vector<std::int64_t> values;
    for (const Dimension& dimension : graph.inputs.at(0).shape.value()) values.push_back(dimension.value.value_or(-1));
    return values;
  };
  EXPECT_EQ(dims({}), (std::vector<std::int64_t>{1, 3, 2048, 2048}));  // 50 MB
  EXPECT_EQ(dims({.resolution = 7, .batch = 5}), (std::vector<std::int64_t>{5, 3, 7, 7}));
  EXPECT_EQ(dims({.resolution = 1, .batch = std::nullopt}), (std::vector<std::int64_t>{-1, 3, 1, 1}));
}

TEST(Transfer, ComputesSomething) {
  const test::SampleRun run = test::run_sample("transfer", {.resolution = 64}, test::Folded::ignore);
  test::expect_scales(run, {}, {0.9, 3.0});
  test::expect_discerning(run, 0.9);
}

}  // namespace
}  // namespace trtprof
