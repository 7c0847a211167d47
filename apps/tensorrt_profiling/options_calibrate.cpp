// Rows of the option table: calibration for INT8. `optimize` does it itself and writes Q/DQ into the model; `build` and
// `profile` leave it to TensorRT 10's calibrators (--weak int8).
#include <fmt/format.h>

#include "option_rows.h"
#include "option_values.h"

namespace trtprof::cli {
namespace {

constexpr double kWhole = 100.0;  // percent

bool by_tensorrt(const Settings& settings) {
  return settings.command != "optimize";
}

Status set_method(Settings& settings, std::string_view text) {
  const CalibrationMethod method = calibration_method_from_string(text).value_or(CalibrationMethod::mse);
  if (!by_tensorrt(settings)) {
    settings.calibrate.method = method;
    return {};
  }
  if (method != CalibrationMethod::entropy && method != CalibrationMethod::min_max) {
    return usage_error(fmt::format("wants entropy or min-max here: TensorRT has no calibrator for '{}'", text),
                       "tensorrt_profiling optimize calibrates with each of the methods");
  }
  settings.build.options.weak.calibration.method =
      method == CalibrationMethod::min_max ? WeakCalibrationMethod::min_max : WeakCalibrationMethod::entropy;
  return {};
}

Status add_data(Settings& settings, std::string_view text) {
  if (by_tensorrt(settings)) {
    settings.build.options.weak.calibration.batches.emplace_back(text);
    return {};
  }
  if (settings.calibrate.data) return usage_error("is given twice, and names one data set here");
  settings.calibrate.data = text;
  return {};
}

Status set_cache(Settings& settings, std::string_view text) {
  if (by_tensorrt(settings)) {
    settings.build.options.weak.calibration.cache = text;
  } else {
    settings.calibrate.cache = text;
  }
  return {};
}

Status set_percentile(Settings& settings, std::string_view text) {
  if (text.ends_with('%')) text.remove_suffix(1);
  const auto percent = parse_number(text, 0.0);
  if (!percent) return forward_error(percent);
  if (*percent > kWhole) return usage_error(fmt::format("wants at most 100 %, not {}", text));
  settings.calibrate.percentile = *percent;
  return {};
}

}  // namespace

std::vector<Option> calibrate_options() {
  const std::vector<std::string_view> in_optimize = {"optimize"};
  const std::vector<std::string_view> everywhere = {"build", "profile", "optimize"};
  return {
      {.name = "--calibration",
       .value = "METHOD",
       .section = "Calibration (INT8)",
       .help = "How ranges of activations become the scales of INT8 (docs/calibration.md). TensorRT's own calibrators, "
               "which build and profile use, have entropy and min-max alone.",
       .default_text = "mse; entropy of TensorRT's own",
       .commands = everywhere,
       .choices = {"min-max", "percentile", "entropy", "mse"},
       .completion = Completion::choices,
       .apply = set_method},
      {.name = "--percentile",
       .value = "P",
       .section = "Calibration (INT8)",
       .help = "Of --calibration percentile: how many percent of the magnitudes stay below the largest integer.",
       .default_text = "99.99",
       .commands = in_optimize,
       .apply = set_percentile},
      {.name = "--calibration-data",
       .value = "FILE|FOLDER",
       .section = "Calibration (INT8)",
       .help =
           "Samples to calibrate with, as the accuracy check takes them. For TensorRT's own calibrators an .npz with "
           "one batch: an array for each input, by name; may be repeated.",
       .default_text = "those of the accuracy check; else random ones, good for timing alone",
       .repeatable = true,
       .commands = everywhere,
       .completion = Completion::file,
       .apply = add_data},
      {.name = "--calibration-samples",
       .value = "N",
       .section = "Calibration (INT8)",
       .help = "The first N samples of the data, or so many random ones.",
       .default_text = "512 at most; 32 random ones",
       .commands = in_optimize,
       .apply =
           [](Settings& s, std::string_view v) {
             return store(s.calibrate.samples, parse_integer(v, 1, std::int64_t{1} << 40));
           }},
      {.name = "--calibration-cache",
       .value = "FILE",
       .section = "Calibration (INT8)",
       .help = "Read when the file is there, written when it is not. optimize writes JSON and also reads TensorRT's "
               "text; TensorRT's own calibrators have its text alone.",
       .commands = everywhere,
       .completion = Completion::file,
       .apply = set_cache},
      {.name = "--force-calibration-cache",
       .section = "Calibration (INT8)",
       .help = "Take the values of the cache by their names, although it is of another model or method.",
       .commands = in_optimize,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.calibrate.force_cache = true;
         return {};
       }},
  };
}

}  // namespace trtprof::cli
