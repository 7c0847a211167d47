#include "loop_commands.h"

#include <algorithm>
#include <filesystem>
#include <variant>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command_line.h"
#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/model/onnx_model.h"

namespace trtprof::cli {
namespace {

using test::kSourceDir;

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

Settings loop_settings(const std::vector<std::string>& more) {
  std::vector<std::string> words = {"optimize", "m.onnx", "-o", "o.onnx", "--budget", "40s"};
  words.insert(words.end(), more.begin(), more.end());
  auto parsed = parse_command_line(words);
  if (!parsed) {
    ADD_FAILURE() << parsed.error().message;
    return {};
  }
  return std::get<Settings>(*std::move(parsed));
}

Recipe recipe_of(const RecipeChange& change) {
  return apply_change({}, change);
}
const Recipe kPasses = recipe_of({.graph = {{"--passes", "3"}}});
const Recipe kHalf = recipe_of({.precision = {{"--precision", "f16"}}});
const Recipe kInt8 = recipe_of({.precision = {{"--precision", "int8", "--no-quantize-depthwise"}}});
const Recipe kSearching = recipe_of(
    {.precision = {{"--precision", "int8", "--auto-keep", "--sensitivity-budget", "10s", "--max-drop", "1"}}});

// What `optimize` would refuse of a candidate that has no use for it is left out; the others get it.
TEST(LoopCommands, OptionsForInt8HoldForEveryCandidateThatIsInt8) {
  for (const std::vector<std::string>& option :
       std::vector<std::vector<std::string>>{{"--calibration", "entropy"},
                                             {"--calibration", "percentile", "--percentile=99.9"},
                                             {"--calibration-data", "c.npz"},
                                             {"--calibration-samples", "8"},
                                             {"--calibration-cache", "c.json"},
                                             {"--calibration-cache", "c.json", "--force-calibration-cache"},
                                             {"--no-equalization"},
                                             {"--no-bias-correction"},
                                             {"--no-quantize-depthwise"},
                                             {"--unsigned-activations"},
                                             {"--sensitivity-budget", "20s"},
                                             {"--sensitivity-samples", "4"},
                                             {"--preprocess", "p.json", "--calibration-data", "images"}}) {
    const Settings settings = loop_settings(option);
    for (const Recipe& recipe : {kPasses, kHalf, kInt8, kSearching}) {
      const auto words = make_command(settings, recipe, "w.onnx");
      const auto parsed = parse_command_line(words);
      EXPECT_TRUE(parsed.has_value()) << option.front() << ": " << parsed.error().message;
    }
    const auto searching = make_command(settings, kSearching, "w.onnx");
    EXPECT_THAT(searching, Contains(option.front()));
  }
  const Settings settings = loop_settings({"--calibration", "entropy", "--sensitivity-samples", "4", "--data", "d.npz",
                                           "--preprocess", "p.json", "--keep-node", "a"});
  EXPECT_THAT(make_command(settings, kHalf, "w.onnx"),
              AllOf(Not(Contains("--calibration")), Not(Contains("entropy")), Not(Contains("--sensitivity-samples")),
                    Contains("--preprocess"), Contains("--keep-node")));
  EXPECT_THAT(make_command(settings, kInt8, "w.onnx"), AllOf(Contains("entropy"), Not(Contains("4"))));
}

TEST(LoopCommands, WhatARecipeSaysTakesThePlaceOfWhatHoldsForAll) {
  const Settings settings = loop_settings({"--sensitivity-budget=20s", "--max-drop", "5", "--data", "d.npz"});
  const auto words = make_command(settings, kSearching, "w.onnx");
  EXPECT_THAT(words, AllOf(Contains("10s"), Not(Contains("--sensitivity-budget=20s"))));
  EXPECT_EQ(std::ranges::count(words, "--max-drop"), 1);
}

// The shapes of data or of --shape, in the batch of the candidate: --batch beside them would contradict them.
TEST(LoopCommands, ALargerBatchIsSaidInTheShapes) {
  const std::string model = std::string(kSourceDir) + "/models/digits/mobilenetv2_digits.onnx";
  const Recipe larger = recipe_of({.run = {{"--batch", "64"}}});
  for (const std::string name : {"image:", ""}) {
    Settings settings = loop_settings({"--shape", name + "16x1x32x32"});
    settings.operands = {model};
    for (const auto& [recipe, shape] : {std::pair(kPasses, "16x1x32x32"), {larger, "64x1x32x32"}}) {
      const auto options = launch_options(settings, recipe);
      ASSERT_TRUE(options.has_value()) << options.error().message;
      EXPECT_THAT(*options, Contains(name + shape));
      std::vector<std::string> words = {"profile", model};
      words.insert(words.end(), options->begin(), options->end());
      const auto launched = parse_command_line(words);
      ASSERT_TRUE(launched.has_value()) << launched.error().message;
      const auto bound = bind_shapes(OnnxModel::load(model)->graph(), std::get<Settings>(*launched).shapes);
      ASSERT_TRUE(bound.has_value()) << bound.error().message;
    }
    const auto script = winner_script(settings, {larger, model, "o.onnx", "", false});
    ASSERT_TRUE(script.has_value());
    EXPECT_THAT(*script, AllOf(HasSubstr("64x1x32x32"), Not(HasSubstr("16x1x32x32"))));
  }
}

// Files are found from anywhere, however they were written; names are the shell's and not echo's.
TEST(LoopCommands, TheScriptRunsFromAnywhere) {
  const auto folder = TemporaryFolder::create("trtprof-loop-commands").value();
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  ASSERT_TRUE(write_file("d.npz", "data").has_value());
  ASSERT_TRUE(write_file("n\\new.onnx", "model").has_value());
  for (const std::vector<std::string>& data : {std::vector<std::string>{"--data=d.npz"}, {"--data", "d.npz"}}) {
    const auto script = winner_script(loop_settings(data), {kPasses, "m.onnx", "o.onnx", "", false});
    EXPECT_THAT(*script, HasSubstr((folder.path() / "d.npz").string()));
  }
  const std::string hash = sha256_of("model");
  const auto script = winner_script(loop_settings({}), {{}, "n\\new.onnx", "n\\copy.onnx", hash, false});
  ASSERT_TRUE(write_file("s.sh", *script).has_value());
  const auto run = test::run_program({"/bin/sh", "s.sh"});
  std::filesystem::current_path(before);
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
}

TEST(LoopCommands, TheScriptSaysWhatIsBetter) {
  const Recipe larger = recipe_of({.run = {{"--batch", "16"}}});
  EXPECT_THAT(*winner_script(loop_settings({}), {larger, "m.onnx", "o.onnx", "a", false}),
              AllOf(HasSubstr("how it is run"), HasSubstr("--batch 16"), Not(HasSubstr("no other model"))));
  EXPECT_THAT(*winner_script(loop_settings({}), {{}, "m.onnx", "o.onnx", "a", false}), HasSubstr("no other model"));
}

}  // namespace
}  // namespace trtprof::cli
