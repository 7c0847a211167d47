#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/golden.h"
#include "support/inspection_fixture.h"
#include "support/profile_fixture.h"
#include "trtprof/report/inspection.h"

namespace trtprof::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

template <class Inspection>
std::string text_of(const Inspection& inspection, const InspectionTextOptions& options = {}) {
  std::ostringstream out;
  write_inspection_text(out, inspection, options);
  return out.str();
}

TEST(InspectionText, AModelWithEverything) {
  expect_golden("report/inspection_model.txt", text_of(full_model_inspection()));
}

TEST(InspectionText, WhatIsNotKnownIsNoZero) {
  expect_golden("report/inspection_open.txt", text_of(open_model_inspection()));
}

TEST(InspectionText, AProfile) {
  expect_golden("report/inspection_profile.txt", text_of(full_profile_inspection()));
}

TEST(InspectionText, AnEngine) {
  expect_golden("report/inspection_engine.txt", text_of(full_engine_inspection()));
}

TEST(InspectionText, AnEngineThatCannotBeLoaded) {
  EXPECT_EQ(text_of(bare_engine_inspection()), R"(Engine:   m.engine (266 kB, sha256 9f86d081884c)
Kind:     serialized TensorRT-RTX engine
Built by: TensorRT-RTX 1.7.1.116

Not seen:
  - Inputs, outputs, layers and what was fused: no GPU is here.
)");
}

TEST(InspectionText, AProfileOfNothing) {
  const std::string text = text_of(ProfileInspection{"p.json", 10, bare_profile(), {}});
  EXPECT_THAT(text, HasSubstr("  End to end: not measured\n  Layer run:  not measured\n"));
  EXPECT_THAT(text, Not(HasSubstr("PARTIAL")));
  EXPECT_THAT(text, Not(HasSubstr("Left out")));
}

TEST(InspectionText, LayersWithFewerSamplesThanOthersShow) {
  Profile profile = bare_profile();
  profile.layer_run.emplace();
  profile.layer_run->layers = {layer_taking("a", LayerClass::other, 1.0), layer_taking("b", LayerClass::other, 1.0)};
  profile.layer_run->layers[1].time.samples = {1.0};
  profile.layer_run->layers[0].time.samples = {1.0, 1.0, 1.0};
  EXPECT_THAT(text_of(ProfileInspection{"p.json", 10, profile, {}}), HasSubstr("2 layers, 1 to 3 samples\n"));
}

TEST(InspectionText, ColoursOnlyWhenAsked) {
  EXPECT_THAT(text_of(full_model_inspection()), Not(HasSubstr("\x1b")));
  EXPECT_THAT(text_of(full_model_inspection(), {.color = true}), HasSubstr("\x1b[1mOperators:\x1b[0m"));
}

TEST(InspectionText, CandidatesAreCountedWhereNotListed) {
  const std::string none = text_of(full_model_inspection(), {.candidates_of_a_kind = 0});
  EXPECT_THAT(none, HasSubstr("conv_bn_activation: 4\n"));
  EXPECT_THAT(none, Not(HasSubstr("c2 + b2")));
  EXPECT_THAT(text_of(full_model_inspection(), {.candidates_of_a_kind = 2}), HasSubstr("    and 2 more\n"));
}

TEST(InspectionText, ALongListEndsInItsNumber) {
  ModelInspection inspection = open_model_inspection();
  inspection.contents.open_dimensions.assign(100, "input x: batch");
  inspection.inputs.resize(40);
  const std::string text = text_of(inspection);
  EXPECT_THAT(text, HasSubstr("  and 84 more\n"));
  EXPECT_THAT(text, HasSubstr("and 24 more\n"));
}

}  // namespace
}  // namespace trtprof::test
