#include "trtprof/import/trtexec_profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/foreign_files.h"
#include "trtprof/profile/layer_times.h"

namespace trtprof::test {
namespace {

using ::testing::Contains;
using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class TrtexecProfile : public ::testing::Test {
 protected:
  Result<Imported> read(std::string_view text) { return read_trtexec_profile(files_.write("profile.json", text)); }
  std::string error_of(std::string_view text) {
    const auto imported = read(text);
    return imported ? "" : imported.error().message;
  }
  ForeignFiles files_;
};

TEST_F(TrtexecProfile, ReadsARealOne) {
  const auto imported = read_trtexec_profile(real_file("mnv2_b1_fp16_graph.profile.json"));
  ASSERT_TRUE(imported) << imported.error().message;
  ASSERT_TRUE(imported->profile.layer_run);
  const LayerRun& run = *imported->profile.layer_run;
  ASSERT_THAT(run.layers, SizeIs(57));
  EXPECT_EQ(run.measurement.iterations, 5204);
  EXPECT_EQ(imported->layer_names[1],
            "/features/features.0/features.0.0/Conv + /features/features.0/features.0.2/Clip");
  EXPECT_EQ(run.layers[1].name, imported->layer_names[1]);
  EXPECT_THAT(*run.layers[1].reported_seconds, DoubleNear(7.168e-6, 1e-12));
  EXPECT_TRUE(run.layers[1].time.samples.empty());
  EXPECT_FALSE(run.layers[1].time.summary);
  EXPECT_EQ(run.layers[0].layer_class, LayerClass::reformat);
  EXPECT_THAT(run.layers[1].origin_nodes, ElementsAre(OriginNode{"/features/features.0/features.0.0/Conv", ""},
                                                      OriginNode{"/features/features.0/features.0.2/Clip", ""}));
  EXPECT_EQ(imported->profile.environment.engine_name, "TensorRT");
  EXPECT_EQ(imported->profile.environment.device_kind, DeviceKind::gpu);
  EXPECT_THAT(layer_sum(run), DoubleNear(0.300896e-3, 1e-9));
  EXPECT_THAT(imported->notes, ElementsAre(HasSubstr("one median of each layer, no samples")));
}

// Up to 8.3, after samples/common/sampleReporting.cpp of TensorRT 8.0.1: no "medianMs".
TEST_F(TrtexecProfile, ReadsTheFormWithoutMedians) {
  const auto imported = read(
      "[\n  { \"count\" : 10 }\n"
      ", { \"name\" : \"conv1\", \"timeMs\" : 12, \"averageMs\" : 1.2, \"percentage\" : 60 }\n"
      ", { \"name\" : \"fc\", \"timeMs\" : 8, \"averageMs\" : 0.8, \"percentage\" : 40 }\n]\n");
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_THAT(*imported->profile.layer_run->layers[0].reported_seconds, DoubleNear(1.2e-3, 1e-12));
  EXPECT_THAT(imported->notes, ElementsAre(HasSubstr("the average of each layer, no median")));
  EXPECT_THAT(imported->profile.layer_run->measurement.method, HasSubstr("average"));
}

TEST_F(TrtexecProfile, ReadsNamesThatAreNotEscapedAndSaysSo) {
  const auto imported = read(
      "[\n  { \"count\" : 10 }\n"
      ", { \"name\" : \"PWN(\"quoted\", C:\\path\\x)\", \"timeMs\" : 1, \"averageMs\" : 0.1, \"medianMs\" : 0.1, "
      "\"percentage\" : 50 }\n"
      ", { \"name\" : \"{ForeignNode[a\"}...b]}\", \"timeMs\" : 1, \"averageMs\" : 0.1, \"medianMs\" : 0.1, "
      "\"percentage\" : 50 }\n]\n");
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_THAT(imported->layer_names, ElementsAre("PWN(\"quoted\", C:\\path\\x)", "{ForeignNode[a\"}...b]}"));
  EXPECT_EQ(imported->profile.layer_run->layers[1].layer_class, LayerClass::opaque);
  EXPECT_THAT(imported->notes, Contains(HasSubstr("is not valid JSON: 2 of its texts hold quotes")));
}

TEST_F(TrtexecProfile, NumbersLayersOfOneName) {
  const auto imported = read(R"([{"count":1},{"name":"a","averageMs":1,"medianMs":1,"percentage":1},
      {"name":"a","averageMs":2,"medianMs":2,"percentage":1},{"name":"a #2","averageMs":3,"medianMs":3,"percentage":1}])");
  ASSERT_TRUE(imported) << imported.error().message;
  std::vector<std::string> names;
  for (const Layer& layer : imported->profile.layer_run->layers) names.push_back(layer.name);
  EXPECT_THAT(names, ElementsAre("a", "a #2", "a #2 #2"));
  EXPECT_THAT(imported->layer_names, ElementsAre("a", "a", "a #2"));
}

TEST_F(TrtexecProfile, LeavesOutTimesThatAreNone) {
  const auto imported = read(R"([{"count":0},{"name":"a","averageMs":-nan,"medianMs":nan,"percentage":-nan},
      {"name":"b","averageMs":1,"medianMs":-1,"percentage":1},{"name":"c","averageMs":1,"medianMs":1,"percentage":1}])");
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_FALSE(imported->profile.layer_run->layers[0].reported_seconds);
  EXPECT_FALSE(imported->profile.layer_run->layers[1].reported_seconds);
  EXPECT_THAT(imported->notes,
              Contains("2 of 3 layers have no time that is a number and not negative, \"a\" for one."));
  EXPECT_THAT(error_of(R"([{"count":0},{"name":"a","averageMs":nan,"percentage":nan}])"),
              HasSubstr("none of its layers has a time"));
}

TEST_F(TrtexecProfile, RefusesWhatItCannotTake) {
  EXPECT_THAT(error_of(R"([{"count":1}])"), HasSubstr("it has no layers"));
  EXPECT_THAT(error_of(R"([{"count":-1}])"), HasSubstr("its \"count\" is no count"));
  EXPECT_THAT(error_of(R"([{"count":1},{"averageMs":1}])"), HasSubstr("one of its layers has no name"));
  EXPECT_THAT(error_of(R"([{"count":1},{"name":7,"averageMs":1}])"), HasSubstr("one of its layers has no name"));
  EXPECT_THAT(error_of(R"([{"count":1}, 3])"), HasSubstr("no object"));
  const std::string name(std::size_t{10} << 20, 'n');
  EXPECT_THAT(error_of("[{\"count\":1},{\"name\":\"" + name + "\",\"averageMs\":1,\"percentage\":1}]"),
              HasSubstr("a layer's name is 10485760 bytes long"));
}

TEST_F(TrtexecProfile, TakesNoMoreThanAnEngineCanHave) {
  std::string text = R"([{"count":1})";
  for (int i = 0; i < 250'001; ++i) text += R"(,{"name":"a","averageMs":1,"percentage":1})";
  EXPECT_THAT(error_of(text + "]"), HasSubstr("it has more than 250000 layers"));
  const std::string name(std::size_t{1} << 20, 'n');
  text = R"([{"count":1})";
  for (int i = 0; i < 257; ++i) text += ",{\"name\":\"" + name + "\",\"averageMs\":1,\"percentage\":1}";
  EXPECT_THAT(error_of(text + "]"), HasSubstr("the names of its layers take more than 256 MiB"));
}

TEST_F(TrtexecProfile, IsNotTakenForOtherLists) {
  EXPECT_TRUE(is_trtexec_profile(
      R"([ { "count" : 5 } , { "name" : "a", "timeMs" : 1, "averageMs" : 1, "medianMs" : 1, "percentage" : 9 }, {)"));
  EXPECT_FALSE(is_trtexec_profile(R"([{"name": "a", "cat": "Node", "dur": 1, "args": {"count": 1}}])"));
  EXPECT_FALSE(is_trtexec_profile(R"({"count": 1})"));
  EXPECT_FALSE(is_trtexec_profile("count averageMs"));
}

}  // namespace
}  // namespace trtprof::test
