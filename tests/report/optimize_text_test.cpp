#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/optimization_fixture.h"
#include "report/sensitivity_fixture.h"

namespace trtprof::test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string text(const OptimizeReport& report, const OptimizationTextOptions& options = {},
                 std::optional<WrittenModel> written = {}) {
  std::ostringstream out;
  const ModelInfo model = optimized_model();
  write_optimization_text(out, {model, report, "level 3", std::move(written)}, options);
  return out.str();
}

TEST(OptimizeText, EachStepIsARow) {
  const std::string report = text(optimization());
  EXPECT_THAT(report, HasSubstr("Nodes:   155 -> 103\n"));
  EXPECT_THAT(report, HasSubstr("Passes:  level 3; 3 rounds, the last found nothing to do\n"));
  EXPECT_THAT(
      report,
      HasSubstr("Step  Pass                         Rewrites           Nodes        Time       Check     Error\n"
                "   1  fold-batch-normalization            2      155 -> 153     12.3 ms      250 ms   1.5e-06\n"
                "   2  merge-conv-1x1                      1      153 -> 153     2.00 ms           -  infinite\n"
                "      taken back: output 'logits' changes by inf of its largest value, more than 0.001\n"));
  EXPECT_THAT(report, HasSubstr("Nothing to do for dead-code.\n"));
  EXPECT_THAT(report,
              HasSubstr("openvino in f32, random inputs (seed 1): input 1x3x224x224; the outputs differ by 1.5e-06"));
  EXPECT_THAT(report, HasSubstr("Notes\n"));
  EXPECT_THAT(report, Not(HasSubstr("Written")));
}

TEST(OptimizeText, ReasonsAreCountedByKind) {
  const std::string report = text(optimization());
  EXPECT_THAT(
      report,
      HasSubstr(
          "  fold-batch-normalization        3  others read what Conv '...' makes, too (2); its mean is not a\n"));
  EXPECT_THAT(report, HasSubstr("--explain-passes names the nodes.\n"));
  EXPECT_THAT(report, Not(HasSubstr("bn3")));
}

TEST(OptimizeText, ExplainedItNamesNodes) {
  const std::string report = text(optimization(), {.explain = true});
  EXPECT_THAT(report, HasSubstr("      BatchNormalization 'bn1' is part of Conv 'conv1'\n"));
  EXPECT_THAT(report, HasSubstr("    BatchNormalization 'bn4': others read what Conv 'conv4' makes, too\n"));
  EXPECT_THAT(report, Not(HasSubstr("--explain-passes")));
}

TEST(OptimizeText, QuietItIsTheTable) {
  const std::string report = text(optimization(), {.quiet = true});
  EXPECT_THAT(report, HasSubstr("fold-batch-normalization"));
  EXPECT_THAT(report, Not(HasSubstr("Model:")));
  EXPECT_THAT(report, Not(HasSubstr("Left as they are")));
}

// What a script takes from it.
TEST(OptimizeText, QuietItStillTellsWhatASearchFound) {
  const OptimizeReport report = optimization();
  const ModelInfo model = optimized_model();
  const SensitivityDone sensitivity = sensitivity_found();
  OptimizationDocument document{model, report, "level 3", {}};
  document.sensitivity = &sensitivity;
  std::ostringstream out;
  write_optimization_text(out, document, {.quiet = true});
  EXPECT_THAT(out.str(), HasSubstr("  --keep-node /exp\n"));
  EXPECT_THAT(out.str(), Not(HasSubstr("Rank")));
}

TEST(OptimizeText, NodesNamedOneByOneAreOneReason) {
  const OptimizeReport report = optimization();
  const ModelInfo model = optimized_model();
  PrecisionDone precision;
  precision.report.blocked = {{"/a", "Conv", "blocked by name ('/a')"},
                              {"/b", "Conv", "blocked by name ('/b')"},
                              {"/c", "Relu", "blocked by name ('/c*')"},
                              {"/c2", "Relu", "blocked by name ('/c*')"},
                              {"/d", "Exp", "blocked by name ('/d')"}};
  OptimizationDocument document{model, report, "level 3", {}};
  document.precision = &precision;
  std::ostringstream out;
  write_optimization_text(out, document, {});
  EXPECT_THAT(out.str(), HasSubstr("     2  Conv: blocked by name\n"));
  EXPECT_THAT(out.str(), HasSubstr("     2  Relu: blocked by name ('/c*')\n"));
  EXPECT_THAT(out.str(), HasSubstr("     1  Exp: blocked by name ('/d')\n"));
}

TEST(OptimizeText, SaysWhatWasNotChecked) {
  OptimizeReport report;
  report.not_checked = "the check was not wanted";
  report.fixed_point = true;
  report.rounds = 1;
  const std::string shown = text(report, {}, WrittenModel{"o.onnx", std::string(64, 'b'), 1'900'000});
  EXPECT_THAT(shown, HasSubstr("Check:   none: the check was not wanted\n"));
  EXPECT_THAT(shown, HasSubstr("Written: o.onnx (1.90 MB, sha256 bbbbbbbbbbbb)\n"));
  EXPECT_THAT(shown, HasSubstr("No pass found anything to do.\n"));
}

TEST(OptimizeText, NamesCannotMoveTheCursor) {
  OptimizeReport report = optimization();
  report.passes[1].near_misses[2] = {"bn\x1b[2J", "Batch\x1b[2J", "a\x1b[2J"};
  report.steps[0].applications[0].what = "b\x1b[2J";
  report.steps[1].taken_back = "c\x1b[2J";
  report.check->output = "d\x1b[2J";
  report.notes = {"e\x1b[2J"};
  EXPECT_THAT(text(report, {.explain = true}), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace trtprof::test
