#include "diagnosis.h"

#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "engine_source.h"
#include "messages.h"
#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/ceilings/choose.h"
#include "trtprof/diagnose/known_model.h"
#include "trtprof/model/onnx_model.h"
#include "trtprof/profile/profile_json.h"

namespace trtprof::cli {
namespace {

namespace fs = std::filesystem;

struct FoundModel {
  std::optional<OnnxModel> model;
  std::string note;  // a reason to distrust it, or why there is none; empty: nothing to say
};

bool is_engine(const fs::path& path) {
  const auto kind = detect_file_kind(path);
  return kind && (*kind == FileKind::tensorrt_engine || *kind == FileKind::tensorrt_rtx_engine);
}

// The model that an engine was built from, while the engine is the one that was profiled.
FoundModel model_of_engine(const Profile& profile) {
  auto engine = read_engine_file(profile.model.path);
  if (!engine || engine->sha256 != profile.model.sha256) return {};
  auto found = find_engine_model(*engine, std::nullopt);
  if (!found) return {};
  return {std::move(found->model), found->doubt};
}

// What the profile itself leads to, where that is unchanged.
FoundModel model_of(const Profile& profile) {
  std::error_code error;
  if (profile.model.path.empty() || !fs::is_regular_file(profile.model.path, error)) return {};
  if (is_engine(profile.model.path)) return model_of_engine(profile);
  auto model = OnnxModel::load(profile.model.path);
  if (!model) return {};
  const auto info = model->info();
  if (!info || info->sha256 != profile.model.sha256) {
    return {std::nullopt, fmt::format("{} is not the model that was profiled: its content has changed.",
                                      printable(profile.model.path))};
  }
  return {std::move(*model), {}};
}

// --model: whatever its hash, with a doubt where that is not the profiled one.
Result<FoundModel> given_model(const Settings& settings, const Profile& profile) {
  auto model = OnnxModel::load(*settings.model);
  if (!model) return forward_error(model);
  std::string doubt;
  if (profile.model.format == "onnx") {
    const auto info = model->info();
    if (!info) return forward_error(info);
    if (info->sha256 != profile.model.sha256) {
      doubt =
          fmt::format("{} has other content than the model that was profiled.", printable(settings.model->string()));
    }
  }
  return FoundModel{std::move(*model), std::move(doubt)};
}

// As --model or the profile says. One that cannot be used is an error where it was named.
Result<std::optional<KnownModel>> find_model(const Settings& settings, const Profile& profile,
                                             std::vector<std::string>& notes) {
  auto found = settings.model ? given_model(settings, profile) : Result<FoundModel>(model_of(profile));
  if (!found) return forward_error(found);
  if (!found->note.empty()) notes.push_back(found->note);
  if (!found->model) return std::nullopt;
  auto known = KnownModel::of(std::move(*found->model), profile);
  if (known) return std::optional<KnownModel>(std::move(*known));
  if (settings.model) return forward_error(known);
  notes.push_back(fmt::format("The model cannot be used: {}.", known.error().message));
  return std::nullopt;
}

Result<std::pair<Profile, AnalysisSource>> read_counterpart(const fs::path& path) {
  auto text = read_file(path);
  if (!text) return forward_error(text);
  auto loaded = profile_from_json(*text, path.string());
  if (!loaded) return forward_error(loaded);
  return std::pair(std::move(loaded->profile), AnalysisSource{path.string(), sha256_of(*text)});
}

}  // namespace

Result<Diagnosis> diagnose(const Settings& settings, const Profile& profile, AnalysisSource source,
                           const KnownModel* model) {
  Diagnosis diagnosis;
  std::vector<std::string> notes;
  std::optional<KnownModel> found;
  if (model == nullptr) {
    auto looked = find_model(settings, profile, notes);
    if (!looked) return forward_error(looked);
    found = std::move(*looked);
    if (found) model = &*found;
  }
  if (model != nullptr && settings.json) {
    const auto info = model->onnx().info();
    if (!info) return forward_error(info);
    diagnosis.model = AnalysisSource{model->onnx().path().string(), info->sha256};
  }
  const auto chosen = choose_ceilings(settings.ceilings, profile);
  if (!chosen) return forward_error(chosen);
  const std::optional<DeviceCeilings>& ceilings = *chosen;
  std::optional<Profile> counterpart;
  if (settings.against) {
    auto read = read_counterpart(*settings.against);
    if (!read) return forward_error(read);
    counterpart.emplace(std::move(read->first));
    diagnosis.counterpart = std::move(read->second);
  }
  diagnosis.source = std::move(source);
  diagnosis.analysis =
      analyze({profile, ceilings ? &*ceilings : nullptr, model, counterpart ? &*counterpart : nullptr});
  diagnosis.analysis.notes.insert(diagnosis.analysis.notes.begin(), notes.begin(), notes.end());
  return diagnosis;
}

}  // namespace trtprof::cli
