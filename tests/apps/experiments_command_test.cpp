// `optimize --experiments` where nothing is copied: what is tried there, and what is not.
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
  bool said = false;
  for (const json& none : found["none"]) said = said || none["rule"] == "transfers";
  EXPECT_TRUE(said);
  // Whether the runtime's share of so small a model is a finding is the machine's affair; if it is, both were launched.
  for (const json& result : found["results"]) {
    EXPECT_EQ(result["rule"], "host-bound");
    EXPECT_EQ(result["launches_a"], 2);
    EXPECT_EQ(result["launches_b"], 2);
    EXPECT_GT(result["seconds_a"].get<double>(), 0.0);
  }
}

}  // namespace
}  // namespace trtprof::test
