#include "trtprof/import/json_stream.h"

#include <cmath>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/foreign_files.h"

namespace trtprof::test {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Read {
  json value;
  std::string error;
  std::vector<std::string> notes;
};

Read read(const std::string& text, JsonLimits limits = {}) {
  std::istringstream in(text);
  JsonStream stream(in, "file.json", limits);
  Read result;
  if (stream.value(stream.next(), result.value)) stream.next();
  if (const Status status = stream.status(); !status) result.error = status.error().message;
  result.notes = stream.notes();
  return result;
}

TEST(JsonStream, ReadsWhatJsonIsAsJson) {
  const std::string text = R"({"a" : [1, -2.5e3, true, false, null, "x\"\\\/\b\f\n\r\té😀"],)"
                           "\r\n\t\"b\":{},\"c\":[],\"\":18446744073709551615, \"d\" : \"\xc3\xa9\" }";
  const Read result = read(text);
  EXPECT_EQ(result.error, "");
  EXPECT_THAT(result.notes, IsEmpty());
  EXPECT_EQ(result.value["a"], json::parse(text)["a"]);
  EXPECT_EQ(result.value["d"], "\xc3\xa9");
  EXPECT_TRUE(result.value["a"][0].is_number_integer());
  EXPECT_DOUBLE_EQ(result.value[""].get<double>(), 18446744073709551615.0);
}

TEST(JsonStream, ReadsRealDocumentsAsAnyReaderDoes) {
  for (const char* name :
       {"mnv2_b1_fp16_graph.layers.json", "mnv2_b1_fp16_graph.profile.json", "mnv2_b1_fp16_counted.profile.json"}) {
    const std::string text = text_of_file(real_file(name));
    const Read result = read(text);
    EXPECT_EQ(result.error, "") << name;
    EXPECT_TRUE(result.value == json::parse(text)) << name;
  }
}

TEST(JsonStream, TakesTextsThatAreNotEscaped) {
  const Read result =
      read(R"([{ "name" : "conv "a", "b" \ C:\Users {x} "]", "timeMs" : 1 }, {"name" : "tail"", "t":2}])");
  EXPECT_EQ(result.error, "");
  EXPECT_EQ(result.value[0]["name"], R"(conv "a", "b" \ C:\Users {x} "])");
  EXPECT_EQ(result.value[0]["timeMs"], 1);
  EXPECT_EQ(result.value[1]["name"], "tail\"");
  EXPECT_THAT(result.notes, ElementsAre(HasSubstr("file.json is not valid JSON: 2 of its texts hold quotes")));
}

TEST(JsonStream, TakesControlCharactersAndNotesThem) {
  const Read result = read("[\"a\x1e\x1f\nb\"]");
  EXPECT_EQ(result.value[0], "a\x1e\x1f\nb");
  EXPECT_THAT(result.notes, ElementsAre(HasSubstr("control characters")));
}

TEST(JsonStream, TakesBytesThatAreNotUtf8AsLatin1) {
  const Read result = read("[\"caf\xe9\", \"caf\xe8\", \"\xed\xa0\x80\", \"\xf0\x80\x80\x80\"]");
  EXPECT_EQ(result.value[0], "caf\xc3\xa9");
  EXPECT_NE(result.value[0], result.value[1]);
  EXPECT_THAT(result.notes, ElementsAre("file.json is not in UTF-8: 4 of its texts were read as Latin-1."));
  EXPECT_NO_THROW((void)result.value.dump());
}

TEST(JsonStream, TakesNanAndInfinityAsNumbersThatAreNotFinite) {
  const Read result = read("[nan, -nan, NaN, inf, -Infinity, 1e999, nan(ind)]");
  EXPECT_EQ(result.error, "");
  for (const json& value : result.value) EXPECT_FALSE(std::isfinite(value.get<double>()));
}

TEST(JsonStream, PairsSurrogatesAndReplacesLoneOnes) {
  const Read result = read(R"(["😀", "\ud83d", "\ude00x", "\ud83dA", "\u12"])");
  EXPECT_EQ(result.error, "");
  EXPECT_THAT(result.value.get<std::vector<std::string>>(),
              ElementsAre("\xf0\x9f\x98\x80", "\xef\xbf\xbd", "\xef\xbf\xbdx",
                          "\xef\xbf\xbd"
                          "A",
                          R"(\u12)"));
}

TEST(JsonStream, SaysWhereAFileEndsTooEarly) {
  const std::string text = R"({"Layers": [{"Name": "a", "x": [1, 2.5, true]}]})";
  for (std::size_t size = 0; size < text.size(); ++size) {
    const std::string error = read(text.substr(0, size)).error;
    EXPECT_FALSE(error.empty()) << size;
    if (size > 0 && size + 4 < text.size() && text[size] != ',' && text.find("2.5") != size - 1) {
      EXPECT_TRUE(error.find("cut off") != std::string::npos || error.find("not valid JSON") != std::string::npos)
          << size << ": " << error;
    }
  }
  EXPECT_EQ(read("").error, "file.json is empty");
  EXPECT_EQ(read("[1,").error,
            "file.json ends after 3 bytes in the middle of its JSON, as a file that was cut off does");
}

TEST(JsonStream, SaysWhatIsNoJson) {
  EXPECT_EQ(read("[1 2]").error, "file.json is not valid JSON: at byte 3 is '2' where ',' or ']' must be");
  EXPECT_THAT(read(R"({"a" 1})").error, HasSubstr("is '1' where ':' must be"));
  EXPECT_THAT(read("{1:2}").error, HasSubstr("where a key must be"));
  EXPECT_THAT(read("[1,]").error, HasSubstr("is ']' where a value must be"));
  EXPECT_THAT(read("[}").error, HasSubstr("where a value must be"));
  EXPECT_THAT(read("[1}").error, HasSubstr("where ',' or ']' must be"));
  EXPECT_THAT(read("[yes]").error, HasSubstr("is neither a number nor true, false or null"));
  EXPECT_THAT(read("[1] [2]").error, HasSubstr("more follows its end"));
  EXPECT_THAT(read("[" + std::string(5000, '1') + "]").error, HasSubstr("neither a number"));
  EXPECT_THAT(read("\x1b[2J").error, HasSubstr("is byte 0x1b"));
}

TEST(JsonStream, RefusesDeepNesting) {
  EXPECT_EQ(read(std::string(512, '[') + std::string(512, ']')).error, "");
  EXPECT_THAT(read(std::string(513, '[')).error, HasSubstr("nests deeper than 512 levels"));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += R"({"a":)";
  EXPECT_THAT(read(objects).error, HasSubstr("nests deeper than 512 levels"));
}

TEST(JsonStream, RefusesTextsAndValuesWithoutEnd) {
  JsonLimits limits;
  limits.text = 1000;
  EXPECT_EQ(read("[\"" + std::string(1000, 'a') + "\"]", limits).error, "");
  EXPECT_THAT(read("[\"" + std::string(5000, 'a') + "\"]", limits).error,
              HasSubstr("ends the first 1000 bytes of a text that is longer"));
  limits = {};
  limits.value = 1000;
  EXPECT_THAT(read("[" + std::string(2000, ' ') + "1]", limits).error, HasSubstr("takes more than 1000 bytes"));
  limits = {};
  limits.nodes = 10;
  EXPECT_THAT(read("[1,2,3,4,5,6,7,8,9,10,11]", limits).error, HasSubstr("more than 10 parts"));
}

TEST(JsonStream, LastOfDuplicateKeysCounts) {
  EXPECT_EQ(read(R"({"a":1,"a":2})").value["a"], 2);
}

TEST(JsonStream, FaultsOfTheFileComeBeforeThoseOfItsText) {
  ForeignFiles files;
  std::string text = "[";
  for (int i = 0; i < 40'000; ++i) text += std::to_string(i * 7919) + ",";
  const std::string packed = gzipped(text + "0]");
  auto file = ForeignStream::open(files.write("cut.gz", packed.substr(0, packed.size() / 2)));
  ASSERT_TRUE(file);
  JsonStream stream(*file);
  const Status read = for_each_element(stream, "", [](json&&) { return Status{}; });
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("is a gzip file that was cut off"));
}

TEST(ForEachElement, GivesTheElementsOfAnArrayAtTheRoot) {
  std::istringstream in("[1, {\"a\":2}, []]");
  JsonStream stream(in, "f");
  std::vector<std::string> seen;
  EXPECT_TRUE(for_each_element(stream, "", [&](json&& value) {
    seen.push_back(value.dump());
    return Status{};
  }));
  EXPECT_THAT(seen, ElementsAre("1", R"({"a":2})", "[]"));
}

TEST(ForEachElement, GivesTheOtherMembersBesideAnArrayOfTheRoot) {
  std::istringstream in(R"({"before": 1, "list": [2, 3], "after": {"list": [4]}})");
  JsonStream stream(in, "f");
  std::vector<std::string> seen;
  EXPECT_TRUE(for_each_element(
      stream, "list",
      [&](json&& value) {
        seen.push_back(value.dump());
        return Status{};
      },
      [&](const std::string& key, json&& value) {
        seen.push_back(key + value.dump());
        return Status{};
      }));
  EXPECT_THAT(seen, ElementsAre("before1", "2", "3", R"(after{"list":[4]})"));
}

TEST(ForEachElement, PassesOverMembersThatNobodyWants) {
  std::istringstream in(R"({"before": [[{"x": [1]}]], "list": [2], "after": "x"})");
  JsonStream stream(in, "f");
  int seen = 0;
  EXPECT_TRUE(for_each_element(stream, "list", [&](json&&) {
    ++seen;
    return Status{};
  }));
  EXPECT_EQ(seen, 1);
}

TEST(ForEachElement, EndsWithTheFirstErrorOfItsReaders) {
  std::istringstream in("[1, 2, 3]");
  JsonStream stream(in, "f");
  int seen = 0;
  const Status read = for_each_element(stream, "", [&](json&&) -> Status {
    ++seen;
    return fail("enough");
  });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "enough");
  EXPECT_EQ(seen, 1);
}

TEST(ForEachElement, RefusesDocumentsOfAnotherForm) {
  const auto error_of = [](const std::string& text, std::string_view array) {
    std::istringstream in(text);
    JsonStream stream(in, "f");
    const Status read = for_each_element(stream, array, [](json&&) { return Status{}; });
    return read ? std::string() : read.error().message;
  };
  EXPECT_EQ(error_of("{}", ""), "f: it begins with no array");
  EXPECT_EQ(error_of("[]", "list"), "f: it begins with no object");
  EXPECT_EQ(error_of(R"({"other": []})", "list"), "f: it has no list \"list\"");
  EXPECT_EQ(error_of(R"({"list": {}})", "list"), "f: it has no list \"list\"");
  EXPECT_THAT(error_of(R"({"list": [1, 2)", "list"), HasSubstr("cut off"));
  EXPECT_THAT(error_of("[1] x", ""), HasSubstr("more follows its end"));
  EXPECT_THAT(error_of(R"({"list": [1]} x)", "list"), HasSubstr("more follows its end"));
}

TEST(JsonOutline, ShowsTheKeysOfWhatIsThere) {
  const JsonOutline object = json_outline(R"({"a": {"hidden": 1}, "list": [{"x": {"deep": 1}, "y": 2}, {"z)");
  EXPECT_EQ(object.root, '{');
  EXPECT_THAT(object.keys, ElementsAre("a", "list"));
  EXPECT_THAT(object.element_keys, ElementsAre("x", "y"));
  const JsonOutline array = json_outline(R"( [ {"count": 1}, {"name": "a"b", "timeMs": 2, )");
  EXPECT_EQ(array.root, '[');
  EXPECT_TRUE(array.element_has("timeMs"));
  EXPECT_FALSE(array.has("count"));
  EXPECT_EQ(json_outline("text").root, '\0');
  EXPECT_EQ(json_outline("").root, '\0');
}

}  // namespace
}  // namespace trtprof::test
