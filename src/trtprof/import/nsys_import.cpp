#include "trtprof/import/nsys_import.h"

#include <fstream>
#include <utility>

#include <fmt/format.h>

#include "trtprof/backend/backend.h"
#include "trtprof/base/file.h"
#include "trtprof/import/foreign_stream.h"
#include "trtprof/measure/timeline.h"

namespace trtprof {
namespace {

// SQLite reads files, not streams: what was packed is unpacked beside.
Status unpack(ForeignStream& file, const std::filesystem::path& to) {
  std::ofstream out(to, std::ios::binary);
  out << file.in().rdbuf();
  if (Status read = file.status(); !read) return read;
  out.close();
  return out ? Status{} : fail(fmt::format("{} cannot be unpacked: the temporary folder is full", file.name()));
}

Profile profile_of(NsysTrace trace) {
  Profile profile;
  profile.environment.device_kind = DeviceKind::gpu;
  profile.environment.device_name = trace.device_name;
  for (const std::string& note : trace.notes) profile.notes.push_back("Nsight Systems: " + note);
  profile.timeline = timeline_of(std::move(trace));
  return profile;
}

}  // namespace

Timeline timeline_of(NsysTrace trace) {
  TraceFacts facts;
  facts.source = trace.source;
  facts.launches = std::move(trace.launches);
  facts.graph = trace.graph;
  facts.join = trace.join;
  facts.join_reason = trace.join_reason;
  const bool any = !trace.inferences.empty() && !trace.inferences.front().activities.empty();
  TimelineCollector collector(any ? trace.inferences.front().activities.front().start : 0.0, kDetailedInferences);
  for (NsysInference& inference : trace.inferences) {
    TracedRun run;
    run.activities = std::move(inference.activities);
    run.launch_delays = std::move(inference.launch_delays);
    collector.add(run);
  }
  const std::int64_t inferences = collector.inferences();
  Timeline timeline = collector.finish(facts);
  timeline.measurement.iterations = inferences;
  timeline.measurement.method = "Each sample is an inference as Nsight Systems recorded it.";
  return timeline;
}

bool is_nsight_systems_sqlite(std::string_view beginning) {
  return beginning.starts_with("SQLite format 3");
}

Result<Imported> read_nsight_systems_sqlite(const std::filesystem::path& path) {
  auto file = ForeignStream::open(path);
  if (!file) return forward_error(file);
  std::filesystem::path database = path;
  Result<TemporaryFolder> folder = tl::unexpected<Error>(Error{});
  if (file->packed()) {
    folder = TemporaryFolder::create("trtprof-nsys");
    if (!folder) return forward_error(folder);
    database = folder->path() / "export.sqlite";
    if (const Status unpacked = unpack(*file, database); !unpacked) return forward_error(unpacked);
  }
  auto trace = read_nsys_export(database);
  if (!trace) return forward_error(trace);
  Imported imported;
  imported.format = ForeignFormat::nsight_systems_sqlite;
  imported.path = path.string();
  imported.profile = profile_of(std::move(*trace));
  return imported;
}

}  // namespace trtprof
