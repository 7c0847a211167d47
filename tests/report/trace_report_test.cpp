// The trace against the Trace Event Format: what viewers need of every event, and nothing that they drop silently.
#include "trtprof/report/trace_report.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/profile_fixture.h"
#include "support/traced_run.h"

namespace trtprof {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsSupersetOf;
using testing::SizeIs;

std::string text_of(const Profile& profile) {
  std::ostringstream out;
  write_trace_report(out, profile);
  return out.str();
}

json trace_of(const Profile& profile) {
  return json::parse(text_of(profile));
}

std::vector<json> events_of(const json& trace, const std::string& phase) {
  std::vector<json> found;
  for (const json& event : trace.at("traceEvents")) {
    if (event.at("ph") == phase) found.push_back(event);
  }
  return found;
}

std::vector<json> slices_of(const json& trace, const std::string& category) {
  std::vector<json> found = events_of(trace, "X");
  std::erase_if(found, [&](const json& event) { return event.at("cat") != category; });
  return found;
}

// By thread: the track's name.
std::map<std::int64_t, std::string> tracks_of(const json& trace) {
  std::map<std::int64_t, std::string> names;
  for (const json& event : events_of(trace, "M")) {
    if (event.at("name") == "thread_name") names[event.at("tid")] = event.at("args").at("name");
  }
  return names;
}

// Whole nanoseconds.
std::int64_t start_of(const json& event) {
  return std::llround(event.at("ts").get<double>() * 1e3);
}
std::int64_t end_of(const json& event) {
  return start_of(event) + std::llround(event.at("dur").get<double>() * 1e3);
}

// Every event has what the format asks of its phase; slices of a track nest or follow each other.
void expect_valid(const json& trace) {
  EXPECT_EQ(trace.at("displayTimeUnit"), "ns");
  std::map<std::int64_t, std::vector<std::pair<std::int64_t, std::int64_t>>> slices;
  std::map<std::int64_t, std::int64_t> process_of;
  std::map<std::int64_t, std::vector<json>> flows;
  for (const json& event : trace.at("traceEvents")) {
    const std::string phase = event.at("ph");
    ASSERT_THAT((std::set<std::string>{"X", "M", "C", "s", "f"}), Contains(phase));
    ASSERT_TRUE(event.at("name").is_string());
    ASSERT_TRUE(event.at("pid").is_number_integer());
    ASSERT_TRUE(event.at("tid").is_number_integer());
    if (phase == "M") continue;
    ASSERT_TRUE(event.at("ts").is_number()) << event;
    ASSERT_GE(event.at("ts").get<double>(), 0.0);
    if (phase == "C") {
      for (const auto& value : event.at("args")) ASSERT_TRUE(value.is_number()) << event;
    }
    if (phase == "s" || phase == "f") flows[event.at("id")].push_back(event);
    if (phase != "X") continue;
    ASSERT_GE(event.at("dur").get<double>(), 0.0);
    const std::int64_t thread = event.at("tid");
    const auto [process, fresh] = process_of.emplace(thread, event.at("pid"));
    ASSERT_EQ(process->second, event.at("pid")) << "a track belongs to one process";
    slices[thread].emplace_back(start_of(event), end_of(event));
  }
  const auto names = tracks_of(trace);
  for (auto& [thread, spans] : slices) {
    EXPECT_TRUE(names.contains(thread)) << "a track without a name";
    std::ranges::sort(spans, [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first < b.first : a.second > b.second;
    });
    std::vector<std::int64_t> open;
    for (const auto& [start, end] : spans) {
      while (!open.empty() && open.back() <= start) open.pop_back();
      EXPECT_TRUE(open.empty() || end <= open.back()) << names.at(thread) << " overlaps itself at " << start;
      open.push_back(end);
    }
  }
  for (const auto& [id, ends] : flows) {
    ASSERT_THAT(ends, SizeIs(2));
    EXPECT_EQ(ends[0].at("ph"), "s");
    EXPECT_EQ(ends[1].at("ph"), "f");
    EXPECT_LE(ends[0].at("ts").get<double>(), ends[1].at("ts").get<double>());
  }
}

TEST(TraceReport, OfAStreamHasATrackOfEverything) {
  const Profile profile = test::traced_profile();
  const json trace = trace_of(profile);
  expect_valid(trace);
  std::set<std::string> tracks;
  for (const auto& [thread, name] : tracks_of(trace)) tracks.insert(name);
  EXPECT_THAT(tracks,
              IsSupersetOf({"inferences", "layers", "kernels, stream 7", "copies, stream 7", "calls, thread 4711"}));
  EXPECT_THAT(slices_of(trace, "inference"), SizeIs(10));
  EXPECT_THAT(slices_of(trace, "kernel"), SizeIs(550));
  EXPECT_THAT(slices_of(trace, "layer"), SizeIs(280));
  EXPECT_THAT(slices_of(trace, "copy"), SizeIs(20));
  EXPECT_THAT(slices_of(trace, "host_call"), SizeIs(550));
  EXPECT_THAT(slices_of(trace, "synchronization"), SizeIs(10));
  EXPECT_EQ(trace.at("otherData").at("kernels_joined_to_layers_by"), "markers");
}

TEST(TraceReport, TimesAreThoseOfTheProfileToTheNanosecond) {
  const Profile profile = test::traced_profile(3);
  std::vector<std::pair<std::int64_t, std::int64_t>> expected;
  for (const Activity& activity : profile.timeline->activities) {
    if (activity.kind != ActivityKind::kernel) continue;
    expected.emplace_back(std::llround(activity.start * 1e9), std::llround(activity.end * 1e9));
  }
  std::vector<std::pair<std::int64_t, std::int64_t>> written;
  for (const json& event : slices_of(trace_of(profile), "kernel")) written.emplace_back(start_of(event), end_of(event));
  EXPECT_EQ(written, expected);
}

TEST(TraceReport, EveryKernelHasItsLaunchItsLayerAndTheCallThatLaunchedIt) {
  const json trace = trace_of(test::traced_profile(2));
  for (const json& kernel : slices_of(trace, "kernel")) {
    const json& arguments = kernel.at("args");
    for (const char* name : {"layer", "nodes", "grid", "block", "registers_per_thread", "static_shared_bytes",
                             "dynamic_shared_bytes", "theoretical_occupancy", "inference", "kernel"}) {
      ASSERT_TRUE(arguments.contains(name)) << name << " of " << kernel;
    }
  }
  const json second = slices_of(trace, "kernel")[1].at("args");
  EXPECT_EQ(second.at("layer"), "layer 0");
  EXPECT_EQ(second.at("grid"), "8x1x1");
  EXPECT_EQ(second.at("nodes"), (json{"Conv:/features/0/Conv", "Clip:/features/0/Clip"}));
  EXPECT_EQ(second.at("theoretical_occupancy"), 0.5);

  const auto begins = events_of(trace, "s");
  const auto ends = events_of(trace, "f");
  const auto calls = slices_of(trace, "host_call");
  const auto kernels = slices_of(trace, "kernel");
  ASSERT_EQ(begins.size(), kernels.size());
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    EXPECT_EQ(begins[i].at("ts"), calls[i].at("ts"));
    EXPECT_EQ(begins[i].at("tid"), calls[i].at("tid"));
    EXPECT_EQ(ends[i].at("ts"), kernels[i].at("ts"));
    EXPECT_EQ(ends[i].at("tid"), kernels[i].at("tid"));
  }
}

TEST(TraceReport, OfAGraphTheLaunchPointsAtItsFirstKernel) {
  test::TracedRunOptions options;
  options.graph = true;
  const json trace = trace_of(test::traced_profile(4, options));
  expect_valid(trace);
  EXPECT_THAT(events_of(trace, "s"), SizeIs(4));
  EXPECT_EQ(trace.at("otherData").at("launch"), "CUDA graph");
}

TEST(TraceReport, CopiesTellBytesAndRate) {
  const json copy = slices_of(trace_of(test::traced_profile(1)), "copy")[0].at("args");
  EXPECT_EQ(copy.at("bytes"), 602'112);
  EXPECT_EQ(copy.at("host_memory"), "pinned");
  EXPECT_NEAR(copy.at("gigabytes_per_second").get<double>(), 602'112 / 11e-6 * 1e-9, 1e-6);
}

TEST(TraceReport, KernelsThatOverlapOnAStreamGetASecondRow) {
  Profile profile = test::traced_profile(1);
  auto& activities = profile.timeline->activities;
  activities.clear();
  for (const auto& [start, end] : {std::pair(1.0, 5.0), std::pair(2.0, 7.0), std::pair(7.0, 8.0)}) {
    Activity kernel = test::activity_at(ActivityKind::kernel, "k", start, end);
    kernel.stream = 3;
    activities.push_back(kernel);
  }
  const json trace = trace_of(profile);
  expect_valid(trace);
  std::vector<std::string> names;
  for (const auto& [thread, name] : tracks_of(trace)) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("kernels, stream 3", "kernels, stream 3 (2)"));
}

TEST(TraceReport, OnACpuLayersLieOnTheirThreads) {
  Profile profile = test::full_profile();
  Activity first = test::activity_at(ActivityKind::layer, "features/0/conv, \"stem\"", 10, 20);
  first.layer = first.name;
  first.thread = 12;
  Activity whole = test::activity_at(ActivityKind::inference, "inference", 9, 21);
  profile.timeline->activities = {whole, first};
  const json trace = trace_of(profile);
  expect_valid(trace);
  const auto layers = slices_of(trace, "layer");
  ASSERT_THAT(layers, SizeIs(1));
  EXPECT_EQ(layers[0].at("args").at("layer_class"), "Convolution");
  EXPECT_EQ(tracks_of(trace).at(layers[0].at("tid")), "layers, thread 12");
}

TEST(TraceReport, TelemetryIsCountersAndRuns) {
  const json trace = trace_of(test::full_profile());
  expect_valid(trace);
  const auto counters = events_of(trace, "C");
  ASSERT_THAT(counters, SizeIs(3));
  EXPECT_EQ(counters[0].at("name"), "sm_clock (MHz)");
  EXPECT_EQ(counters[0].at("args").at("MHz"), 1980.0);
  EXPECT_EQ(counters[2].at("args").at("W"), 312.5);
  const auto runs = slices_of(trace, "run");
  ASSERT_THAT(runs, SizeIs(2));
  EXPECT_EQ(runs[0].at("name"), "end to end");
  EXPECT_EQ(runs[0].at("args").at("energy_joules"), 345.5);
}

TEST(TraceReport, NamesAreEscaped) {
  Profile profile = test::full_profile();
  const std::string hostile = "</script>\"\\\n\x1b[31m\xFF層";
  profile.timeline->activities[2].name = hostile;
  profile.environment.device_name = hostile;
  const std::string text = text_of(profile);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  const json trace = json::parse(text);
  expect_valid(trace);
  EXPECT_EQ(slices_of(trace, "kernel")[0].at("name"), "</script>\"\\\n\x1b[31m\xEF\xBF\xBD層");
}

TEST(TraceReport, TimesThatCannotBeStillMakeATrace) {
  Profile profile = test::full_profile();
  profile.timeline->activities[2].start = 12.000000274;
  profile.timeline->activities[2].end = 1e-9;
  profile.timeline->activities[1].start = 0.0;
  profile.timeline->activities[1].end = 1e300;
  const json trace = trace_of(profile);
  for (const json& event : events_of(trace, "X")) EXPECT_GE(event.at("dur").get<double>(), 0.0) << event;
}

TEST(TraceReport, WithoutATimelineThereAreNoSlices) {
  const json trace = trace_of(test::bare_profile());
  expect_valid(trace);
  EXPECT_THAT(events_of(trace, "X"), SizeIs(0));
}

}  // namespace
}  // namespace trtprof
