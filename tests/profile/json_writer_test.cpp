#include "trtprof/profile/json_writer.h"

#include <cmath>
#include <limits>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace trtprof {
namespace {

std::string one_value(auto value) {
  JsonWriter json;
  json.value(value);
  return std::move(json).take();
}

TEST(JsonWriter, IndentsByTwoAndKeepsOrder) {
  JsonWriter json;
  json.begin_object();
  json.key("b");
  json.value(std::int64_t{-1});
  json.key("a");
  json.begin_array();
  json.begin_object();
  json.key("flag");
  json.value(true);
  json.end_object();
  json.value(std::string_view("text"));
  json.end_array();
  json.key("numbers");
  json.line_of(std::vector<double>{0.5, 2, 1e-7});
  json.key("none");
  json.begin_array();
  json.end_array();
  json.key("empty");
  json.begin_object();
  json.end_object();
  json.end_object();
  EXPECT_EQ(std::move(json).take(), R"({
  "b": -1,
  "a": [
    {
      "flag": true
    },
    "text"
  ],
  "numbers": [0.5, 2, 1e-07],
  "none": [],
  "empty": {}
}
)");
}

TEST(JsonWriter, EscapesKeysAndText) {
  const std::string hostile("\"\\\n\t\x01\x00</script>\x7f\xE2\x82\xAC", 20);
  JsonWriter json;
  json.begin_object();
  json.key(hostile);
  json.value(std::string_view(hostile));
  json.end_object();
  const auto parsed = nlohmann::json::parse(std::move(json).take());
  EXPECT_EQ(parsed.at(hostile), hostile);
}

TEST(JsonWriter, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(one_value(std::string_view("a\xFF\xC3")), "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"\n");
}

TEST(JsonWriter, NumbersReadBackExactly) {
  for (const double number : {0.0, 0.1, 1.0 / 3.0, 1e-9, 123456789.0, 1e300, 5e-324, 2.2250738585072014e-308,
                              std::numeric_limits<double>::max(), 9007199254740993.0, 1e17}) {
    EXPECT_EQ(nlohmann::json::parse(one_value(number)).get<double>(), number) << number;
  }
  EXPECT_EQ(one_value(0.1), "0.1\n") << "the shortest text";
  EXPECT_EQ(one_value(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615\n");
  EXPECT_EQ(one_value(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808\n");
}

TEST(JsonWriter, SaysNullWhereJsonHasNoNumber) {
  EXPECT_EQ(one_value(std::nan("")), "null\n");
  EXPECT_EQ(one_value(std::numeric_limits<double>::infinity()), "null\n");
  EXPECT_EQ(one_value(-std::numeric_limits<double>::infinity()), "null\n");
}

}  // namespace
}  // namespace trtprof
