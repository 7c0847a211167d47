// `optimize --experiments` where nothing is copied: what is tried there, and what is not.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"

namespace trtprof::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

TEST(ExperimentsCommand, OnACpuSaysWhyCopiesAreNotTried) {
  const auto folder = TemporaryFolder::create("trtprof-experiments").value();
  const std::string document = (folder.path() / "o.json").string();
  const ProgramResult run =
      run_tensorrt_profiling({"optimize", std::string(kSourceDir) + "/models/digits/mobilenetv2_digits.onnx", "--batch",
                              "1", "--no-check", "--experiments", "--backend", "openvino", "--iterations", "20",
                              "--warmup", "2", "--launches", "2", "--json", document});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("\nExperiments\n"));
  EXPECT_THAT(run.out, HasSubstr("nothing is copied to a device"));
  const json found = json::parse(read_file(document).value())["experiments"];
  EXPECT_EQ(found["launches"], 2);
  EXPECT_TRUE(std::ranges::any_of(found["none"], [](const json& none) { return none["rule"] == "transfers"; }));
  // Whether the runtime's share of so small a model is a finding is the machine's affair; if it is, both were launched.
  for (const json& result : found["results"]) {
    EXPECT_EQ(result["rule"], "host-bound");
    EXPECT_EQ(result["launches_a"], 2);
    EXPECT_EQ(result["launches_b"], 2);
    EXPECT_GT(result["seconds_a"].get<double>(), 0.0);
  }
}

// On a module without a GPU, whose times depend on how it is launched: pageable copies take five times as long.
TEST(ExperimentsCommand, OnAGpuCopiesAndLaunchesAreTried) {
  const auto folder = TemporaryFolder::create("trtprof-experiments").value();
  const auto path = [&](const std::string& name) { return (folder.path() / name).string(); };
  ASSERT_EQ(run_tensorrt_profiling({"sample", "transfer", "-o", path("t.onnx")}).exit_code, 0);
  const ProgramResult run =
      run_tensorrt_profiling({"optimize", path("t.onnx"), "--no-check", "--experiments", "--backend", "tensorrt-rtx",
                              "--iterations", "30", "--warmup", "2", "--launches", "3", "--json", path("o.json")},
                             {.environment = {{"TRTPROF_BACKEND_PATH", kFakeEngines},
                                              {"TRTPROF_CACHE_DIR", path("cache")},
                                              {"TRTPROF_FAKE_LAUNCH", "1"}}});
  ASSERT_EQ(run.exit_code, 0) << run.err << run.out;
  const json found = json::parse(read_file(path("o.json")).value())["experiments"];
  const auto result_of = [&](const std::string& rule, const json& a, const json& b) {
    for (const json& result : found["results"]) {
      if (result["rule"] == rule && result["options_a"] == a && result["options_b"] == b) return result;
    }
    ADD_FAILURE() << "no experiment of " << rule << " from " << a << " to " << b << "\n" << run.out;
    return json::object();
  };
  // 1 ms of compute, 2.5 ms of blocking copies; beside each other 1 ms.
  const json copies = result_of("transfers", {"--pageable", "--sync-transfers"}, json::array());
  EXPECT_EQ(copies["figure"], "pace");
  EXPECT_EQ(copies["proof"], "PROVEN") << copies.dump(1);
  EXPECT_NEAR(copies["seconds_a"].get<double>(), 2.5e-3, 1e-6);
  EXPECT_NEAR(copies["seconds_b"].get<double>(), 1e-3, 1e-6);
  EXPECT_NEAR(copies["copies_a"]["share"].get<double>(), 0.6, 1e-3);
  EXPECT_NEAR(copies["copies_b"]["seconds"].get<double>(), 3e-4, 1e-6);
  const json graph = result_of("launch-bound", {"--no-graph"}, json::array());
  EXPECT_EQ(graph["figure"], "compute");
  EXPECT_EQ(graph["outcome"], "FASTER");
  EXPECT_NEAR(graph["saved"].get<double>(), 0.5e-3, 1e-6);
  // This program's own copies lie beside compute: there is nothing to prove of them.
  EXPECT_TRUE(std::ranges::any_of(found["none"], [](const json& none) { return none["rule"] == "transfers"; }));
}

}  // namespace
}  // namespace trtprof::test
