#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/analyzed.h"
#include "support/golden.h"
#include "trtprof/base/text.h"
#include "trtprof/report/analysis_report.h"

namespace trtprof::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string text_of(const Analyzed& analyzed, const AnalysisTextOptions& options = {}) {
  std::ostringstream out;
  write_analysis_text(out, analyzed.analysis, analyzed.profile, options);
  return std::move(out).str();
}

AnalysisTextOptions everything() {
  AnalysisTextOptions options;
  options.explain = true;
  options.tree = true;
  options.checklist = true;
  return options;
}

TEST(AnalysisText, OfABatchOf64) {
  expect_golden("report/analysis_b64.txt",
                text_of(analyzed(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64), everything()));
}

TEST(AnalysisText, OfTheTransferSample) {
  expect_golden("report/analysis_transfer.txt", text_of(analyzed(stored_profile("transfer_pageable"), "transfer")));
}

TEST(AnalysisText, LinesFit) {
  for (const char* name : {"mobilenetv2_b64_graph", "mobilenetv2_b1_stream", "ocr_detection", "mobilenetv2_cpu"}) {
    AnalysisTextOptions options = everything();
    options.columns = 80;
    std::istringstream lines(text_of(analyzed(stored_profile(name)), options));
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("     Run:")) continue;  // to be copied whole
      const bool one_word = line.find_last_of(' ') == line.find_first_not_of(' ') - 1;
      EXPECT_TRUE(display_width(line) <= 80 || one_word) << name << ": " << line;
    }
  }
}

TEST(AnalysisText, HostileNamesCannotMoveTheCursor) {
  Profile profile = stored_profile("mobilenetv2_b64_graph");
  for (Layer& layer : profile.layer_run->layers) layer.name += "\x1b[2J\n";
  for (TimelineKernel& kernel : profile.timeline->kernels) {
    if (!kernel.layer.empty()) kernel.layer += "\x1b[2J\n";
  }
  profile.model.path = "a\x1b[2J.onnx";
  const std::string text = text_of(analyzed(std::move(profile)), everything());
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(AnalysisText, OfNothingSaysThereAreNoFindings) {
  EXPECT_THAT(text_of(analyzed(Profile{})), HasSubstr("No findings:"));
}

TEST(ShortAnalysis, NamesPatternBottleneckAndTheFirstFindings) {
  const Analyzed b64 = analyzed(stored_profile("mobilenetv2_b64_graph"), "mobilenetv2", 64);
  std::ostringstream out;
  write_short_analysis(out, b64.analysis, "tensorrt_profiling analyze p.json", false);
  EXPECT_THAT(out.str(), HasSubstr("Pattern:    convolution-dominated"));
  EXPECT_THAT(out.str(), HasSubstr("Bottleneck: memory bandwidth"));
  EXPECT_THAT(out.str(), HasSubstr("  1. ["));
  EXPECT_THAT(out.str(), HasSubstr("tensorrt_profiling analyze p.json"));
}

}  // namespace
}  // namespace trtprof::test
