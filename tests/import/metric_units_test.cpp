#include "trtprof/import/metric_units.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace trtprof {
namespace {

NumberStyle learnt(const std::vector<std::string>& texts) {
  NumberStyle style;
  for (const std::string& text : texts) style.observe(text);
  return style;
}

TEST(NumberStyle, ReadsPlainNumbersWithoutHavingLearntAnything) {
  const NumberStyle style;
  EXPECT_EQ(style.parse("6272"), 6272.0);
  EXPECT_EQ(style.parse("0.38"), 0.38);
  EXPECT_EQ(style.parse(" 1.5e-05 "), 1.5e-5);
  EXPECT_EQ(style.parse("-3"), -3.0);
  EXPECT_EQ(style.parse("4,920"), 4920.0);
}

TEST(NumberStyle, WhatIsNoNumberIsNone) {
  const NumberStyle style;
  for (const char* text : {"", " ", "n/a", "nan", "inf", "no data", "PolicySpread", "(!) n/a", "1.2.3x", "-", ",",
                           "1 2a", "12ab", "1e999"}) {
    EXPECT_EQ(style.parse(text), std::nullopt) << text;
  }
}

TEST(NumberStyle, GermanAndFrenchNumbersAreToldFromEnglishOnes) {
  const NumberStyle english = learnt({"CachePreferNone", "4,920.35"});
  EXPECT_TRUE(english.certain());
  EXPECT_EQ(english.parse("65,089,783,281.73"), 65089783281.73);
  const NumberStyle german = learnt({"4.920,35"});
  EXPECT_EQ(german.parse("65.089.783.281,73"), 65089783281.73);
  EXPECT_EQ(german.parse("0,38"), 0.38);
  const NumberStyle french = learnt({"4\u202f920,35"});
  EXPECT_EQ(french.parse("65\u202f089\u00a0783,5"), 65089783.5);
  EXPECT_EQ(learnt({"1'234.5"}).parse("1'234"), 1234.0);
}

TEST(NumberStyle, OneTextMayDecideAndAnotherNot) {
  for (const char* text : {"4,920", "4.920", "17", "n/a"}) {
    EXPECT_FALSE(learnt({text}).certain()) << text;
  }
  EXPECT_EQ(learnt({"1,234,567"}).parse("1.5"), 1.5);
  EXPECT_EQ(learnt({"1.234.567"}).parse("1,5"), 1.5);
  EXPECT_EQ(learnt({"0,125"}).parse("4,920"), 4.92);  // no group begins with a zero
  EXPECT_EQ(learnt({"99,5"}).parse("4.920"), 4920.0);
}

TEST(MetricUnits, AreFactorsToBaseUnits) {
  struct Case {
    const char* unit;
    double factor;
  };
  for (const auto& [unit, factor] : std::vector<Case>{{"", 1.0},
                                                      {"%", 1.0},
                                                      {"byte", 1.0},
                                                      {"Kbyte", 1e3},
                                                      {"Mbyte/second", 1e6},
                                                      {"Gbyte/s", 1e9},
                                                      {"KiB", 1024.0},
                                                      {"nsecond", 1e-9},
                                                      {"usecond", 1e-6},
                                                      {"msecond", 1e-3},
                                                      {"second", 1.0},
                                                      {"ns", 1e-9},
                                                      {"us", 1e-6},
                                                      {"\u00b5s", 1e-6},
                                                      {"ms", 1e-3},
                                                      {"s", 1.0},
                                                      {"hz", 1.0},
                                                      {"Mhz", 1e6},
                                                      {"Ghz", 1e9},
                                                      {"cycle/nsecond", 1e9},
                                                      {"cycle/second", 1.0},
                                                      {"inst/cycle", 1.0},
                                                      {"byte/block", 1.0},
                                                      {"Kbyte/block", 1e3},
                                                      {"register/thread", 1.0},
                                                      {"byte/us", 1e6},
                                                      {"sector/ns", 1e9},
                                                      {"SM", 1.0},
                                                      {"branches", 1.0},
                                                      {"%/register", 1.0}}) {
    const MetricUnit parsed = parse_metric_unit(unit);
    EXPECT_TRUE(parsed.known) << unit;
    EXPECT_DOUBLE_EQ(parsed.factor, factor) << unit;
  }
}

TEST(MetricUnits, AnUnknownOneSaysSo) {
  for (const char* unit : {"furlong", "byte/furlong", "Xbyte", "byte/s/s"}) {
    EXPECT_FALSE(parse_metric_unit(unit).known) << unit;
    EXPECT_EQ(parse_metric_unit(unit).factor, 1.0) << unit;
  }
}

}  // namespace
}  // namespace trtprof
