#include "given_files.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "messages.h"
#include "trtprof/base/text.h"
#include "trtprof/import/foreign.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof::cli {
namespace {

namespace fs = std::filesystem;

bool is_onnx_file(const fs::path& path, FileKind kind) {
  return kind == FileKind::onnx_model || (kind == FileKind::unknown && path.extension() == ".onnx");
}

bool is_engine_file(FileKind kind) {
  return kind == FileKind::tensorrt_engine || kind == FileKind::tensorrt_rtx_engine;
}

Result<GivenFiles> read_saved(const fs::path& path) {
  auto loaded = load_profile(path);
  if (!loaded) return forward_error(loaded);
  for (const std::string& note : loaded->notes) print_note(printable(note));
  return GivenFiles{std::move(loaded->profile), true, std::nullopt};
}

}  // namespace

Result<bool> is_to_be_measured(const std::vector<std::string>& files) {
  const auto kind = detect_file_kind(files.at(0));
  if (!kind) return forward_error(kind);
  return files.size() == 1 && (is_onnx_file(files[0], *kind) || is_engine_file(*kind));
}

Result<GivenFiles> read_given_files(const std::vector<std::string>& files) {
  std::optional<fs::path> model;
  std::vector<Imported> imported;
  for (const std::string& file : files) {
    const auto kind = detect_file_kind(file);
    if (!kind) return forward_error(kind);
    if (is_engine_file(*kind)) {
      return usage_error(fmt::format("{} is an engine, and the other files were made of one", printable(file)),
                         "'profile' measures an engine; here it is not needed");
    }
    if (is_onnx_file(file, *kind)) {
      if (model) {
        return usage_error(fmt::format("{} and {} are two models", printable(model->string()), printable(file)));
      }
      model = file;
      continue;
    }
    if (*kind == FileKind::profile_json && files.size() == 1) return read_saved(file);
    auto read = import_file(file);
    if (!read) return forward_error(read);
    print_verbose(fmt::format("{}: {}", printable(file), to_string(read->format)));
    for (const std::string& note : read->notes) print_note(fmt::format("{}: {}", printable(file), printable(note)));
    imported.push_back(std::move(*read));
  }
  if (imported.empty()) {
    return usage_error(fmt::format("{} is a model: it tells no times", printable(model->string())),
                       "'profile' measures it");
  }
  auto merged = merge_imported(std::move(imported));
  if (!merged) return forward_error(merged);
  return GivenFiles{std::move(*merged), false, std::move(model)};
}

}  // namespace trtprof::cli
