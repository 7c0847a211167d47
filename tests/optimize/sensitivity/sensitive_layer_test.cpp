// A model of which one layer has no place in f16, converted and run.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "optimize/precision/parsed_model.h"
#include "support/openvino_models.h"
#include "trtprof/base/file.h"
#include "trtprof/optimize/sensitivity/sensitivity.h"
#include "trtprof/optimize/sensitivity/trial_scorer.h"

namespace trtprof::test {
namespace {

using ::testing::ElementsAre;

std::string matrix(const std::string& name, double scale) {
  std::string values;
  for (int i = 0; i < 64; ++i) {
    const double value = (i % 9 == 0 ? 1.0 : 0.1 * ((i * 7) % 5 - 2)) * scale;
    values += fmt::format("{}{:.4f}", i == 0 ? "" : ", ", value);
  }
  return fmt::format("float[8,8] {} = {{{}}}", name, values);
}

// exp(second) reaches e^16, far beyond f16; its logarithm is small again. All of that is one group: what is read of it
// and what it reads are small.
OnnxModel model_with_a_bad_layer() {
  return parsed(
      "<ir_version: 8, opset_import: [\"\" : 17]> g (float[8,8] x) => (float[8,8] y) <" + matrix("w1", 0.5) + ", " +
      matrix("w2", 8.0) + ", " + matrix("w3", 0.7) +
      ", float[8] sixteen = {16, 16, 16, 16, 16, 16, 16, 16}> "
      "{ first = Gemm(x, w1) first_tanh = Tanh(first) second = Gemm(first_tanh, w2, sixteen) exp = Exp(second) "
      "turned = Transpose<perm=[1,0]>(exp) log = Log(turned) third = Gemm(log, w3) y = Relu(third) }");
}

struct Trials {
  explicit Trials(OnnxModel given) : model(std::move(given)) {
    BoundShapes shapes;
    TensorDesc input;
    input.name = "x";
    input.element_type = "f32";
    input.shape = shapes["x"] = {8, 8};
    data = DataSet::random({input}, 256, 1);
    auto made = TrialScorer::create(openvino(), model, shapes, data);
    EXPECT_TRUE(made.has_value()) << made.error().message;
    scorer.emplace(*std::move(made));
    const auto whole = convert_precision(model, {});
    EXPECT_TRUE(whole.has_value());
    task.groups = groups_by_fusion(model.graph(), whole->report.converted);
    task.make = [this](std::span<const std::string> kept) -> Result<OnnxModel> {
      PrecisionOptions options;
      options.blocked_nodes.assign(kept.begin(), kept.end());
      return std::move(converted(model, options).model);
    };
    task.score = [this](const OnnxModel& trial, std::optional<std::size_t> samples) {
      return scorer->score(trial, samples, stop);
    };
  }
  Trials(const Trials&) = delete;
  Trials& operator=(const Trials&) = delete;

  OnnxModel model;
  DataSet data;
  std::optional<TrialScorer> scorer;
  SensitivityTask task;
  StopFlag stop;
};

TEST(SensitiveLayer, IsRankedFirstAndLeftOut) {
  const Trials trials(model_with_a_bad_layer());
  ASSERT_EQ(trials.task.groups.size(), 3U);
  SensitivityOptions options;
  options.find_kept = true;
  options.gates.min_agreement = 0.99;
  NoProgress progress;
  const auto report = measure_sensitivity(trials.task, options, progress, trials.stop);
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(report->ranking[0].group.name, "second");
  EXPECT_GT(report->ranking[0].score->error, 100.0 * report->ranking[1].score->error);
  EXPECT_FALSE(report->curve[0].passed);
  EXPECT_TRUE(report->found);
  EXPECT_THAT(report->kept_nodes(), ElementsAre("second", "exp", "turned", "log"));
  EXPECT_LT(report->kept_score->error, 0.01);
  EXPECT_GE(report->kept_score->agreement.value(), 0.99);
}

// OpenVINO as a backend that runs engines, like TensorRT's: no precision can be chosen, and nothing but an engine is
// run.
class EngineRunner final : public Backend {
 public:
  std::vector<bool> tf32;
  [[nodiscard]] std::string name() const override { return "engines"; }
  [[nodiscard]] Result<ProbeResult> probe() override { return ProbeResult{}; }
  [[nodiscard]] bool builds_engines() const override { return true; }
  [[nodiscard]] Result<BuiltEngine> build(const ModelSource& /*source*/, const BuildOptions& options,
                                          Progress& /*progress*/, const StopFlag& /*stop*/) override {
    tf32.push_back(options.tf32);
    BuiltEngine built;
    built.plan = "plan";
    return built;
  }
  [[nodiscard]] Result<std::unique_ptr<CompiledModel>> compile(const ModelSource& source,
                                                               const CompileOptions& options) override {
    if (!options.precision.empty()) return usage_error("there is no precision to choose when an engine runs");
    if (source.engine.empty()) return fail("there is no engine");
    CompileOptions own = options;
    own.precision = "model";
    return openvino().compile({source.path, source.graph}, own);
  }
};

TEST(SensitiveLayer, TrialsAreEnginesWhereTheBackendRunsThem) {
  const Trials trials(model_with_a_bad_layer());
  BoundShapes shapes;
  shapes["x"] = {8, 8};
  EngineRunner engines;
  auto scorer = TrialScorer::create(engines, trials.model, shapes, trials.data);
  ASSERT_TRUE(scorer.has_value()) << scorer.error().message;
  const auto trial = converted(trials.model, {});
  const auto score = scorer->score(trial.model, std::nullopt, trials.stop);
  ASSERT_TRUE(score.has_value()) << score.error().message;
  EXPECT_EQ(score->samples, 256U);
  EXPECT_THAT(engines.tf32, ElementsAre(false, true)) << "the reference is exact, the trial as its result would be";
}

// The same with a batch that does not divide the samples, and with a reference whose outputs are not kept.
TEST(SensitiveLayer, ScoresAreTheSameHoweverTheReferenceIsKept) {
  const Trials trials(model_with_a_bad_layer());
  BoundShapes shapes;
  shapes["x"] = {8, 8};
  ScorerOptions forgetful;
  forgetful.kept_bytes = 300;
  auto other = TrialScorer::create(openvino(), trials.model, shapes, trials.data, forgetful);
  ASSERT_TRUE(other.has_value()) << other.error().message;
  const auto trial = converted(trials.model, {});
  for (const std::optional<std::size_t> samples : {std::optional<std::size_t>(20), std::optional<std::size_t>()}) {
    auto kept = trials.scorer;
    const auto one = kept->score(trial.model, samples, trials.stop);
    const auto two = other->score(trial.model, samples, trials.stop);
    ASSERT_TRUE(one.has_value()) << one.error().message;
    ASSERT_TRUE(two.has_value()) << two.error().message;
    EXPECT_EQ(one->samples, samples ? 24U : 256U);  // whole batches
    EXPECT_EQ(score_of(*one), score_of(*two));
  }
}

// As the model will be launched: an engine that computes in bf16 by itself loses more than the types of the graph say.
TEST(SensitiveLayer, TrialsRunInThePrecisionThatIsAskedFor) {
  const Trials trials(model_with_a_bad_layer());
  BoundShapes shapes;
  shapes["x"] = {8, 8};
  CompileOptions compile;
  compile.shapes = shapes;
  compile.precision = "bf16";
  const auto folder = TemporaryFolder::create("trtprof-sensitive").value();
  const ModelSource source{folder.path() / "m.onnx", trials.model.graph()};
  ASSERT_TRUE(trials.model.save_with_data(source.path).has_value());
  const auto probe = openvino().compile(source, compile);
  for (const std::string precision : {"model", "bf16"}) {
    ScorerOptions options;
    options.trial_precision = precision;
    auto scorer = TrialScorer::create(openvino(), trials.model, shapes, trials.data, options);
    ASSERT_TRUE(scorer.has_value()) << scorer.error().message;
    const auto score = scorer->score(trials.model, {}, trials.stop);
    if (precision == "bf16" && !probe) {  // this processor does not compute in it
      EXPECT_FALSE(score.has_value());
      continue;
    }
    ASSERT_TRUE(score.has_value()) << score.error().message;
    EXPECT_EQ(score->outputs.front().identical, precision == "model");
  }
}

}  // namespace
}  // namespace trtprof::test
