#include "trtprof/optimize/pass_manager.h"

#include "optimize/pass_fixture.h"
#include "support/fake_backend.h"
#include "trtprof/base/file.h"
#include "trtprof/samples/samples.h"

namespace trtprof {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// Two rounds: BatchNormalization can be folded only when Identity is gone, and it was not looked at before.
OnnxModel small() {
  return test::parsed_model(
      "(float[n, 2, 4, 4] x) => (float[n, 2, 4, 4] y) <float[2, 2, 1, 1] w = {1, 2, 3, 4}, float[2] s = {1, 2}, "
      "float[2] v = {1, 4}> { c = Conv(x, w) i = Identity(c) b = BatchNormalization(i, s, s, s, v) d = Relu(c) "
      "e = Relu(b) y = Identity(e) }");
}

PassOptions options_for(const OnnxModel& model) {
  PassOptions options;
  options.shapes = test::small_shapes(model);
  return options;
}

OptimizeReport run(OnnxModel& model, const PassOptions& options) {
  auto report = run_passes(model, &test::openvino(), options);
  EXPECT_TRUE(report.has_value()) << report.error().message;
  return report ? *std::move(report) : OptimizeReport{};
}

TEST(PassManager, RunsToAFixedPoint) {
  OnnxModel model = small();
  const OnnxModel before = model.clone();
  const OptimizeReport report = run(model, options_for(model));
  EXPECT_THAT(test::op_types_of(model), ElementsAre("Conv", "Relu"));
  EXPECT_TRUE(report.fixed_point);
  EXPECT_EQ(report.before.nodes, 6);
  EXPECT_EQ(report.after.nodes, 2);
  EXPECT_EQ(report.before.initializer_bytes, 32U);
  test::expect_same_outputs(before, model);
  ASSERT_TRUE(report.check.has_value());
  EXPECT_EQ(report.check->backend, "openvino");
  EXPECT_LT(report.check->error, 1e-5);
  EXPECT_EQ(run(model, options_for(model)).steps.size(), 0U);
}

TEST(PassManager, TellsEachStep) {
  OnnxModel model = small();
  std::vector<std::string> told;
  const auto report = run_passes(model, &test::openvino(), options_for(model),
                                 [&](const PassStep& step) { told.push_back(step.pass); });
  ASSERT_TRUE(report.has_value());
  EXPECT_THAT(told, ElementsAre("dead-code", "remove-redundant", "fold-batch-normalization"));
  ASSERT_THAT(report->steps, SizeIs(3));
  EXPECT_EQ(report->steps[0].before.nodes, 6);
  EXPECT_EQ(report->steps[2].after, report->after);
  for (const PassStep& step : report->steps) {
    ASSERT_TRUE(step.check.has_value()) << step.pass;
    EXPECT_LE(step.check->error, step.check->tolerance);
    EXPECT_EQ(step.check->output, "y");
    EXPECT_GT(step.seconds, 0.0);
  }
  EXPECT_EQ(report->passes[1].pass, "remove-redundant");
  EXPECT_EQ(report->passes[1].rewrites, 2);
  EXPECT_EQ(report->passes[1].nodes_removed, 2);
}

TEST(PassManager, LevelsAndNamesChoose) {
  const auto chosen = [](const PassOptions& options) {
    std::vector<std::string> names;
    const auto passes = chosen_passes(options).value();
    for (const Pass* pass : passes) names.emplace_back(pass->name());
    return names;
  };
  EXPECT_THAT(chosen({.level = 0}), IsEmpty());
  const auto exact = chosen({.level = 1});
  EXPECT_THAT(exact, testing::Contains("dead-code"));
  EXPECT_THAT(exact, Not(testing::Contains("fold-batch-normalization")));
  EXPECT_THAT(chosen({.level = 2}), testing::Contains("fold-batch-normalization"));
  EXPECT_EQ(chosen({.level = 3}).size(), all_passes().size());
  EXPECT_THAT(chosen({.level = 2, .disabled = {"dead-code"}}), Not(testing::Contains("dead-code")));
  EXPECT_THAT(chosen({.level = 0, .only = {"fold-batch-normalization", "dead-code"}}),
              ElementsAre("dead-code", "fold-batch-normalization"));
  const auto unknown = chosen_passes({.only = {"fold-batchnorm"}});
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().code, ErrorCode::usage);
  EXPECT_EQ(unknown.error().message, "there is no pass 'fold-batchnorm'");
  EXPECT_THAT(unknown.error().hint, HasSubstr("fold-batch-normalization"));
}

TEST(PassManager, LevelZeroLeavesEveryByte) {
  OnnxModel model = small();
  const std::string before = model.proto().SerializeAsString();
  PassOptions options = options_for(model);
  options.level = 0;
  const OptimizeReport report = run(model, options);
  EXPECT_EQ(model.proto().SerializeAsString(), before);
  EXPECT_TRUE(report.fixed_point);
  EXPECT_THAT(report.passes, IsEmpty());
}

TEST(PassManager, TheLimitCutsThePassesShort) {
  for (std::int64_t rewrites = 0; rewrites <= 4; ++rewrites) {
    OnnxModel model = small();
    PassOptions options = options_for(model);
    options.rewrites = rewrites;
    const OptimizeReport report = run(model, options);
    std::int64_t done = 0;
    for (const PassSummary& pass : report.passes) done += pass.rewrites;
    EXPECT_EQ(done, rewrites);
    EXPECT_TRUE(report.rewrite_limit_reached);
  }
}

TEST(PassManager, DumpsTheModelAfterEachStep) {
  const auto folder = TemporaryFolder::create("trtprof-dumps").value();
  OnnxModel model = small();
  PassOptions options = options_for(model);
  options.dump_folder = folder.path() / "steps";
  const OptimizeReport report = run(model, options);
  std::vector<std::string> names;
  for (const PassStep& step : report.steps) {
    names.push_back(step.dump.filename());
    const auto dumped = OnnxModel::load(step.dump);
    ASSERT_TRUE(dumped.has_value()) << dumped.error().message;
    EXPECT_EQ(dumped->graph().nodes.size(), static_cast<std::size_t>(step.after.nodes));
  }
  EXPECT_THAT(names,
              ElementsAre("001-dead-code.onnx", "002-remove-redundant.onnx", "003-fold-batch-normalization.onnx"));
}

TEST(PassManager, DumpsThatCannotBeWrittenAreAnError) {
  OnnxModel model = small();
  PassOptions options = options_for(model);
  options.dump_folder = "/dev/null/steps";
  const auto report = run_passes(model, &test::openvino(), options);
  ASSERT_FALSE(report.has_value());
  EXPECT_THAT(report.error().message, HasSubstr("/dev/null/steps"));
}

// Gives the number of nodes as the output: every rewrite that removes one changes it.
class CountingBackend final : public Backend {
 public:
  [[nodiscard]] std::string name() const override { return "counting"; }
  [[nodiscard]] Result<ProbeResult> probe() override { return ProbeResult{}; }
  [[nodiscard]] Result<std::unique_ptr<CompiledModel>> compile(const ModelSource& source,
                                                               const CompileOptions& options) override {
    if (static_cast<int>(source.graph.nodes.size()) < least_nodes) return fail("that is too small a model");
    test::FakeScript script;
    script.inputs = {{"x", "f32", {2, 2, 4, 4}, "", {}}};
    script.outputs = {{"y", "f32", {1}, "", {}}};
    script.output_values["y"] =
        test::f32_tensor({1}, [&](std::size_t) { return static_cast<float>(source.graph.nodes.size()); });
    backends_.push_back(std::make_unique<test::FakeBackend>(std::move(script), test::FakeClock()));
    return backends_.back()->compile(source, options);
  }
  int least_nodes = 0;

 private:
  std::vector<std::unique_ptr<test::FakeBackend>> backends_;
};

TEST(PassManager, TakesBackWhatChangesTheOutputs) {
  OnnxModel model = small();
  const std::string before = model.proto().SerializeAsString();
  CountingBackend backend;
  const auto report = run_passes(model, &backend, options_for(model));
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(model.proto().SerializeAsString(), before);
  EXPECT_TRUE(report->fixed_point);
  EXPECT_EQ(report->after, report->before);
  ASSERT_GE(report->steps.size(), 2U);
  EXPECT_EQ(report->steps[0].taken_back, "output 'y' changes by 0.17 of its largest value, more than 0.0001");
  EXPECT_EQ(report->steps[0].applications.size(), 1U) << "what it did is told all the same";
  EXPECT_EQ(report->passes[0].rewrites, 0);
  EXPECT_DOUBLE_EQ(report->passes[0].largest_error.value(), 1.0 / 6.0);
  EXPECT_EQ(report->check->error, 0.0);
}

TEST(PassManager, TakesBackWhatDoesNotRunAnyMore) {
  OnnxModel model = small();
  const std::string before = model.proto().SerializeAsString();
  CountingBackend backend;
  backend.least_nodes = 6;
  const auto report = run_passes(model, &backend, options_for(model));
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(model.proto().SerializeAsString(), before);
  EXPECT_EQ(report->steps[0].taken_back, "counting does not run the result: that is too small a model");
}

TEST(PassManager, InitializersThatAreInputsBecomeConstants) {
  OnnxModel model = test::parsed_model(
      "(float[n, 2, 4, 4] x, float[2, 2, 1, 1] w, float[2] s) => (float[n, 2, 4, 4] y) <float[2, 2, 1, 1] w = {1, 2, "
      "3, "
      "4}, float[2] s = {1, 2}> { c = Conv(x, w) y = BatchNormalization(c, s, s, s, s) }",
      9, 3);
  const OptimizeReport report = run(model, options_for(model));
  EXPECT_THAT(test::op_types_of(model), ElementsAre("Conv"));
  EXPECT_EQ(model.proto().graph().input_size(), 1);
  EXPECT_EQ(model.proto().ir_version(), 4);
  EXPECT_THAT(report.notes, ElementsAre("2 inputs that the model gives a value to are constants now, no inputs; the IR "
                                        "version is 4"));
}

TEST(PassManager, SaysWhatItDoesNotCheck) {
  OnnxModel model = small();
  auto report = run_passes(model, nullptr, options_for(model));
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->not_checked, "there is no backend to run the model on");
  EXPECT_FALSE(report->check.has_value());
  EXPECT_THAT(test::op_types_of(model), ElementsAre("Conv", "Relu"));
  OnnxModel unknown = test::parsed_model("(float[2] x) => (float[2] y) { a = Identity(x) y = Relu(a) }");
  unknown.mutable_proto().mutable_graph()->mutable_node(1)->set_domain("com.acme");
  unknown.mutable_proto().add_opset_import()->set_domain("com.acme");
  const OptimizeReport other = run(unknown, options_for(unknown));
  EXPECT_THAT(other.not_checked, HasSubstr("openvino does not run the model: "));
  EXPECT_EQ(unknown.proto().graph().node_size(), 1);
}

TEST(PassManager, BodiesAreLeftAndSaid) {
  OnnxModel model = test::parsed_model(
      "(float[2] x, bool t) => (float[2] y) { y = If(t) <then_branch = p () => (float[2] u) { u = Relu(x) }, "
      "else_branch = q () => (float[2] v) { v = Identity(x) }> }");
  const OptimizeReport report = run(model, options_for(model));
  EXPECT_THAT(report.notes,
              ElementsAre("2 nodes in the bodies of If, Loop, Scan and functions stay as the model has them"));
}

TEST(PassManager, StoredTypesStayTrue) {
  OnnxModel model = small();
  auto* stored = model.mutable_proto().mutable_graph()->add_value_info();
  *stored = model.proto().graph().output(0);
  stored->set_name("i");
  *model.mutable_proto().mutable_graph()->add_value_info() = *stored;
  model.mutable_proto().mutable_graph()->mutable_value_info(1)->set_name("e");
  run(model, options_for(model));
  EXPECT_EQ(model.proto().graph().value_info_size(), 0);
}

TEST(PassManager, RealModelWithItsWeightsBeside) {
  OnnxModel model = make_sample("mobilenetv2", {.width = 0.35, .resolution = 64}).value();
  const OnnxModel before = model.clone();
  const OptimizeReport report = run(model, options_for(model));
  EXPECT_EQ(report.passes.size(), chosen_passes({}).value().size());
  EXPECT_EQ(report.before.nodes - report.after.nodes, 52) << "its BatchNormalizations";
  ASSERT_TRUE(report.check.has_value());
  EXPECT_LT(report.check->error, 1e-4);
}

}  // namespace
}  // namespace trtprof
