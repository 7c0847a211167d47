#include "trtprof/backend/engine_file.h"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include "trtprof/base/file.h"
#include "trtprof/base/text.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;

// A record holds a few kilobytes; calibration lists and command lines may add some.
constexpr std::uint64_t kMaxRecordBytes = std::uint64_t{16} << 20U;

void read_record(EngineFile& engine) {
  const fs::path sidecar = sidecar_path(engine.path);
  std::error_code error;
  if (!fs::exists(sidecar, error) && !error) return;
  const auto text = read_file(sidecar, kMaxRecordBytes);
  if (!text) {
    engine.record_doubt = text.error().message;
    return;
  }
  auto record = engine_record_from_json(*text, sidecar.string());
  if (!record) {
    engine.record_doubt = record.error().message;
    return;
  }
  if (record->engine.sha256 != engine.sha256) {
    engine.record_doubt = fmt::format("{} describes another engine: its sha256 is not that of {}",
                                      printable(sidecar.string()), printable(engine.path.filename().string()));
    return;
  }
  engine.record = std::move(*record);
}

// Of the first profile, the shapes or the values.
BoundShapes recorded(const EngineFile& engine, bool values) {
  BoundShapes shapes;
  if (!engine.record || engine.record->options.profiles.empty()) return shapes;
  for (const auto& [name, range] : engine.record->options.profiles.front()) {
    if (range.values == values) shapes.emplace(name, range.opt);
  }
  return shapes;
}

}  // namespace

fs::path sidecar_path(const fs::path& engine) {
  fs::path path = engine;
  path += ".json";
  return path;
}

Result<EngineFile> read_engine_file(const fs::path& path) {
  const auto header = read_plan_header(path);
  if (!header) return forward_error(header);
  auto sha256 = sha256_of_file(path);
  if (!sha256) return forward_error(sha256);
  EngineFile engine;
  engine.path = path;
  engine.header = *header;
  engine.sha256 = std::move(*sha256);
  read_record(engine);
  return engine;
}

BoundShapes recorded_shapes(const EngineFile& engine) {
  return recorded(engine, false);
}

BoundShapes recorded_shape_values(const EngineFile& engine) {
  return recorded(engine, true);
}

std::vector<fs::path> candidate_models(const EngineFile& engine) {
  std::vector<fs::path> found;
  if (!engine.record || engine.record->model.path.empty()) return found;
  const fs::path then = engine.record->model.path;
  for (const fs::path& path : {then, engine.path.parent_path() / then.filename()}) {
    std::error_code error;
    if (fs::is_regular_file(path, error) && std::ranges::find(found, path) == found.end()) {
      found.push_back(path);
    }
  }
  return found;
}

}  // namespace trtprof
