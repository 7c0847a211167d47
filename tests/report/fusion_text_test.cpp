#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/golden.h"
#include "support/torchvision_mobilenetv2.h"
#include "trtprof/backend/tensorrt_layers.h"
#include "trtprof/base/text.h"
#include "trtprof/report/fusion.h"

namespace trtprof::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string text_of(const FusionReport& report, const FusionTextOptions& options = {}) {
  std::ostringstream out;
  write_fusion_text(out, report, options);
  return out.str();
}

FusionReport recorded() {
  const Graph graph = torchvision_mobilenet_v2(64, true);
  const std::string json = test_data("tensorrt-10.6/mnv2_b64_fp16_stream_notransfer.layers.json");
  return fusion_report(graph, tensor_table(graph), tensorrt_layers(json, graph, "recorded").value());
}

// Chains of every status and breaks of every cause.
FusionReport broken() {
  FusionReport report;
  const auto layer = [&](const std::string& name, LayerClass layer_class, std::vector<OriginNode> nodes) {
    const OriginSource source = nodes.empty() ? OriginSource::none : OriginSource::reported;
    report.layers.push_back({name, "", layer_class, "f16", "", std::move(nodes), source});
    return report.layers.size() - 1;
  };
  const auto a = layer("a/conv + a/bn", LayerClass::convolution, {{"a/conv", "Conv"}, {"a/bn", "BatchNormalization"}});
  const auto copy = layer("Reformatting CopyNode for Input Tensor 0 to a/relu", LayerClass::reformat, {});
  const auto copy2 = layer("Reformatting CopyNode for Input Tensor 0 to \x1b[31m", LayerClass::reformat, {});
  const auto relu = layer("a/relu", LayerClass::activation, {{"a/relu", "Relu"}});
  const auto b = layer("b/conv", LayerClass::convolution, {{"b/conv", "Conv"}});
  const auto b2 = layer("b/clip", LayerClass::activation, {{"b/clip", "Clip"}});
  const auto block = layer("{ForeignNode[c/conv...c/relu]}", LayerClass::opaque, {});
  report.chains.push_back(
      {FusionKind::conv_bn_activation,
       FusionStatus::partly_fused,
       {{"a/conv", "Conv", {a}, false}, {"a/bn", "BatchNormalization", {a}, false}, {"a/relu", "Relu", {relu}, false}},
       {a, relu},
       {{"a/bn", "a/relu", a, relu, BreakCause::reformat, {copy, copy2}, "", ""}},
       ""});
  report.chains.push_back({FusionKind::conv_activation,
                           FusionStatus::not_fused,
                           {{"b/conv", "Conv", {b}, false}, {"b/clip", "Clip", {b2}, false}},
                           {b, b2},
                           {{"b/conv", "b/clip", b, b2, BreakCause::precision, {}, "f16", "f32"},
                            {"b/conv", "b/clip", b, b2, BreakCause::none_seen, {}, "", ""}},
                           ""});
  report.chains.push_back({FusionKind::conv_activation,
                           FusionStatus::not_told,
                           {{"c/conv", "Conv", {block}, false}, {"c/relu", "Relu", {block}, false}},
                           {block},
                           {},
                           "it is inside {ForeignNode[c/conv...c/relu]}, which does not tell what it runs"});
  report.chains.push_back({FusionKind::conv_bn,
                           FusionStatus::fused,
                           {{"d/conv", "Conv", {a}, false}, {"d/bn", "BatchNormalization", {}, true}},
                           {a},
                           {},
                           ""});
  report.nowhere = {{"s1", "Shape"}, {"s2", "Shape"}, {"d/bn", "BatchNormalization"}};
  return report;
}

TEST(FusionText, OfARecordedEngine) {
  expect_golden("report/fusion_recorded.txt", text_of(recorded()));
}

TEST(FusionText, OfBrokenChains) {
  expect_golden("report/fusion_broken.txt", text_of(broken()));
}

TEST(FusionText, FitsTheColumnsAndHidesNoEscape) {
  for (const std::size_t columns : {40U, 60U, 80U, 120U}) {
    for (const FusionReport& report : {recorded(), broken()}) {
      FusionTextOptions options;
      options.columns = columns;
      const std::string text = text_of(report, options);
      EXPECT_THAT(text, Not(HasSubstr("\x1b")));
      std::istringstream lines(text);
      std::string line;
      for (std::getline(lines, line); std::getline(lines, line);) {  // the first line is a sentence of counts
        EXPECT_LE(display_width(line), columns) << line;
      }
    }
  }
}

TEST(FusionText, CountsBrokenChainsThatItDoesNotList) {
  FusionTextOptions options;
  options.broken_chains = 1;
  options.layers = false;
  const std::string text = text_of(broken(), options);
  EXPECT_THAT(text, StartsWith("Fusion: 1 of 4 chains fused, 1 partly fused, 1 not fused, 1 not told\n"));
  EXPECT_THAT(text, HasSubstr("  and 2 more\n"));
  EXPECT_THAT(text, Not(HasSubstr("Engine layers")));
  EXPECT_THAT(text, Not(HasSubstr("b/conv")));
}

TEST(FusionText, SaysWhatItCannotLookFor) {
  FusionReport report;
  report.model_known = false;
  EXPECT_THAT(text_of(report), StartsWith("Fusion: the model is not at hand"));
  report.model_known = true;
  EXPECT_THAT(text_of(report), StartsWith("Fusion: the model has no convolution"));
}

}  // namespace
}  // namespace trtprof::test
