#include "build_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/engine_fixture.h"

namespace trtprof::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Shape = std::vector<std::int64_t>;

// x: [batch, 3, size, size], y: [4]
Graph graph() {
  const Dimension batch{std::nullopt, "batch"};
  const Dimension size{std::nullopt, "size"};
  Graph result;
  result.inputs = {{"x", ElementType::f32, std::vector<Dimension>{batch, {3, ""}, size, size}},
                   {"y", ElementType::f32, std::vector<Dimension>{{4, ""}}}};
  return result;
}

Result<std::vector<ShapeProfile>> profiles_of(const Settings& settings, const Graph& of = graph()) {
  return make_profiles(settings, of);
}

TEST(BuildRequest, AFixedShapeIsAllThree) {
  Settings settings;
  settings.shapes.by_input["x"] = {2, 3, 8, 8};
  const auto profiles = profiles_of(settings);
  ASSERT_TRUE(profiles) << profiles.error().message;
  EXPECT_EQ(*profiles, (std::vector<ShapeProfile>{{{"x", {{2, 3, 8, 8}, {2, 3, 8, 8}, {2, 3, 8, 8}}}}}));
}

TEST(BuildRequest, ARangeIsMinOptMax) {
  Settings settings;
  settings.build.min_shapes.by_input["x"] = {1, 3, 8, 8};
  settings.build.opt_shapes.by_input["x"] = {4, 3, 16, 16};
  settings.build.max_shapes.by_input["x"] = {8, 3, 32, 32};
  EXPECT_EQ(profiles_of(settings)->front().at("x"), (ShapeRange{{1, 3, 8, 8}, {4, 3, 16, 16}, {8, 3, 32, 32}}));
}

TEST(BuildRequest, WhatIsLeftOutIsOptAndOptIsMax) {
  Settings settings;
  settings.build.min_shapes.by_input["x"] = {1, 3, 8, 8};
  settings.build.max_shapes.by_input["x"] = {8, 3, 8, 8};
  EXPECT_EQ(profiles_of(settings)->front().at("x"), (ShapeRange{{1, 3, 8, 8}, {8, 3, 8, 8}, {8, 3, 8, 8}}));
  settings.build.max_shapes = {};
  EXPECT_THAT(profiles_of(settings).error().message, HasSubstr("--min-shape of input 'x' needs"));
  settings.build.min_shapes = {};
  settings.build.opt_shapes.by_input["x"] = {2, 3, 8, 8};
  EXPECT_EQ(profiles_of(settings)->front().at("x"), (ShapeRange{{2, 3, 8, 8}, {2, 3, 8, 8}, {2, 3, 8, 8}}));
}

TEST(BuildRequest, AnUnnamedShapeIsThatOfTheOnlyInput) {
  Graph one = graph();
  one.inputs.pop_back();
  Settings settings;
  settings.build.min_shapes.by_input[""] = {1, 3, 8, 8};
  settings.build.max_shapes.by_input["x"] = {8, 3, 8, 8};
  EXPECT_EQ(profiles_of(settings, one)->front().at("x"), (ShapeRange{{1, 3, 8, 8}, {8, 3, 8, 8}, {8, 3, 8, 8}}));
}

// As above, and sizes: int64[2], which reaches Resize.
Graph graph_with_sizes() {
  Graph result = graph();
  result.inputs.push_back({"sizes", ElementType::i64, std::vector<Dimension>{{2, ""}}});
  GraphNode& resize = result.nodes.emplace_back();
  resize.op_type = "Resize";
  resize.inputs = {"x", "", "", "sizes"};
  resize.outputs = {"z"};
  return result;
}

TEST(BuildRequest, AnInputThatHoldsAShapeGetsARangeOfValues) {
  Settings settings;
  settings.shapes.by_input["x"] = {2, 3, 8, 8};
  settings.build.min_shapes.by_input["sizes"] = {4, 8};
  settings.build.opt_shapes.by_input["sizes"] = {16, 16};
  settings.build.max_shapes.by_input["sizes"] = {64, 32};
  const auto profiles = profiles_of(settings, graph_with_sizes());
  ASSERT_TRUE(profiles) << profiles.error().message;
  EXPECT_EQ(profiles->front().at("sizes"), (ShapeRange{{4, 8}, {16, 16}, {64, 32}, true}));
  EXPECT_EQ(profiles->front().at("x"), (ShapeRange{{2, 3, 8, 8}, {2, 3, 8, 8}, {2, 3, 8, 8}}));

  settings.build.opt_shapes = {};
  settings.build.min_shapes = {};
  EXPECT_EQ(profiles_of(settings, graph_with_sizes())->front().at("sizes"),
            (ShapeRange{{64, 32}, {64, 32}, {64, 32}, true}));
  settings.build.min_shapes.by_input["sizes"] = {65, 1};
  EXPECT_THAT(profiles_of(settings, graph_with_sizes()).error().message,
              HasSubstr("the values of input 'sizes' are no range: min 65x1"));
  settings.build.min_shapes.by_input["sizes"] = {1, 1, 1};
  EXPECT_THAT(profiles_of(settings, graph_with_sizes()).error().message,
              HasSubstr("'sizes' holds a shape of 2 values, not 1x1x1"));
}

TEST(BuildRequest, WhatIsNoRangeIsRefused) {
  Settings settings;
  settings.build.min_shapes.by_input["x"] = {9, 3, 8, 8};
  settings.build.max_shapes.by_input["x"] = {8, 3, 8, 8};
  EXPECT_THAT(profiles_of(settings).error().message, HasSubstr("no range: min 9x3x8x8, opt 8x3x8x8"));
  settings.build.min_shapes.by_input["x"] = {1, 5, 8, 8};
  EXPECT_EQ(profiles_of(settings).error().code, ErrorCode::usage);
  EXPECT_THAT(profiles_of(Settings{}).error().hint, HasSubstr("--shape x:"));
}

TEST(BuildRequest, AModelWithoutOpenDimensionsHasNoProfile) {
  Graph fixed = graph();
  fixed.inputs.erase(fixed.inputs.begin());
  EXPECT_THAT(*profiles_of(Settings{}, fixed), IsEmpty());
  Settings settings;
  settings.shapes.by_input["y"] = {5};
  EXPECT_EQ(profiles_of(settings, fixed).error().code, ErrorCode::usage);
}

TEST(BuildRequest, TheTimingCacheLiesBesideTheEngineUnderTheLibrarysVersion) {
  test::ScriptedBuilder backend;
  Settings settings;
  EXPECT_EQ(timing_cache_of(settings, backend, "out/m.engine"), "out/tensorrt-10.6.0.26.timing_cache");
  settings.build.no_timing_cache = true;
  EXPECT_EQ(timing_cache_of(settings, backend, "out/m.engine"), "");
  settings.build.timing_cache = "mine";
  EXPECT_EQ(timing_cache_of(settings, backend, "out/m.engine"), "mine");
}

}  // namespace
}  // namespace trtprof::cli
