#include "calibration_run.h"

#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "interrupt.h"
#include "messages.h"
#include "terminal_progress.h"
#include "trtprof/base/text.h"
#include "trtprof/optimize/calibrate/calibration_cache.h"

namespace trtprof::cli {
namespace {

constexpr std::size_t kNameColumns = 60;

// Of "pictures/", too.
std::string name_of(const std::filesystem::path& path) {
  const auto name = path.has_filename() ? path.filename() : path.parent_path().filename();
  return name.empty() ? path.string() : name.string();
}

void print_warnings(const Calibration& calibration) {
  for (const std::string& warning : calibration.warnings) print_warning(warning);
}

}  // namespace

Result<std::optional<KeptCalibration>> kept_calibration(const CalibrationTask& task,
                                                        std::span<const std::string> values,
                                                        bool unsigned_activations) {
  const Settings& settings = task.settings;
  const auto& path = settings.calibrate.cache;
  std::error_code error;
  if (!path || !std::filesystem::exists(*path, error)) return std::optional<KeptCalibration>{};
  auto sha256 = sha256_of_model(task.model);
  if (!sha256) return forward_error(sha256);
  WantedCalibration wanted;
  wanted.model_sha256 = *std::move(sha256);
  if (settings.was_given("--calibration")) wanted.method = settings.calibrate.method;
  if (settings.was_given("--percentile")) wanted.percentile = settings.calibrate.percentile;
  wanted.unsigned_activations = unsigned_activations;
  wanted.values.assign(values.begin(), values.end());
  wanted.force = settings.calibrate.force_cache;
  auto cached = read_calibration_cache(*path, wanted);
  if (!cached) return forward_error(cached);
  const std::string file = printable(path->string());
  if (!cached->missing.empty()) {
    const std::string lack =
        fmt::format("{} has no threshold for {} of {} values, as '{}'", file, cached->missing.size(), values.size(),
                    shorten_middle(cached->missing.front(), kNameColumns));
    if (!cached->from_tensorrt && !wanted.force) {
      print_note(lack + ": calibrated anew");
      return std::optional<KeptCalibration>{};
    }
    cached->calibration.warnings.push_back(lack + ": what needs them stays in floating point");
  }
  print_verbose(fmt::format("thresholds by {} of {} from {}", to_string(cached->calibration.method),
                            printable(cached->calibration.data), file));
  print_warnings(cached->calibration);
  return std::optional(KeptCalibration{std::move(cached->calibration), cached->from_tensorrt});
}

Result<Calibration> calibrated_anew(const CalibrationTask& task, std::span<const std::string> values,
                                    bool unsigned_activations) {
  const Settings& settings = task.settings;
  const DataFeed& feed = task.feed;
  CalibrationOptions options;
  options.method = settings.calibrate.method;
  options.percentile = settings.calibrate.percentile;
  options.random_data = feed.data().is_random();
  options.data = options.random_data ? fmt::format("random inputs (seed {})", settings.seed)
                                     : name_of(*calibration_path(settings));
  options.samples = feed.data().size();
  options.unsigned_activations = unsigned_activations;
  const InterruptScope interrupt;
  const std::unique_ptr<Progress> progress = make_progress(!settings.report.quiet, settings.verbose);
  auto calibration = calibrate(task.backend, task.model, task.shapes, feed.count(), feed.source(), values, options,
                               *progress, interrupt.flag());
  if (calibration) print_warnings(*calibration);
  return calibration;
}

Status keep_calibration(const CalibrationTask& task, const Calibration& calibration) {
  const auto& cache = task.settings.calibrate.cache;
  if (!cache) return {};
  if (!task.feed.data().is_random()) return write_calibration_cache(*cache, calibration);
  print_note(fmt::format("{} is not written: random numbers are nothing to keep", printable(cache->string())));
  return {};
}

}  // namespace trtprof::cli
