#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/model/graph.h"

namespace trtprof {
namespace {

using testing::HasSubstr;
using Shape = std::vector<std::int64_t>;

Dimension fixed(std::int64_t value) {
  return {value, ""};
}
Dimension open(std::string symbol = "") {
  return {std::nullopt, std::move(symbol)};
}

ValueInfo input(std::string name, std::optional<std::vector<Dimension>> shape) {
  return {std::move(name), ElementType::f32, std::move(shape)};
}

Graph graph_of(std::vector<ValueInfo> inputs) {
  Graph graph;
  graph.inputs = std::move(inputs);
  return graph;
}

Graph detector() {
  return graph_of({input("x", {{open(), fixed(3), open(), open()}})});
}

Error error_of(const Graph& graph, const ShapeRequest& request) {
  const auto bound = bind_shapes(graph, request);
  EXPECT_FALSE(bound.has_value());
  return bound ? Error{} : bound.error();
}

TEST(ParseShapeOption, TakesNameAndDimensions) {
  EXPECT_EQ(parse_shape_option("x:1x3x224x224").value(), (std::pair<std::string, Shape>("x", {1, 3, 224, 224})));
  EXPECT_EQ(parse_shape_option("1x3").value(), (std::pair<std::string, Shape>("", {1, 3})));
  EXPECT_EQ(parse_shape_option("7").value(), (std::pair<std::string, Shape>("", {7})));
  EXPECT_EQ(parse_shape_option("scale:").value(), (std::pair<std::string, Shape>("scale", {})));
}

TEST(ParseShapeOption, SeparatesAtTheLastColon) {
  EXPECT_EQ(parse_shape_option("input:0:1x3").value(), (std::pair<std::string, Shape>("input:0", {1, 3})));
}

TEST(ParseShapeOption, RefusesWhatIsNoShape) {
  for (const char* text : {"", ":1x3", "x:1x", "x:x3", "x:1xx3", "x:1,3", "x:1x3 ", "x:axb", "name", "x:1x0", "x:-1x3",
                           "x:1x+3", "x:1x99999999999999999999", "x:1.5", "x:1X3"}) {
    const auto parsed = parse_shape_option(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::usage) << text;
    EXPECT_THAT(parsed.error().message, HasSubstr("--shape")) << text;
  }
  EXPECT_THAT(parse_shape_option("x:1x0").error().message, HasSubstr("at least 1"));
  EXPECT_THAT(parse_shape_option("x:1x99999999999999999999").error().message, HasSubstr("too large"));
}

TEST(BindShapes, FixedModelNeedsNothing) {
  const Graph graph = graph_of({input("a", {{fixed(1), fixed(3)}}), input("s", std::vector<Dimension>{})});
  EXPECT_EQ(bind_shapes(graph, {}).value(), (BoundShapes{{"a", {1, 3}}, {"s", {}}}));
  EXPECT_EQ(bind_shapes(graph_of({}), {}).value(), BoundShapes{});
}

TEST(BindShapes, OnlyInputNeedsNoName) {
  EXPECT_EQ(bind_shapes(detector(), {{{"", {2, 3, 32, 64}}}, {}}).value(), (BoundShapes{{"x", {2, 3, 32, 64}}}));
  const Graph two = graph_of({input("a", {{open()}}), input("b", {{open()}})});
  EXPECT_THAT(error_of(two, {{{"", {1}}}, {}}).message, HasSubstr("2 inputs: a: f32 [?]; b: f32 [?]"));
}

TEST(BindShapes, SameInputTwiceIsAContradiction) {
  EXPECT_THAT(error_of(detector(), {{{"", {1, 3, 8, 8}}, {"x", {1, 3, 8, 8}}}, {}}).message, HasSubstr("twice"));
}

TEST(BindShapes, UnknownNameGetsTheNearest) {
  const Graph graph = graph_of({input("images", {{open()}}), input("mask", {{open()}})});
  const Error error = error_of(graph, {{{"image", {1}}}, {}});
  EXPECT_EQ(error.code, ErrorCode::usage);
  EXPECT_THAT(error.message, HasSubstr("no input named 'image'"));
  EXPECT_THAT(error.message, HasSubstr("mask: f32 [?]"));
  EXPECT_EQ(error.hint, "did you mean 'images'?");
  EXPECT_EQ(error_of(graph, {{{"something else", {1}}}, {}}).hint, "");
  EXPECT_THAT(error_of(graph_of({}), {{{"x", {1}}}, {}}).message, HasSubstr("no inputs"));
}

TEST(BindShapes, ContradictionsNameWhatIsContradicted) {
  EXPECT_THAT(error_of(detector(), {{{"x", {1, 3, 8}}}, {}}).message, HasSubstr("has 3 dimensions, the model wants 4"));
  EXPECT_THAT(error_of(detector(), {{{"x", {1, 4, 8, 8}}}, {}}).message,
              HasSubstr("dimension 1 of x: f32 [?, 3, ?, ?] is fixed at 3"));
  EXPECT_THAT(error_of(detector(), {{{"x", {0, 3, 8, 8}}}, {}}).message, HasSubstr("at least 1"));
  EXPECT_THAT(error_of(detector(), {{{"x", {2, 3, 8, 8}}}, 4}).message, HasSubstr("--batch 4 contradicts --shape"));
  EXPECT_THAT(error_of(detector(), {{}, 0}).message, HasSubstr("--batch 0"));
  const Graph fixed_batch = graph_of({input("x", {{fixed(1), fixed(3)}})});
  EXPECT_THAT(error_of(fixed_batch, {{}, 8}).message, HasSubstr("leading dimension of x: f32 [1, 3] is fixed at 1"));
  EXPECT_TRUE(bind_shapes(fixed_batch, {{}, 1}).has_value());
}

TEST(BindShapes, BatchLeavesFixedTablesAlone) {
  const Graph graph = graph_of({input("x", {{open("batch"), fixed(3)}}), input("state", {{fixed(2), open("batch")}}),
                                input("rate", std::vector<Dimension>{})});
  EXPECT_EQ(bind_shapes(graph, {{}, 8}).value(), (BoundShapes{{"x", {8, 3}}, {"state", {2, 8}}, {"rate", {}}}));
}

TEST(BindShapes, SymbolsHoldForAllInputs) {
  const Graph graph =
      graph_of({input("ids", {{open("batch"), open("seq")}}), input("mask", {{open("batch"), open("seq")}})});
  EXPECT_EQ(bind_shapes(graph, {{{"mask", {2, 77}}}, {}}).value(), (BoundShapes{{"ids", {2, 77}}, {"mask", {2, 77}}}));
  const Error error = error_of(graph, {{{"ids", {2, 77}}, {"mask", {2, 64}}}, {}});
  EXPECT_THAT(error.message, HasSubstr("dimension 'seq' cannot be both 77 (input ids) and 64 (input mask)"));
}

TEST(BindShapes, SymbolTwiceInOneInput) {
  const Graph square = graph_of({input("m", {{open("n"), open("n")}})});
  EXPECT_THAT(error_of(square, {{{"m", {2, 3}}}, {}}).message, HasSubstr("'n' cannot be both 2"));
}

TEST(BindShapes, ZeroInTheModelIsNothingToRun) {
  EXPECT_THAT(error_of(graph_of({input("x", {{fixed(0), fixed(3)}})}), {}).message, HasSubstr("dimension of 0"));
}

TEST(BindShapes, TooManyElements) {
  const Shape huge(5, std::int64_t{1} << 40);
  const Graph graph = graph_of({input("x", {{open(), open(), open(), open(), open()}})});
  EXPECT_THAT(error_of(graph, {{{"x", huge}}, {}}).message, HasSubstr("more elements"));
}

// The words of the hint as a shell would hand them to the program.
std::vector<std::string> words_of_hint(const std::string& hint) {
  EXPECT_EQ(hint.rfind("for example", 0), 0U) << hint;
  const auto run =
      test::run_program({"/bin/bash", "-c", "printf '%s\\0' " + hint.substr(std::string("for example").size())});
  std::vector<std::string> words;
  std::istringstream text(run.out);
  for (std::string word; std::getline(text, word, '\0');) words.push_back(word);
  return words;
}

// Feeds the example that an error gives back, together with what was asked for before.
void expect_example_binds(const Graph& graph, ShapeRequest request = {}) {
  const Error error = error_of(graph, request);
  EXPECT_EQ(error.code, ErrorCode::usage);
  const auto words = words_of_hint(error.hint);
  ASSERT_GE(words.size(), 2U) << error.hint;
  for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
    EXPECT_EQ(words[i], "--shape");
    const auto parsed = parse_shape_option(words[i + 1]);
    ASSERT_TRUE(parsed.has_value()) << words[i + 1];
    request.by_input.insert(*parsed);
  }
  const auto bound = bind_shapes(graph, request);
  ASSERT_TRUE(bound.has_value()) << error.hint << ": " << bound.error().message;
  EXPECT_EQ(bound->size(), graph.inputs.size());
}

TEST(BindShapes, ExampleInTheHintWorks) {
  expect_example_binds(detector());
  expect_example_binds(detector(), {{}, 8});
  expect_example_binds(graph_of({input("unranked", std::nullopt)}));
  expect_example_binds(graph_of({input("unranked", std::nullopt)}), {{}, 4});
  expect_example_binds(graph_of({input("ids", {{open("n"), open("s")}}), input("mask", {{open("n"), open("s")}}),
                                 input("past", {{open("n"), fixed(12), open("p"), fixed(64)}})}));
  expect_example_binds(graph_of({input("a", {{open("n"), open("s")}}), input("b", {{open("s"), open("n")}})}));
  expect_example_binds(graph_of({input("a", {{open("n"), open("s")}}), input("b", {{open("s"), open("t")}})}),
                       {{{"a", {5, 6}}}, {}});
}

TEST(BindShapes, ExampleSurvivesTheShellWhateverTheNames) {
  for (const char* name : {"input:0", "my input", "it's", "$(reboot)", "a\nb", "tab\tand\\", "\xe8\xbe\x93\xe5\x85\xa5",
                           "\xff\xfe", "`x`;&|", "-x", "\"quoted\"", "a\x1b'[2J"}) {
    expect_example_binds(graph_of({input(name, {{open(), fixed(3)}})}));
  }
}

TEST(BindShapes, OpenDimensionsListTheInputs) {
  const Graph graph = graph_of({input("x", {{open(), fixed(3), open(), open()}}), input("k", {{fixed(4)}})});
  const Error error = error_of(graph, {});
  EXPECT_EQ(error.code, ErrorCode::usage);
  EXPECT_EQ(error.message, "the model leaves input dimensions open, give them with --shape: x: f32 [?, 3, ?, ?]");
  EXPECT_EQ(error.hint, "for example --shape x:1x3x224x224");
}

}  // namespace
}  // namespace trtprof
