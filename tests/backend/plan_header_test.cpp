#include "trtprof/backend/plan_header.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/plans.h"
#include "trtprof/base/file.h"

namespace trtprof {
namespace {

using test::plan_bytes;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// The first bytes of an engine that TensorRT-RTX 1.7.1.116 built of one convolution and a Relu; 266220 bytes in all.
constexpr char kRealHead[] =
    "vtrt\0\0\0\0\x02\0\0\0\0\0\0\0\xec\x0f\x04\0\0\0\0\0\x01\x07\x01tvtrt"
    "~\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0@\x03\0\0\0\0\0";
const std::string kReal(kRealHead, sizeof(kRealHead) - 1);
constexpr std::uint64_t kRealBytes = 266220;

Error error_of(std::string_view head, std::uint64_t bytes) {
  const auto header = parse_plan_header(head, bytes, "m.engine");
  EXPECT_FALSE(header.has_value());
  return header ? Error{} : header.error();
}

TEST(PlanHeader, OfARealEngineOfTensorRtRtx) {
  const auto header = parse_plan_header(kReal, kRealBytes, "m.engine");
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(*header, (PlanHeader{EngineFlavour::tensorrt_rtx, {1, 7, 1, 116}, kRealBytes}));
  EXPECT_EQ(to_string(header->version), "1.7.1.116");
  EXPECT_EQ(to_string(header->flavour), "TensorRT-RTX");
}

TEST(PlanHeader, OfTensorRt) {
  const std::string plan = plan_bytes("ftrt", {10, 6, 0, 26}, 500);
  const auto header = parse_plan_header(plan.substr(0, kPlanHeaderBytes), plan.size(), "m.engine");
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(*header, (PlanHeader{EngineFlavour::tensorrt, {10, 6, 0, 26}, plan.size()}));
}

TEST(PlanHeader, AFileCutShortIsSeenAtEveryLength) {
  for (std::size_t bytes = 4; bytes < kReal.size(); ++bytes) {
    const Error error = error_of(std::string_view(kReal).substr(0, bytes), bytes);
    EXPECT_EQ(error.code, ErrorCode::failed);
    EXPECT_THAT(error.message, AllOf(HasSubstr("m.engine"), HasSubstr("cut short"))) << bytes;
  }
  const Error error = error_of(kReal, kRealBytes - 1);
  EXPECT_THAT(error.message, AllOf(HasSubstr("266220"), HasSubstr("266219")));
}

TEST(PlanHeader, BytesBehindTheEndAreDamageOfRtx) {
  EXPECT_THAT(error_of(kReal, kRealBytes + 1).message, HasSubstr("damaged"));
}

TEST(PlanHeader, AHostileLengthIsAFigureInASentence) {
  for (const char* tag : {"ftrt", "vtrt"}) {
    std::string plan = plan_bytes(tag, {10, 6, 0, 26}, 100);
    plan.replace(16, 8, 8, '\xff');
    EXPECT_THAT(error_of(plan, plan.size()).message, HasSubstr("18446744073709551615"));
    plan.replace(16, 8, 8, '\0');
    EXPECT_THAT(error_of(plan, plan.size()).message, HasSubstr("damaged"));
  }
}

TEST(PlanHeader, WhatIsNoEngine) {
  EXPECT_THAT(error_of("", 0).message, HasSubstr("not a serialized TensorRT engine"));
  EXPECT_THAT(error_of("ftr", 3).message, HasSubstr("not a serialized TensorRT engine"));
  EXPECT_THAT(error_of(std::string(64, '\x7f'), 64).message, HasSubstr("not a serialized TensorRT engine"));
}

TEST(PlanHeader, AnUnknownLayoutIsNotReadAsAVersion) {
  std::string plan = plan_bytes("ftrt", {10, 6, 0, 26}, 100);
  plan[4] = 87;
  EXPECT_THAT(error_of(plan, plan.size()).message, HasSubstr("serialization version 87"));
  EXPECT_THAT(error_of(plan_bytes("ftrt", {0, 0, 0, 0}, 100), 128).message, HasSubstr("names no version"));
}

TEST(PlanHeader, NamesAreMadeSafe) {
  const auto header = parse_plan_header("ftrt", 4, "a\x1b[31m.engine");
  ASSERT_FALSE(header);
  EXPECT_THAT(header.error().message, Not(HasSubstr("\x1b")));
}

TEST(PlanHeader, FromAFile) {
  const auto folder = TemporaryFolder::create("trtprof-plan-header");
  ASSERT_TRUE(folder);
  const auto path = folder->path() / "m.engine";
  ASSERT_TRUE(write_file(path, plan_bytes("vtrt", {1, 7, 1, 116}, 1000)));
  const auto header = read_plan_header(path);
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header->version, (EngineVersion{1, 7, 1, 116}));
  EXPECT_EQ(header->file_bytes, 1028U);
  EXPECT_FALSE(read_plan_header(folder->path()));
  EXPECT_THAT(read_plan_header(folder->path() / "none").error().message, HasSubstr("No such file"));
}

// ---- check_plan

constexpr EngineVersion kHere{10, 6, 0, 26};

Status checked(EngineFlavour flavour, EngineVersion version, bool version_compatible = false) {
  return check_plan({flavour, version, 100}, EngineFlavour::tensorrt, kHere, version_compatible, "m.engine");
}

TEST(CheckPlan, TheSameReleaseRuns) {
  EXPECT_TRUE(checked(EngineFlavour::tensorrt, kHere));
  EXPECT_TRUE(checked(EngineFlavour::tensorrt, {10, 6, 0, 24}));
}

TEST(CheckPlan, AnotherVersionIsRefusedWithBothAndTheWayOut) {
  const Status older = checked(EngineFlavour::tensorrt, {10, 5, 0, 18});
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().code, ErrorCode::unavailable);
  EXPECT_THAT(older.error().message,
              AllOf(HasSubstr("m.engine was built by TensorRT 10.5.0.18"), HasSubstr("here is TensorRT 10.6.0.26")));
  EXPECT_THAT(older.error().hint, AllOf(HasSubstr("build it again"), HasSubstr("--version-compatible")));
  const Status newer = checked(EngineFlavour::tensorrt, {11, 2, 1, 0});
  ASSERT_FALSE(newer);
  EXPECT_THAT(newer.error().hint, AllOf(HasSubstr("install TensorRT 11.2.1.0"), Not(HasSubstr("compatible"))));
}

TEST(CheckPlan, VersionCompatiblePlansRunOnWhatIsNewer) {
  EXPECT_TRUE(checked(EngineFlavour::tensorrt, {10, 5, 0, 18}, true));
  const Status newer = checked(EngineFlavour::tensorrt, {10, 7, 0, 1}, true);
  ASSERT_FALSE(newer);
  EXPECT_THAT(newer.error().message, HasSubstr("not on older ones"));
}

Status checked_by(RuntimeKind runtime, EngineVersion version, std::optional<bool> version_compatible) {
  return check_plan({EngineFlavour::tensorrt, version, 100}, EngineFlavour::tensorrt, kHere, version_compatible,
                    "m.engine", runtime);
}

TEST(CheckPlan, ALeanRuntimeTakesVersionCompatiblePlansAlone) {
  for (const RuntimeKind runtime : {RuntimeKind::lean, RuntimeKind::dispatch}) {
    EXPECT_TRUE(checked_by(runtime, {10, 5, 0, 18}, true));
    EXPECT_TRUE(checked_by(runtime, kHere, true));
    const Status plain = checked_by(runtime, kHere, false);
    ASSERT_FALSE(plain);
    EXPECT_EQ(plain.error().code, ErrorCode::unavailable);
    EXPECT_THAT(plain.error().message,
                AllOf(HasSubstr("m.engine was built by TensorRT 10.6.0.26 without --version-compatible"),
                      HasSubstr(std::string("the ") + to_string(runtime) + " runtime of TensorRT 10.6.0.26")));
    EXPECT_THAT(plain.error().hint, HasSubstr("full runtime"));
    const Status newer = checked_by(runtime, {10, 7, 0, 1}, true);
    ASSERT_FALSE(newer);
    EXPECT_THAT(newer.error().message, HasSubstr("not on older ones"));
  }
}

// The runtime itself knows; a full one would take the plan's code for its own.
TEST(CheckPlan, WhereNobodySaysALeanRuntimeIsAsked) {
  EXPECT_TRUE(checked_by(RuntimeKind::lean, {10, 5, 0, 18}, std::nullopt));
  EXPECT_TRUE(checked_by(RuntimeKind::dispatch, {10, 5, 0, 18}, std::nullopt));
  EXPECT_FALSE(checked_by(RuntimeKind::full, {10, 5, 0, 18}, std::nullopt));
  EXPECT_FALSE(checked_by(RuntimeKind::lean, {10, 7, 0, 1}, std::nullopt));
}

TEST(CheckPlan, FlavoursDoNotMix) {
  const Status status = checked(EngineFlavour::tensorrt_rtx, kHere, true);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, AllOf(HasSubstr("TensorRT-RTX 10.6.0.26"), HasSubstr("here is TensorRT 10.6")));
  EXPECT_THAT(status.error().hint, HasSubstr("--backend tensorrt"));
}

// The first bytes of a plan that TensorRT 10.6.0 built on an H200: MobileNetV2 in FP16, 8188180 bytes.
TEST(PlanHeader, ReadsARealPlanOfTensorRt10) {
  const std::string head(
      "\x66\x74\x72\x74\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x14\xf1\x7c\x00\x00\x00\x00\x00"
      "\x0a\x06\x00\x1a\x72\x74\x72\x74\x4e\x47\x4e\x45\x00\x00\x00\x00\x50\x00\x00\x00\x00\x00\x00\x00"
      "\xbe\xfd\x11\x00\x00\x00\x00\x00\x54\x48\x47\x57\x00\x00\x00\x00",
      64);
  const auto header = parse_plan_header(head, 8188180, "real.engine");
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header->flavour, EngineFlavour::tensorrt);
  EXPECT_EQ(to_string(header->version), "10.6.0.26");
  EXPECT_FALSE(parse_plan_header(head, 8188179, "cut.engine"));
  EXPECT_FALSE(parse_plan_header(head, 8188181, "longer.engine"));
}

}  // namespace
}  // namespace trtprof
