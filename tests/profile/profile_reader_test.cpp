// profile_from_json() on what it should refuse, and on what it should put up with.
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/profile_fixture.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

json full_document() {
  return json::parse(profile_to_json(test::full_profile()));
}

Error refusal_of(const std::string& text) {
  const Result<LoadedProfile> loaded = profile_from_json(text, "p.json");
  EXPECT_FALSE(loaded.has_value()) << text.substr(0, 200);
  return loaded ? Error{} : loaded.error();
}

LoadedProfile reading_of(const json& document) {
  Result<LoadedProfile> loaded = profile_from_json(document.dump(), "p.json");
  EXPECT_TRUE(loaded.has_value()) << (loaded ? "" : loaded.error().message);
  return loaded ? *loaded : LoadedProfile{};
}

struct Fault {
  const char* pointer;
  json value;
  const char* sentence;
};

class RefusedValue : public ::testing::TestWithParam<Fault> {};

TEST_P(RefusedValue, IsNamedByItsPointer) {
  json document = full_document();
  ASSERT_TRUE(document.contains(json::json_pointer(GetParam().pointer))) << "the fixture no longer has this field";
  document[json::json_pointer(GetParam().pointer)] = GetParam().value;
  const Error error = refusal_of(document.dump());
  EXPECT_EQ(error.message, fmt::format("p.json: {} {}", GetParam().pointer, GetParam().sentence));
  EXPECT_EQ(error.code, ErrorCode::failed);
}

INSTANTIATE_TEST_SUITE_P(
    ProfileReader, RefusedValue,
    ::testing::Values(
        Fault{"/environment", json::array(), "must be an object, but is an array"},
        Fault{"/environment/hostname", 7, "must be a string, but is a number"},
        Fault{"/environment/device_kind", "tpu", "is \"tpu\", which is none of its values"},
        Fault{"/environment/threads", 1.5, "must be an integer, but is 1.5"},
        Fault{"/environment/threads", true, "must be an integer, but is a boolean"},
        Fault{"/environment/threads", -1, "is -1, but cannot be negative"},
        Fault{"/environment/threads", 2147483648LL, "is 2147483648, but cannot be above 2147483647"},
        Fault{"/environment/command_line/1", nullptr, "must be a string, but is null"},
        Fault{"/environment/properties/PERFORMANCE_HINT", 1, "must be a string, but is a number"},
        Fault{"/model/opsets/", "17", "must be an integer, but is a string"},
        Fault{"/model/inputs/0/shape/1", -2, "is -2, but cannot be below -1"},
        Fault{"/model/file_bytes", -5, "is -5, but cannot be negative"},
        Fault{"/end_to_end/total/samples", "0.1", "must be an array, but is a string"},
        Fault{"/end_to_end/total/samples/3", -0.5, "is -0.5, but cannot be negative"},
        Fault{"/end_to_end/total/samples/3", nullptr, "must be a number, but is null"},
        Fault{"/end_to_end/total/samples/3", true, "must be a number, but is a boolean"},
        Fault{"/end_to_end/total/summary/median", "fast", "must be a number, but is a string"},
        Fault{"/end_to_end/total/summary/stddev", -1.0, "is -1, but cannot be negative"},
        Fault{"/end_to_end/total/summary/count", 3, "is 3, but there are 12 samples"},
        Fault{"/end_to_end/measurement/stop_reason", "tired", "is \"tired\", which is none of its values"},
        Fault{"/end_to_end/measurement/warmup_steady", 1, "must be true or false, but is a number"},
        Fault{"/layer_run/layers/1/layer_class", "Conv", "is \"Conv\", which is none of its values"},
        Fault{"/layer_run/layers/1/origin_source", "", "is \"\", which is none of its values"},
        Fault{"/layer_run/layers/1/time/summary/median_interval/low", -1e-9, "is -1e-09, but cannot be negative"},
        Fault{"/timeline/join", "guessed", "is \"guessed\", which is none of its values"},
        Fault{"/timeline/kernels/0/launch/grid/0", -2, "is -2, but cannot be below -1"},
        Fault{"/timeline/kernels/1/gap_before", 1e-6, "must be an object, but is a number"},
        Fault{"/timeline/span/samples/1", -1.0, "is -1, but cannot be negative"},
        Fault{"/timeline/span/summary/count", 4, "is 4, but there are 3 samples"},
        Fault{"/timeline/activities/1/kind", "call", "is \"call\", which is none of its values"},
        Fault{"/timeline/lost_records", 0.5, "must be an integer, but is 0.5"},
        Fault{"/telemetry/series/0/values", 3, "must be an array, but is a number"},
        Fault{"/telemetry/phases/0/inferences", "12", "must be an integer, but is a string"},
        Fault{"/counters/join", "time", "is \"time\", which is none of its values"},
        Fault{"/counters/kernels/0/values/0", "1,500", "must be a number, but is a string"},
        Fault{"/counters/kernels/0/values", json::array({1.0}), "has 1 values, but there are 3 metrics"},
        Fault{"/partial", nullptr, "must be true or false, but is null"},
        Fault{"/notes/0", json::object(), "must be a string, but is an object"},
        Fault{"/schema/major", "1", "must be an integer, but is a string"},
        Fault{"/schema/minor", -1, "is -1, but cannot be negative"}));

TEST(ProfileReader, RefusesAnyRequiredFieldMissing) {
  for (const char* pointer : {"/environment",
                              "/environment/backend",
                              "/model",
                              "/model/opsets",
                              "/model/inputs/0/shape",
                              "/end_to_end/total",
                              "/end_to_end/total/samples",
                              "/end_to_end/total/summary/p99",
                              "/layer_run/layers",
                              "/layer_run/layers/2/name",
                              "/layer_run/layers/2/time",
                              "/timeline/span",
                              "/timeline/kernels/1/launch",
                              "/timeline/kernels/1/launch/grid",
                              "/timeline/activities/0/start",
                              "/telemetry/phases/0/name",
                              "/counters/tool",
                              "/counters/kernels/0/values",
                              "/partial",
                              "/warnings",
                              "/schema/name",
                              "/schema/major",
                              "/schema/minor"}) {
    json document = full_document();
    const json::json_pointer field(pointer);
    document.at(field.parent_pointer()).erase(field.back());
    EXPECT_EQ(refusal_of(document.dump()).message, fmt::format("p.json: {} is missing", pointer));
  }
}

TEST(ProfileReader, TakesNullForAnOptionalField) {
  json document = full_document();
  document["environment"]["threads"] = nullptr;
  document["end_to_end"] = nullptr;
  Profile expected = test::full_profile();
  expected.environment.threads.reset();
  expected.end_to_end.reset();
  EXPECT_EQ(reading_of(document).profile, expected);
}

TEST(ProfileReader, RefusesANewerMajorVersionAndSaysWhatToDo) {
  json document = full_document();
  document["schema"]["major"] = 2;
  document["schema"]["minor"] = 3;
  document["environment"] = "something else altogether";
  const Error error = refusal_of(document.dump());
  EXPECT_EQ(error.message, "p.json has profile schema version 2.3, newer than the version 1.x that this program reads");
  EXPECT_EQ(error.hint, "read it with a newer tensorrt_profiling, or measure again with this one");
}

TEST(ProfileReader, RefusesAnOlderMajorVersion) {
  json document = full_document();
  document["schema"]["major"] = 0;
  EXPECT_THAT(refusal_of(document.dump()).message, HasSubstr("version 0.2, older than the version 1.x"));
}

TEST(ProfileReader, TakesANewerMinorVersionAndNotesWhatItLeftOut) {
  json document = full_document();
  document["schema"]["minor"] = 4;
  document["forecast"] = {{"watts", {1, 2, 3}}};
  for (json& layer : document["layer_run"]["layers"]) {
    layer["kernels"] = 3;
  }
  document["layer_run"]["layers"][2]["layer_class"] = "StateSpace";
  document["model"]["a/b"] = 1;

  const LoadedProfile loaded = reading_of(document);
  Profile expected = test::full_profile();
  expected.layer_run->layers[2].layer_class = LayerClass::other;
  EXPECT_EQ(loaded.profile, expected) << "it is a record of this version now";
  EXPECT_THAT(loaded.notes,
              ElementsAre("/model/a~1b is not known to this version and was ignored",
                          "/layer_run/layers/0/kernels is not known to this version and was ignored (7 such places)",
                          "/layer_run/layers/2/layer_class is \"StateSpace\", a class this version does not know, and "
                          "was read as \"Other\"",
                          "/forecast is not known to this version and was ignored"));
}

TEST(ProfileReader, TakesAProfileOfVersion11) {
  json document = full_document();
  document["schema"]["minor"] = 1;
  for (json& layer : document["layer_run"]["layers"]) layer.erase("work");
  const LoadedProfile loaded = reading_of(document);
  Profile expected = test::full_profile();
  expected.schema_minor = 1;
  for (Layer& layer : expected.layer_run->layers) layer.work.reset();
  EXPECT_EQ(loaded.profile, expected);
  EXPECT_THAT(loaded.notes, ElementsAre());
}

TEST(ProfileReader, TakesAProfileOfVersion10) {
  json document = full_document();
  document["schema"]["minor"] = 0;
  for (const char* newer : {"timeline", "counters", "telemetry"}) document.erase(newer);
  const LoadedProfile loaded = reading_of(document);
  Profile expected = test::full_profile();
  expected.schema_minor = 0;
  expected.timeline.reset();
  expected.counters.reset();
  expected.telemetry.reset();
  EXPECT_EQ(loaded.profile, expected);
  EXPECT_THAT(loaded.notes, ElementsAre());
}

TEST(ProfileReader, NotesUnknownFieldsOfItsOwnVersionToo) {
  json document = full_document();
  document["comment"] = "edited by hand";
  EXPECT_THAT(reading_of(document).notes, ElementsAre("/comment is not known to this version and was ignored"));
}

TEST(ProfileReader, KeepsNotesFewHoweverManyUnknownFields) {
  json document = full_document();
  for (int i = 0; i < 1000; ++i) {
    document["field " + std::to_string(i)] = i;
  }
  const LoadedProfile loaded = reading_of(document);
  EXPECT_THAT(loaded.notes, SizeIs(21));
  EXPECT_EQ(loaded.notes.back(), "980 more unknown fields were ignored");
}

TEST(ProfileReader, RefusesOtherJson) {
  for (const char* text : {"{}", "[]", "null", "3", "\"text\"", R"({"schema": 1})", R"({"layers": []})"}) {
    const Error error = refusal_of(text);
    EXPECT_EQ(error.message, "p.json is not a profile: it has no object /schema") << text;
    EXPECT_THAT(error.hint, HasSubstr("--json"));
  }
  EXPECT_EQ(refusal_of(R"({"schema": {"name": "trtprof-analysis", "major": 1, "minor": 0}})").message,
            "p.json is not a profile: /schema/name is \"trtprof-analysis\", not \"trtprof-profile\"");
}

TEST(ProfileReader, RefusesWhatIsNotJson) {
  EXPECT_EQ(refusal_of("").message, "p.json is empty, not a profile");
  for (const char* text :
       {"{", "ONNX", "{} {}", "{\"a\": NaN}", "{\"a\": 1e999}", "\x08\x03\x12", "{\"a\": \"\xFF\"}"}) {
    EXPECT_THAT(refusal_of(text).message, StartsWith("p.json is not valid JSON: ")) << text;
  }
  const std::string whole = profile_to_json(test::full_profile());
  for (std::size_t size = 1; size + 1 < whole.size(); size += 997) {
    EXPECT_THAT(refusal_of(whole.substr(0, size)).message,
                StartsWith("p.json is not valid JSON: parse error at line "));
  }
}

TEST(ProfileReader, EndsOnDeeplyNestedInput) {
  const std::string deep(1'000'000, '[');
  EXPECT_THAT(refusal_of(deep).message, StartsWith("p.json is not valid JSON: "));
  const std::string closed = deep + std::string(1'000'000, ']');
  EXPECT_THAT(refusal_of(closed).message, StartsWith("p.json is not a profile"));
}

TEST(ProfileReader, MessagesCannotActOnTheTerminal) {
  json document = full_document();
  document["environment"]["properties"]["\x1b[2J\n"] = 1;
  const std::string message = refusal_of(document.dump()).message;
  EXPECT_EQ(message.find('\x1b'), std::string::npos);
  EXPECT_EQ(message.find('\n'), std::string::npos);
  const Result<LoadedProfile> loaded = profile_from_json("{}", "\x1b[2J.json");
  EXPECT_EQ(loaded.error().message.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace trtprof
