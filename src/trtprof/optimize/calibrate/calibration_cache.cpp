#include "trtprof/optimize/calibrate/calibration_cache.h"

#include <utility>

#include <fmt/format.h>

#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/optimize/calibrate/calibration_json.h"
#include "trtprof/optimize/calibrate/tensorrt_cache.h"

namespace trtprof {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{256} << 20;
constexpr const char* kHint =
    "name another file, remove this one, or take its values all the same with --force-calibration-cache";

std::string called(CalibrationMethod method, const std::optional<double>& percentile) {
  return percentile ? fmt::format("{} {:g}", to_string(method), *percentile) : std::string(to_string(method));
}

Status check_method(const Calibration& calibration, const WantedCalibration& wanted, const std::string& file) {
  const bool other_method = wanted.method && *wanted.method != calibration.method;
  const bool other_percentile =
      wanted.percentile && calibration.percentile && *wanted.percentile != *calibration.percentile;
  if (!other_method && !other_percentile) return {};
  return fail(
      fmt::format("{} is calibrated by {}, and {} is wanted", file, called(calibration.method, calibration.percentile),
                  called(wanted.method.value_or(calibration.method), wanted.percentile)),
      kHint);
}

Status check_model(const Calibration& calibration, const WantedCalibration& wanted, const std::string& file) {
  if (calibration.model_sha256 != wanted.model_sha256) {
    return fail(fmt::format("{} is a calibration of another model, or of this one after other passes", file), kHint);
  }
  if (calibration.unsigned_activations != wanted.unsigned_activations) {
    return fail(fmt::format("{} is calibrated for {} activations, and others are wanted", file,
                            calibration.unsigned_activations ? "unsigned" : "signed"),
                kHint);
  }
  return {};
}

}  // namespace

Result<CachedCalibration> read_calibration_cache(const std::filesystem::path& path, const WantedCalibration& wanted) {
  const auto text = read_file(path, kMostBytes);
  if (!text) return forward_error(text);
  const std::string file = printable(path.string());
  CachedCalibration cached;
  cached.from_tensorrt = is_tensorrt_cache(*text);
  auto calibration = cached.from_tensorrt ? calibration_from_tensorrt(*text, path.string())
                                          : calibration_from_json(*text, path.string());
  if (!calibration) return forward_error(calibration);
  cached.calibration = *std::move(calibration);
  if (!wanted.force) {
    const Status method = check_method(cached.calibration, wanted, file);
    if (!method) return forward_error(method);
    const Status model = cached.from_tensorrt ? Status{} : check_model(cached.calibration, wanted, file);
    if (!model) return forward_error(model);
  }
  for (const std::string& value : wanted.values) {
    if (!cached.calibration.values.contains(value)) cached.missing.push_back(value);
  }
  const bool none = !wanted.values.empty() && cached.missing.size() == wanted.values.size();
  if (none && (cached.from_tensorrt || wanted.force)) {
    return fail(fmt::format("{} has none of the model's {} values", file, wanted.values.size()),
                "it is of another model, or the names were changed since");
  }
  return cached;
}

Status write_calibration_cache(const std::filesystem::path& path, const Calibration& calibration) {
  return write_file(path, calibration_to_json(calibration));
}

}  // namespace trtprof
