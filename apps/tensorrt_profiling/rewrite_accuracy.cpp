#include "rewrite_accuracy.h"

#include <filesystem>
#include <utility>

#include "loop_commands.h"
#include "model_rewrite.h"
#include "trtprof/base/file.h"

namespace trtprof::cli {
namespace {

// In the report, in place of a path that is gone.
constexpr const char* kNotWritten = "(not written)";

}  // namespace

bool has_gates(const Settings& settings) {
  return settings.accuracy.max_drop.has_value() || settings.accuracy.min_agreement.has_value();
}

Result<AccuracyRun> measure_rewrite(const RewriteToMeasure& result) {
  std::optional<TemporaryFolder> folder;
  std::filesystem::path path;
  if (result.written) {
    path = result.written->path;
  } else {
    auto made = TemporaryFolder::create("trtprof-result");
    if (!made) return forward_error(made);
    folder = *std::move(made);
    path = folder->path() / "result.onnx";
    if (const Status saved = result.model.save_with_data(path); !saved) return forward_error(saved);
  }
  const auto shaped = settings_with_shapes(result.settings, result.shapes);
  if (!shaped) return forward_error(shaped);
  const auto settings =
      settings_of_command(*shaped, {"accuracy", path.string(), "--against", result.settings.operands.at(0)});
  if (!settings) return forward_error(settings);
  auto run = measure_accuracy_of(*settings, {.may_be_same = true});
  if (run && !result.written) run->model.model.path = kNotWritten;
  return run;
}

}  // namespace trtprof::cli
