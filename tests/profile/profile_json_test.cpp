#include "trtprof/profile/profile_json.h"

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/profile_fixture.h"
#include "trtprof/base/file.h"

namespace trtprof {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

LoadedProfile read_back(const Profile& profile) {
  Result<LoadedProfile> loaded = profile_from_json(profile_to_json(profile), "p.json");
  EXPECT_TRUE(loaded.has_value()) << (loaded ? "" : loaded.error().message);
  return loaded ? *loaded : LoadedProfile{};
}

TEST(ProfileJson, EveryFieldReadsBackEqual) {
  const Profile profile = test::full_profile();
  const LoadedProfile loaded = read_back(profile);
  EXPECT_EQ(loaded.profile, profile);
  EXPECT_THAT(loaded.notes, IsEmpty());
}

TEST(ProfileJson, EveryOptionalMayBeMissing) {
  EXPECT_EQ(read_back(test::bare_profile()).profile, test::bare_profile());
  EXPECT_EQ(read_back(Profile{}).profile, Profile{});
  EXPECT_THAT(profile_to_json(test::bare_profile()), Not(HasSubstr("null")));
}

TEST(ProfileJson, EmptyRunsAreNotMissingRuns) {
  Profile profile = test::bare_profile();
  profile.layer_run.emplace();
  profile.end_to_end.emplace().compute.emplace();
  EXPECT_EQ(read_back(profile).profile, profile);
}

TEST(ProfileJson, EveryEnumeratorReadsBack) {
  Profile profile = test::bare_profile();
  LayerRun& run = profile.layer_run.emplace();
  for (const LayerClass layer_class : all_layer_classes()) {
    run.layers.push_back(test::layer_taking("layer", layer_class, 1e-3));
  }
  for (const StopReason reason :
       {StopReason::converged, StopReason::iterations, StopReason::max_duration, StopReason::interrupted}) {
    for (const OriginSource source : {OriginSource::none, OriginSource::reported, OriginSource::inferred}) {
      run.measurement.stop_reason = reason;
      run.layers.front().origin_source = source;
      EXPECT_EQ(read_back(profile).profile, profile);
    }
  }
}

TEST(ProfileJson, EveryEnumeratorOfATimelineAndOfCountersReadsBack) {
  Profile profile = test::full_profile();
  for (const KernelJoin join :
       {KernelJoin::none, KernelJoin::markers, KernelJoin::graph_nodes, KernelJoin::launch_order}) {
    profile.timeline->join = join;
    EXPECT_EQ(read_back(profile).profile, profile);
  }
  for (const CounterJoin join : {CounterJoin::none, CounterJoin::markers, CounterJoin::launch_order}) {
    profile.counters->join = join;
    EXPECT_EQ(read_back(profile).profile, profile);
  }
  for (const ActivityKind kind :
       {ActivityKind::inference, ActivityKind::layer, ActivityKind::kernel, ActivityKind::copy, ActivityKind::fill,
        ActivityKind::synchronization, ActivityKind::host_call}) {
    profile.timeline->activities.front().kind = kind;
    EXPECT_EQ(read_back(profile).profile, profile);
  }
}

TEST(ProfileJson, SamplesReadBackBitForBit) {
  std::mt19937_64 random(20260131);
  SampleSeries series;
  while (series.samples.size() < 2000) {
    const double sample = std::abs(std::bit_cast<double>(random()));
    if (std::isfinite(sample)) {
      series.samples.push_back(sample);
    }
  }
  series.samples.insert(series.samples.end(), {0.0, 5e-324, std::numeric_limits<double>::max(), 1.0, 0.1, 1e22});
  Profile profile = test::bare_profile();
  profile.end_to_end.emplace().total = series;
  EXPECT_EQ(read_back(profile).profile.end_to_end->total.samples, series.samples);
}

TEST(ProfileJson, IntegersReadBackOverTheirWholeRange) {
  Profile profile = test::bare_profile();
  profile.model.file_bytes = std::numeric_limits<std::uint64_t>::max();
  profile.model.node_count = std::numeric_limits<std::int64_t>::max();
  profile.environment.threads = std::numeric_limits<int>::max();
  profile.model.inputs = {{"x", "f32", {-1, 0, std::numeric_limits<std::int64_t>::max()}, "", std::nullopt}};
  EXPECT_EQ(read_back(profile).profile, profile);
}

TEST(ProfileJson, TextReadsBackWhateverItHolds) {
  Profile profile = test::bare_profile();
  const std::string hostile("\"\\/\n\r\t\0\x1b[2J</script>=1+1,;'\xE5\xB1\x82\xF0\x9F\x94\xA5", 34);
  profile.environment.hostname = hostile;
  profile.environment.properties[hostile] = hostile;
  profile.model.opsets["a/b~c"] = 1;
  profile.notes = {hostile, ""};
  EXPECT_EQ(read_back(profile).profile, profile);
}

TEST(ProfileJson, TextThatIsNotUtf8IsReplaced) {
  Profile profile = test::bare_profile();
  profile.model.path = "caf\xE9.onnx";
  EXPECT_EQ(read_back(profile).profile.model.path, "caf\xEF\xBF\xBD.onnx");
}

TEST(ProfileJson, IsLaidOutForReaders) {
  Profile profile = test::bare_profile();
  profile.end_to_end.emplace().total = test::series_of({0.5, 0.25, 1e-7});
  const std::string text = profile_to_json(profile);
  EXPECT_THAT(text, StartsWith("{\n  \"schema\": {\n    \"name\": \"trtprof-profile\",\n    \"major\": 1,\n"));
  EXPECT_THAT(text, HasSubstr("\n      \"samples\": [0.5, 0.25, 1e-07],\n"));
  EXPECT_EQ(text.back(), '\n');
  EXPECT_EQ(text, profile_to_json(profile)) << "the same profile, the same bytes";
}

TEST(ProfileJson, NumbersThatJsonCannotSayBecomeNull) {
  Profile profile = test::bare_profile();
  profile.end_to_end.emplace().total.samples = {0.5, std::nan("")};
  profile.end_to_end->measurement.duration_seconds = std::numeric_limits<double>::infinity();
  const auto document = nlohmann::json::parse(profile_to_json(profile));
  EXPECT_TRUE(document.at("/end_to_end/total/samples/1"_json_pointer).is_null());
  EXPECT_TRUE(document.at("/end_to_end/measurement/duration_seconds"_json_pointer).is_null());
}

TEST(ProfileJson, SavesAndLoads) {
  const auto folder = TemporaryFolder::create("trtprof-profile-json");
  ASSERT_TRUE(folder.has_value());
  const auto path = folder->path() / "run 1.json";
  const Profile profile = test::full_profile();
  ASSERT_TRUE(save_profile(profile, path).has_value());
  const Result<LoadedProfile> loaded = load_profile(path);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_EQ(loaded->profile, profile);
}

TEST(ProfileJson, NamesTheFileThatCannotBeLoadedOrSaved) {
  const auto folder = TemporaryFolder::create("trtprof-profile-json");
  ASSERT_TRUE(folder.has_value());
  const auto missing = folder->path() / "missing.json";
  EXPECT_THAT(load_profile(missing).error().message, HasSubstr("missing.json"));
  ASSERT_TRUE(write_file(missing, "{}").has_value());
  EXPECT_THAT(load_profile(missing).error().message, HasSubstr("missing.json is not a profile"));
  EXPECT_THAT(save_profile({}, folder->path() / "no folder" / "p.json").error().message, HasSubstr("p.json"));
}

}  // namespace
}  // namespace trtprof
