// `optimize --sensitivity` and `--auto-keep` on a model with labelled data.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <onnx/onnx_pb.h>

#include "support/run_program.h"
#include "test_paths.h"
#include "trtprof/base/file.h"
#include "trtprof/model/onnx_model.h"

namespace trtprof::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

const std::string kDigits = std::string(kSourceDir) + "/models/digits/mobilenetv2_digits.onnx";
const std::string kHeldOut = std::string(kSourceDir) + "/models/digits/heldout.npz";

class Sensitivity : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  [[nodiscard]] json document() const { return json::parse(read_file(path("o.json")).value()); }
  [[nodiscard]] ProgramResult optimize(const std::string& model, std::vector<std::string> options) const {
    options.insert(options.begin(),
                   {"optimize", model, "-o", path("o.onnx"), "--json", path("o.json"), "--no-compare"});
    return run_tensorrt_profiling(options);
  }
  // The digits' model with its scores as the logarithm of the sum of what they reach far beyond f16.
  [[nodiscard]] std::string model_with_a_bad_end() const {
    auto model = OnnxModel::load(kDigits);
    EXPECT_TRUE(model.has_value()) << model.error().message;
    onnx::GraphProto& graph = *model->mutable_proto().mutable_graph();
    auto add = [&graph](const std::string& op, const std::vector<std::string>& inputs, const std::string& output) {
      onnx::NodeProto& node = *graph.add_node();
      node.set_op_type(op);
      node.set_name(output + "_node");
      for (const std::string& input : inputs) node.add_input(input);
      node.add_output(output);
      return &node;
    };
    for (auto& node : *graph.mutable_node()) {
      if (node.output(0) == "logits") node.set_output(0, "scores");
    }
    onnx::TensorProto& shift = *graph.add_initializer();
    shift.set_name("shift");
    shift.set_data_type(onnx::TensorProto::FLOAT);
    shift.add_float_data(30.0F);
    add("Add", {"scores", "shift"}, "shifted");
    add("Exp", {"shifted"}, "exp");
    add("Transpose", {"exp"}, "turned");
    add("Log", {"turned"}, "log");
    add("Transpose", {"log"}, "logits");
    const std::string file = path("bad.onnx");
    EXPECT_TRUE(model->save(file).has_value());
    return file;
  }

  TemporaryFolder folder_ = TemporaryFolder::create("trtprof-sensitivity").value();
};

TEST_F(Sensitivity, RanksTheLayersOfAModel) {
  const ProgramResult run = optimize(kDigits, {"--precision", "bf16", "--sensitivity", "--data", kHeldOut});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("Sensitivity to bf16"));
  const json found = document()["sensitivity"];
  EXPECT_EQ(found["groups"], found["ranking"].size());
  EXPECT_EQ(found["data_samples"], 1000);
  EXPECT_EQ(found["ranking_samples"], 64);
  EXPECT_EQ(found["curve"][0]["score"]["samples"], 1000);
  EXPECT_FALSE(found.contains("search"));
  EXPECT_FALSE(found["out_of_time"].get<bool>());
  double before = 1.0;
  for (const json& group : found["ranking"]) {
    EXPECT_LE(group["score"]["error"].get<double>(), before);
    before = group["score"]["error"].get<double>();
  }
}

TEST_F(Sensitivity, LeavesOutWhatTheGateCannotBear) {
  const std::string model = model_with_a_bad_end();
  const std::vector<std::string> options = {"--precision",        "f16", "--data",     kHeldOut,
                                            "--range-inferences", "0",   "--max-drop", "0.2"};
  EXPECT_EQ(optimize(model, options).exit_code, 3) << "everything converted";
  std::vector<std::string> kept = options;
  kept.emplace_back("--auto-keep");
  const ProgramResult run = optimize(model, kept);
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("--keep-node exp_node"));
  const json search = document()["sensitivity"]["search"];
  EXPECT_TRUE(search["found"].get<bool>());
  ASSERT_EQ(search["kept"].size(), 1U);
  EXPECT_EQ(search["kept"][0]["group"], "/classifier/Gemm");
  EXPECT_TRUE(document()["accuracy"]["gates"]["passed"].get<bool>());
  EXPECT_GT(document()["precision"]["converted"].size(), 50U);

  // The options that it names do the same without looking.
  std::vector<std::string> named = options;
  for (const json& node : search["kept"][0]["nodes"]) {
    named.insert(named.end(), {"--keep-node", node.get<std::string>()});
  }
  const std::string found = read_file(path("o.onnx")).value();
  EXPECT_EQ(optimize(model, named).exit_code, 0);
  EXPECT_EQ(read_file(path("o.onnx")).value(), found);
}

TEST_F(Sensitivity, RanksWhatInt8Costs) {
  const ProgramResult run = optimize(kDigits, {"--precision", "int8", "--sensitivity", "--auto-keep", "--min-agreement",
                                               "99.9%", "--data", kHeldOut, "--samples", "300"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  const json found = document()["sensitivity"];
  EXPECT_EQ(found["precision"], "int8");
  EXPECT_GT(found["ranking"].size(), 30U);
  // A group alone loses a part of what all lose, and the first loses more than the last.
  const double all = found["curve"][0]["score"]["error"].get<double>();
  EXPECT_LT(found["ranking"].front()["score"]["error"].get<double>(), all);
  EXPECT_LT(found["ranking"].back()["score"]["error"].get<double>(), all / 10.0);
  EXPECT_TRUE(found["search"]["found"].get<bool>());
  EXPECT_TRUE(document()["accuracy"]["gates"]["passed"].get<bool>());
}

// What pruning lost is lost to the gates, too: the reference is the model that was given.
TEST_F(Sensitivity, APrunedModelIsJudgedAgainstTheGivenOne) {
  const ProgramResult run = optimize(kDigits, {"--prune-2-4", "--precision", "f16", "--auto-keep", "--max-drop", "0.5",
                                               "--data", kHeldOut, "--samples", "128"});
  EXPECT_EQ(run.exit_code, 3) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("--max-drop 0.5 not met, whatever stays in f32"));
  EXPECT_THAT(run.err, HasSubstr("the gates cannot be held in f16"));
  const json found = document()["sensitivity"];
  EXPECT_FALSE(found["search"]["found"].get<bool>());
  EXPECT_GT(found["curve"][0]["score"]["drop"].get<double>(), 0.5);
  // Alone a group is compared with the pruned model: what f16 costs it is seen beside what pruning does.
  EXPECT_LT(found["ranking"][0]["score"]["error"].get<double>(), 0.01);
  EXPECT_FALSE(document().contains("result"));
  EXPECT_FALSE(std::filesystem::exists(path("o.onnx")));
}

// The model that is searched is the one that is written: what is not INT8 is f16 in both.
TEST_F(Sensitivity, TheSearchOfInt8AndF16SeesF16) {
  const ProgramResult run = optimize(kDigits, {"--precision", "int8+f16", "--auto-keep", "--min-agreement", "90%",
                                               "--data", kHeldOut, "--samples", "256"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("Nothing has to be left out of INT8 for --min-agreement 90%"));
  EXPECT_THAT(run.out, HasSubstr("Run on: OpenVINO"));
  const json all = document();
  EXPECT_NEAR(all["sensitivity"]["search"]["score"]["sqnr"].get<double>(),
              all["accuracy"]["outputs"][0]["sqnr_db"].get<double>(), 1e-9);
  EXPECT_THAT(all["sensitivity"]["engine"].get<std::string>(), HasSubstr("OpenVINO 20"));
  EXPECT_FALSE(all["sensitivity"]["device"].get<std::string>().empty());
}

TEST_F(Sensitivity, OutOfTimeItSaysSoAndKeepsWhatItKnows) {
  const ProgramResult run =
      optimize(kDigits, {"--precision", "int8", "--sensitivity", "--auto-keep", "--min-agreement", "100",
                         "--calibration", "min-max", "--no-bias-correction", "--no-equalization", "--data", kHeldOut,
                         "--sensitivity-budget", "0.01s"});
  EXPECT_EQ(run.exit_code, 3) << run.out << run.err;
  EXPECT_THAT(run.err, HasSubstr("the budget was over before the gates were seen to hold"));
  EXPECT_THAT(run.err, HasSubstr("--sensitivity-budget"));
  EXPECT_THAT(run.out, HasSubstr("Sensitivity to int8"));
  const json found = document()["sensitivity"];
  EXPECT_TRUE(found["out_of_time"].get<bool>());
  EXPECT_LT(found["curve"][0]["score"]["agreement"].get<double>(), 1.0);
  EXPECT_FALSE(document().contains("quantization"));
}

TEST_F(Sensitivity, TheChoiceIsToldWhereReportsAreQuiet) {
  const ProgramResult run =
      optimize(model_with_a_bad_end(), {"-q", "--precision", "f16", "--data", kHeldOut, "--samples", "200",
                                        "--range-inferences", "0", "--min-agreement", "99.5", "--auto-keep"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("--keep-node exp_node"));
  EXPECT_THAT(document()["sensitivity"]["notes"].dump(),
              HasSubstr("chosen on the samples that the gates are judged on"));
}

TEST_F(Sensitivity, OptionsThatHaveNothingToDoAreUsageErrors) {
  const ProgramResult nothing = optimize(kDigits, {"--sensitivity"});
  EXPECT_EQ(nothing.exit_code, 2);
  EXPECT_THAT(nothing.err, HasSubstr("--sensitivity is for --precision"));
  const ProgramResult no_gate = optimize(kDigits, {"--precision", "f16", "--auto-keep", "--data", kHeldOut});
  EXPECT_EQ(no_gate.exit_code, 2);
  EXPECT_THAT(no_gate.err, HasSubstr("give --max-drop or --min-agreement"));
  EXPECT_EQ(optimize(kDigits, {"--precision", "f16", "--sensitivity-budget", "soon"}).exit_code, 2);
  EXPECT_THAT(optimize(kDigits, {"--precision", "f32", "--sensitivity", "--batch", "1"}).err,
              HasSubstr("--sensitivity is for --precision f16, bf16 and int8"));
  for (const char* option : {"--sensitivity-budget", "--sensitivity-samples"}) {
    const ProgramResult alone = optimize(kDigits, {"--precision", "f16", option, "9", "--batch", "1"});
    EXPECT_EQ(alone.exit_code, 2);
    EXPECT_THAT(alone.err, HasSubstr(std::string(option) + " is for --sensitivity and --auto-keep"));
  }
}

}  // namespace
}  // namespace trtprof::test
