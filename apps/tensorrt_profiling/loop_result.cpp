#include "loop_result.h"

#include <algorithm>
#include <limits>
#include <map>
#include <sstream>
#include <sys/stat.h>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "loop_commands.h"
#include "trtprof/backend/engine_file.h"
#include "trtprof/base/file.h"
#include "trtprof/base/statistics.h"
#include "trtprof/compare/figures.h"
#include "trtprof/model/external_data.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof::cli {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kScriptMode = 0755;
constexpr std::string_view kPlaced = "data_beside_result";  // names of data files that the loop put there, one a line

std::vector<std::string> lines_of(const fs::path& file) {
  std::vector<std::string> lines;
  std::istringstream text(read_file(file).value_or(""));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

Status write_lines(const fs::path& file, const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return write_file(file, text);
}

bool holds(const std::vector<ExternalFile>& files, const std::string& location) {
  return std::ranges::find(files, location, &ExternalFile::location) != files.end();
}

Status remove_file(const fs::path& path) {
  std::error_code error;
  fs::remove(path, error);
  return error ? Status(fail(fmt::format("cannot remove {}: {}", path.string(), error.message()))) : Status{};
}

}  // namespace

fs::path LoopResult::script() const {
  fs::path path = *settings_.output;
  path += ".commands.sh";
  return path;
}

fs::path LoopResult::engine() const {
  fs::path path = *settings_.output;
  if (path.extension() == ".onnx") path.replace_extension();
  path += ".engine";
  return path;
}

Status LoopResult::keep(const fs::path& from, const Recipe& recipe, bool builds_engines,
                        const std::vector<fs::path>& engines) const {
  const auto model = OnnxModel::load(from);
  if (!model) return forward_error(model);
  const auto info = model->info();
  if (!info) return forward_error(info);
  const auto text = winner_script(settings_, {recipe, settings_.operands.at(0), settings_.output->string(),
                                              model->has_external_data() ? "" : info->sha256, builds_engines});
  if (!text) return forward_error(text);
  const auto there = OnnxModel::load(*settings_.output);
  const auto info_there = there ? there->info() : Result<ModelInfo>(fail(""));
  if (!info_there || info_there->sha256 != info->sha256 || read_file(script()) != *text) {
    // First away with what would be of another model.
    if (Status removed = remove_file(script()); !removed) return removed;
    if (builds_engines) {
      for (const fs::path& file : {engine(), sidecar_path(engine())}) {
        if (Status removed = remove_file(file); !removed) return removed;
      }
    }
    if (Status copied = copy_model(from); !copied) return copied;
    if (Status written = write_file(script(), *text); !written) return written;
    ::chmod(script().c_str(), kScriptMode);
  }
  return engines.empty() ? Status{} : copy_engine(engines);
}

// Byte by byte, where the model is one file; with external data, as save_with_data() puts it beside.
Status LoopResult::copy_model(const fs::path& from) const {
  const fs::path& to = *settings_.output;
  const auto model = OnnxModel::load(from);
  if (!model) return forward_error(model);
  const auto data = find_external_data(model->proto(), from);
  if (!data) return forward_error(data);
  std::vector<std::string> placed = lines_of(work_ / kPlaced);
  std::error_code error;
  for (const ExternalFile& file : *data) {
    if (!fs::exists(to.parent_path() / file.location, error)) placed.push_back(file.location);
  }
  const auto is_needed = [&](const std::string& location) { return holds(*data, location); };
  if (!placed.empty()) {
    if (Status noted = write_lines(work_ / kPlaced, placed); !noted) return noted;
  }
  if (model->has_external_data()) {
    if (Status saved = model->save_with_data(to); !saved) return saved;
  } else {
    const auto bytes = read_file(from);
    if (!bytes) return forward_error(bytes);
    if (Status written = write_file(to, *bytes); !written) return written;
  }
  const auto needless = std::ranges::stable_partition(placed, is_needed);
  if (needless.empty()) return {};
  for (const std::string& location : needless) {
    if (Status removed = remove_file(to.parent_path() / location); !removed) return removed;
  }
  placed.erase(needless.begin(), needless.end());
  return write_lines(work_ / kPlaced, placed);
}

// By the launches that the looks kept of each build.
fs::path LoopResult::fastest_of(const std::vector<fs::path>& engines) const {
  std::map<std::string, std::vector<double>> seconds;
  std::error_code error;
  for (fs::recursive_directory_iterator at(work_, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() != ".json") continue;
    const auto loaded = load_profile(at->path());
    if (!loaded) continue;
    const auto figure = figure_of(loaded->profile, FigureKind::latency);
    if (figure) seconds[loaded->profile.model.sha256].push_back(figure->value);
  }
  return *std::ranges::min_element(engines, {}, [&](const fs::path& engine) {
    const auto hash = sha256_of_file(engine);
    const auto found = hash ? seconds.find(*hash) : seconds.end();
    return found == seconds.end() ? std::numeric_limits<double>::infinity() : median(found->second);
  });
}

// With the record of how it was built, which comes first: an engine without one is no whole engine.
Status LoopResult::copy_engine(const std::vector<fs::path>& engines) const {
  const fs::path fastest = fastest_of(engines);
  for (const auto& [from, to] :
       {std::pair(sidecar_path(fastest), sidecar_path(engine())), std::pair(fastest, engine())}) {
    const auto bytes = read_file(from);
    if (!bytes) return forward_error(bytes);
    if (Status written = write_file(to, *bytes); !written) return written;
  }
  return {};
}

}  // namespace trtprof::cli
