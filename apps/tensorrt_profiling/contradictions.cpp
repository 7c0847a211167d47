#include "contradictions.h"

#include <array>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "quantize_run.h"
#include "trtprof/base/text.h"

namespace trtprof::cli {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;
constexpr std::array<Pair, 7> kPairs = {{{"--iterations", "--duration"},
                                         {"--trace", "--no-timeline"},
                                         {"--no-transfers", "--sync-transfers"},
                                         {"--no-transfers", "--pageable"},
                                         {"--timing-cache", "--no-timing-cache"},
                                         {"--no-telemetry", "--telemetry-period"},
                                         {"--compute-capability", "--weak"}}};

constexpr auto kForInt8 = std::to_array<std::string_view>(
    {"--calibration", "--calibration-data", "--calibration-samples", "--calibration-cache", "--force-calibration-cache",
     "--percentile", "--no-equalization", "--no-bias-correction", "--no-quantize-depthwise", "--unsigned-activations"});
constexpr auto kForSearches = std::to_array<std::string_view>({"--sensitivity-budget", "--sensitivity-samples"});

Status contradict(std::string_view one, std::string_view other, std::string hint = "give one of them") {
  return usage_error(fmt::format("{} and {} contradict each other", one, other), std::move(hint));
}

// The first pair of which both were given.
Status check_pairs(const Settings& settings) {
  for (const auto& [one, other] : kPairs) {
    if (settings.was_given(one) && settings.was_given(other)) return contradict(one, other);
  }
  return {};
}

Status check_sensitivity_needs(const Settings& settings) {
  for (const std::string_view option : {"--sensitivity", "--auto-keep"}) {
    if (!settings.was_given(option) || wants_int8(settings) || wanted_half(settings)) continue;
    return usage_error(
        fmt::format("{} is for --precision f16, bf16 and int8: without it nothing is converted", option));
  }
  const bool in_loop = settings.command == "optimize" && settings.compare.budget;  // whose candidates may search
  if (settings.sensitivity.rank || settings.sensitivity.find_kept || in_loop) return {};
  for (const std::string_view option : search_options()) {
    if (settings.was_given(option)) return usage_error(fmt::format("{} is for --sensitivity and --auto-keep", option));
  }
  return {};
}

// Options about data that nothing reads.
Status check_data_needs(const Settings& settings) {
  if (settings.command != "accuracy" && settings.command != "optimize") return {};
  const bool data = settings.accuracy.data.has_value();
  if (settings.was_given("--preprocess") && !data && !settings.calibrate.data) {
    return usage_error("--preprocess is for the images of --data or --calibration-data");
  }
  if (settings.was_given("--label-output") && !data) return usage_error("--label-output is for the labels of --data");
  const bool changes = wants_int8(settings) || wanted_half(settings) || settings.prune_2_4;
  const bool judges = settings.accuracy.max_drop || settings.accuracy.min_agreement || settings.compare.budget;
  if (settings.was_given("--class-axis") && settings.command == "optimize" && !data && !changes && !judges) {
    return usage_error("--class-axis is for --data, --precision and gates: without one no accuracy is measured");
  }
  return {};
}

Status check_calibration_needs(const Settings& settings) {
  // A cache names its method by itself.
  if (settings.was_given("--percentile") && settings.calibrate.method != CalibrationMethod::percentile &&
      !settings.calibrate.cache) {
    return usage_error("--percentile is for --calibration percentile");
  }
  if (settings.was_given("--force-calibration-cache") && !settings.calibrate.cache) {
    return usage_error("--force-calibration-cache is for --calibration-cache");
  }
  return {};
}

Status check_needs(const Settings& settings) {
  if (!settings.build.options.weak.int8 && settings.command != "optimize") {
    for (const std::string_view option : {"--calibration", "--calibration-data", "--calibration-cache"}) {
      if (settings.was_given(option)) return usage_error(fmt::format("{} is for --weak int8", option));
    }
  }
  if (settings.precision.starts_with("int8") && settings.command != "optimize") {
    return usage_error(fmt::format("--precision {}: INT8 is a property of the model", settings.precision),
                       "optimize --precision makes such a model; --weak int8 lets TensorRT 10 choose");
  }
  const bool in_loop = settings.command == "optimize" && settings.compare.budget;
  if (settings.command == "optimize" && !settings.precision.starts_with("int8") && !in_loop) {
    for (const std::string_view option : int8_options()) {
      if (settings.was_given(option)) return usage_error(fmt::format("{} is for --precision int8", option));
    }
  }
  if (Status status = check_calibration_needs(settings); !status) return status;
  if (Status status = check_sensitivity_needs(settings); !status) return status;
  if (Status status = check_data_needs(settings); !status) return status;
  if (settings.was_given("--exclude-lean-runtime") && !settings.was_given("--version-compatible")) {
    return usage_error("--exclude-lean-runtime is for --version-compatible: other engines have none");
  }
  if ((settings.command == "sample" || settings.command == "build" || settings.command == "convert") &&
      !settings.output) {
    return usage_error(fmt::format("'{}' needs --output FILE (-o FILE)", settings.command));
  }
  return {};
}

Status check_backend(const Settings& settings) {
  const std::string& backend = settings.backend;
  if (settings.was_given("--weak") && (backend == "tensorrt-rtx" || backend == "tensorrt-11")) {
    return contradict("--weak", "--backend " + backend, "weak typing is TensorRT 10's; the model's types decide here");
  }
  if (backend == "tensorrt-rtx") {
    const bool compatible = settings.build.options.hardware_compatibility != HardwareCompatibility::none;
    for (const auto& [option, wanted] : {std::pair("--timing-cache", settings.build.timing_cache.has_value()),
                                         std::pair("--hardware-compatibility", compatible)}) {
      if (wanted) return contradict(option, "--backend tensorrt-rtx", "it is for --backend tensorrt");
    }
  }
  if (settings.was_given("--compute-capability") && backend != "auto" && backend != "tensorrt-rtx") {
    return contradict("--compute-capability", "--backend " + backend, "it is for --backend tensorrt-rtx");
  }
  return {};
}

// --shape fixes all three of an input; the others say them one by one.
Status check_shapes(const Settings& settings) {
  for (const auto* ranges : {&settings.build.min_shapes, &settings.build.opt_shapes, &settings.build.max_shapes}) {
    for (const auto& [input, shape] : ranges->by_input) {
      if (settings.shapes.by_input.contains(input)) {
        return usage_error(
            fmt::format("--shape fixes the shape of input '{}', and another option gives it a range", printable(input)),
            "give --shape, or --min-shape, --opt-shape and --max-shape");
      }
    }
  }
  return {};
}

// What is read: nothing may take its place. `optimize` may, in one go, and `build` says so in its own words.
std::vector<std::filesystem::path> files_read(const Settings& settings, std::string_view by) {
  std::vector<std::filesystem::path> files;
  const bool own_check = by == "--output" && (settings.command == "optimize" || settings.command == "build");
  if (!own_check) files.assign(settings.operands.begin(), settings.operands.end());
  for (const auto& file : {settings.accuracy.data, settings.accuracy.preprocess, settings.calibrate.data,
                           settings.model, settings.refit_from, settings.against, settings.import_file}) {
    if (file) files.push_back(*file);
  }
  for (const InputFile& input : settings.inputs) files.emplace_back(input.path);
  return files;
}

Status check_read(const Settings& settings, std::string_view option, const std::filesystem::path& written) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(written, error)) return {};
  for (const std::filesystem::path& read : files_read(settings, option)) {
    if (!std::filesystem::equivalent(read, written, error)) continue;
    return usage_error(fmt::format("{} names {}, which is read", option, printable(written.string())),
                       "name another file: this one would be overwritten");
  }
  return {};
}

// Reports that would overwrite each other, or what they are of.
Status check_files(const Settings& settings) {
  using File = std::pair<std::string_view, const std::optional<std::filesystem::path>*>;
  const std::array<File, 4> files = {{{"--json", &settings.json},
                                      {"--csv", &settings.csv},
                                      {"--trace", &settings.trace},
                                      {"--output", &settings.output}}};
  for (std::size_t i = 0; i < files.size(); ++i) {
    for (std::size_t j = i + 1; j < files.size(); ++j) {
      const auto& [one, path] = files.at(i);
      const auto& [other, other_path] = files.at(j);
      if (*path && *path == *other_path) return usage_error(fmt::format("{} and {} name the same file", one, other));
    }
    const auto& [option, written] = files.at(i);
    if (!*written) continue;
    if (Status good = check_read(settings, option, **written); !good) return good;
  }
  return {};
}

}  // namespace

std::span<const std::string_view> int8_options() {
  return kForInt8;
}

std::span<const std::string_view> search_options() {
  return kForSearches;
}

Status check_contradictions(const Settings& settings) {
  if (Status status = check_files(settings); !status) return status;
  for (const auto check : {&check_pairs, &check_needs, &check_backend, &check_shapes}) {
    if (Status status = check(settings); !status) return status;
  }
  return {};
}

}  // namespace trtprof::cli
