#include "trtprof/ceilings/ceilings_json.h"

#include <string>
#include <utility>

#include <gmock/gmock.h>

namespace trtprof {
namespace {

using testing::HasSubstr;

std::string table(const std::string& figures, const std::string& names = "\"A\"") {
  return R"({"schema": {"name": "trtprof-ceilings", "major": 1}, "devices": [{"device": "Device A", "names": [)" +
         names + R"(], "figures": [)" + figures + "]}]}";
}

const std::string kFigure =
    R"({"kind": "memory_bandwidth", "value": 4.8e12, "basis": "datasheet", "source": "a datasheet"})";

TEST(CeilingsJson, ReadsFiguresWithTheirBasisAndSource) {
  const auto read = ceilings_from_json(table(kFigure), "t.json");
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 1u);
  EXPECT_EQ(read->front().names, std::vector<std::string>{"A"});
  EXPECT_EQ(read->front().figures.front(),
            (CeilingFigure{CeilingKind::memory_bandwidth, 4.8e12, CeilingBasis::datasheet, "a datasheet"}));
}

TEST(CeilingsJson, WhatWasMeasuredComesBeforeTheDatasheet) {
  const std::string measured =
      R"({"kind": "memory_bandwidth", "value": 4.3e12, "basis": "measured", "source": "a copy"})";
  for (const std::string& figures : {kFigure + ", " + measured, measured + ", " + kFigure}) {
    const auto read = ceilings_from_json(table(figures), "t.json");
    ASSERT_TRUE(read) << read.error().message;
    const CeilingFigure* best = read->front().find(CeilingKind::memory_bandwidth);
    ASSERT_NE(best, nullptr);
    EXPECT_EQ(best->value, 4.3e12);
    EXPECT_EQ(read->front().find(CeilingKind::fp8_peak), nullptr);
  }
}

TEST(CeilingsJson, ErrorsNameTheDeviceAndTheFigure) {
  const std::pair<std::string, std::string> cases[] = {
      {"[1", "t.json: not JSON"},
      {"[]", "not a table of ceilings"},
      {R"({"schema": 3})", "not a table of ceilings"},
      {R"({"schema": {"name": "trtprof-ceilings", "major": 2}, "devices": []})", "another major version than 1"},
      {R"({"schema": {"name": "trtprof-ceilings", "major": 1}})", "no array 'devices'"},
      {R"({"schema": {"name": "trtprof-ceilings", "major": 1}, "devices": [3]})", "a device has no name"},
      {table(""), "Device A: it needs an array 'names'"},
      {table("3"), "Device A: a figure has no kind"},
      {table(R"({"kind": "speed"})"), "Device A: 'speed' is no kind of ceiling"},
      {table(R"({"kind": "sp\u001b[2Jeed"})"), "Device A: 'sp␛[2Jeed' is no kind of ceiling"},
      {table(R"({"kind": "fp32_peak", "value": -1})"), "the value of fp32_peak is no number above 0"},
      {table(R"({"kind": "fp32_peak"})"), "the value of fp32_peak is no number above 0"},
      {table(R"({"kind": "fp32_peak", "value": 1, "basis": "guess"})"), "the basis of fp32_peak is neither"},
      {table(R"({"kind": "fp32_peak", "value": 1, "basis": "measured", "source": ""})"), "fp32_peak has no source"},
      {table(kFigure + "," + kFigure), "memory_bandwidth is told twice as datasheet"},
      {table(kFigure, "\"A\", \"A\""), "two devices are named 'A'"},
      {table(kFigure, "7"), "a name is no text"},
  };
  for (const auto& [text, message] : cases) {
    const auto read = ceilings_from_json(text, "t.json");
    ASSERT_FALSE(read) << text;
    EXPECT_THAT(read.error().message, HasSubstr(message));
  }
}

TEST(CeilingsJson, ReadsAndRefusesSpreads) {
  const auto with = [](const std::string& spread) {
    return table(R"({"kind": "launch_cost", "value": 2e-6, "basis": "measured", "source": "s", "spread": )" + spread +
                 "}");
  };
  const auto read = ceilings_from_json(with(R"({"low": 1e-6, "high": 3e-6, "samples": 20})"), "t.json");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->front().figures.front().spread, (CeilingSpread{1e-6, 3e-6, 20}));
  for (const char* bad : {"3", "{}", R"({"low": 3, "high": 1, "samples": 2})", R"({"low": 1, "high": 2, "samples": 0})",
                          R"({"low": 1, "high": 2, "samples": 1e300})", R"({"low": "1", "high": 2, "samples": 2})"}) {
    const auto refused = ceilings_from_json(with(bad), "t.json");
    ASSERT_FALSE(refused) << bad;
    EXPECT_THAT(refused.error().message, HasSubstr("the spread of launch_cost"));
  }
}

TEST(CeilingsJson, EveryKindReadsBackByItsName) {
  for (int i = 0; i <= static_cast<int>(CeilingKind::pageable_device_to_host_rate); ++i) {
    const auto kind = static_cast<CeilingKind>(i);
    EXPECT_EQ(ceiling_kind_from_string(to_string(kind)), kind);
  }
  EXPECT_EQ(ceiling_kind_from_string(""), std::nullopt);
}

}  // namespace
}  // namespace trtprof
