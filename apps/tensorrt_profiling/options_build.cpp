// Rows of the option table: how an engine is built.
#include <algorithm>

#include <fmt/format.h>

#include "option_rows.h"
#include "option_values.h"
#include "trtprof/base/text.h"

namespace trtprof::cli {
namespace {

constexpr std::int64_t kMostOptimization = 5;

Status add_weak_types(Settings& settings, std::string_view text) {
  WeakTyping& weak = settings.build.options.weak;
  while (true) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view type = text.substr(0, comma);
    if (type != "fp16" && type != "int8") {
      return usage_error(fmt::format("wants fp16, int8 or fp16,int8, not '{}'", printable(type)));
    }
    (type == "fp16" ? weak.fp16 : weak.int8) = true;
    if (comma == text.size()) return {};
    text.remove_prefix(comma + 1);
  }
}

// "8.9", "12.0"
Status add_compute_capability(Settings& settings, std::string_view text) {
  const std::size_t dot = text.find('.');
  const auto digits = [](std::string_view part) {
    return !part.empty() && part.size() <= 2 && std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
  };
  if (dot == std::string_view::npos || !digits(text.substr(0, dot)) || !digits(text.substr(dot + 1))) {
    return usage_error(fmt::format("wants a version as 8.9, not '{}'", printable(text)));
  }
  auto& versions = settings.build.options.compute_capabilities;
  if (std::ranges::find(versions, text) != versions.end()) return usage_error("names one version twice");
  versions.emplace_back(text);
  return {};
}

}  // namespace

std::vector<Option> build_options() {
  const std::vector<std::string_view> in_build = {"build"};
  const std::vector<std::string_view> when_building = {"build", "profile"};
  return {
      {.name = "--weak",
       .value = "TYPE",
       .section = "Build (engines)",
       .help =
           "Weak typing, which TensorRT 10 has and later versions have not: the builder may compute in fp16 or int8 "
           "where that is faster. May be repeated, or a list: fp16,int8.",
       .default_text = "strongly typed, as the model says",
       .repeatable = true,
       .commands = when_building,
       .apply = add_weak_types},
      {.name = "--no-tf32",
       .section = "Build (engines)",
       .help = "Compute f32 as f32: no TF32 tensor cores.",
       .commands = when_building,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.build.options.tf32 = false;
         return {};
       }},
      {.name = "--optimization-level",
       .value = "N",
       .section = "Build (engines)",
       .help = "How long the builder may search, 0 to 5.",
       .default_text = "the builder's own, 3",
       .commands = when_building,
       .apply =
           [](Settings& s, std::string_view v) {
             return store(s.build.options.optimization_level, parse_integer(v, 0, kMostOptimization));
           }},
      {.name = "--workspace",
       .value = "SIZE",
       .section = "Build (engines)",
       .help = "Most scratch memory a layer may use, as 4GiB, 512MiB or bytes.",
       .default_text = "all of the device's",
       .commands = when_building,
       .apply = [](Settings& s, std::string_view v) { return store(s.build.options.workspace_bytes, parse_bytes(v)); }},
      {.name = "--profiling-verbosity",
       .value = "LEVEL",
       .section = "Build (engines)",
       .help = "How much the engine tells of its layers: nothing, their names, or all.",
       .default_text = "detailed",
       .commands = when_building,
       .choices = {"none", "names", "detailed"},
       .completion = Completion::choices,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.build.options.profiling_verbosity = v == "none"    ? ProfilingVerbosity::none
                                               : v == "names" ? ProfilingVerbosity::names
                                                              : ProfilingVerbosity::detailed;
         return {};
       }},
      {.name = "--sparsity",
       .section = "Build (engines)",
       .help = "Use the tensor cores for 2:4 sparse weights. Only for models that have such weights already.",
       .commands = when_building,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.build.options.sparse_weights = true;
         return {};
       }},
      {.name = "--min-shape",
       .value = "NAME:DIMS",
       .section = "Build (engines)",
       .help =
           "Smallest shape the engine takes for an input with open dimensions. Once for each input. Of an input that "
           "holds a shape (Reshape's, Resize's sizes), these three give the values.",
       .default_text = "that of --opt-shape",
       .repeatable = true,
       .commands = in_build,
       .apply = [](Settings& s, std::string_view v) { return add_shape_option(s.build.min_shapes, v); }},
      {.name = "--opt-shape",
       .value = "NAME:DIMS",
       .section = "Build (engines)",
       .help = "Shape the engine is tuned for.",
       .default_text = "that of --max-shape",
       .repeatable = true,
       .commands = in_build,
       .apply = [](Settings& s, std::string_view v) { return add_shape_option(s.build.opt_shapes, v); }},
      {.name = "--max-shape",
       .value = "NAME:DIMS",
       .section = "Build (engines)",
       .help = "Largest shape the engine takes.",
       .default_text = "that of --opt-shape",
       .repeatable = true,
       .commands = in_build,
       .apply = [](Settings& s, std::string_view v) { return add_shape_option(s.build.max_shapes, v); }},
      {.name = "--timing-cache",
       .value = "FILE",
       .section = "Build (engines)",
       .help = "Kernel times that builds share, so that the next is faster; merged, never overwritten.",
       .default_text = "a file beside the engine, named after the library's version",
       .commands = in_build,
       .completion = Completion::file,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.build.timing_cache = v;
         return {};
       }},
      {.name = "--no-timing-cache",
       .section = "Build (engines)",
       .help = "Measure every kernel anew, and keep nothing.",
       .commands = in_build,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.build.no_timing_cache = true;
         return {};
       }},
      {.name = "--hardware-compatibility",
       .value = "LEVEL",
       .section = "Build (engines)",
       .help = "On which GPUs the engine runs beside this one: Ampere and newer, or those of the same compute "
               "capability.",
       .default_text = "none",
       .commands = in_build,
       .choices = {"none", "ampere+", "same-sm"},
       .completion = Completion::choices,
       .apply = [](Settings& s, std::string_view v) -> Status {
         s.build.options.hardware_compatibility = v == "ampere+"   ? HardwareCompatibility::ampere_plus
                                                  : v == "same-sm" ? HardwareCompatibility::same_compute_capability
                                                                   : HardwareCompatibility::none;
         return {};
       }},
      {.name = "--version-compatible",
       .section = "Build (engines)",
       .help = "Newer versions of the library can run the engine: it carries a lean runtime, which is code.",
       .commands = in_build,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.build.options.version_compatible = true;
         return {};
       }},
      {.name = "--exclude-lean-runtime",
       .section = "Build (engines)",
       .help = "Leave that runtime out; the machine that runs the engine has to have it.",
       .commands = in_build,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.build.options.exclude_lean_runtime = true;
         return {};
       }},
      {.name = "--strip-weights",
       .section = "Build (engines)",
       .help = "Leave the weights out of the engine; they are refitted before it runs, by 'profile' and 'inspect' too.",
       .commands = in_build,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.build.options.strip_weights = true;
         return {};
       }},
      {.name = "--refit",
       .section = "Build (engines)",
       .help = "Weights can be replaced in the engine.",
       .commands = in_build,
       .apply = [](Settings& s, std::string_view) -> Status {
         s.build.options.refit = true;
         return {};
       }},
      {.name = "--compute-capability",
       .value = "VERSION",
       .section = "Build (engines)",
       .help = "TensorRT-RTX: build for GPUs of this compute capability, as 8.9; no GPU is needed. May be repeated.",
       .default_text = "the GPU that is there",
       .repeatable = true,
       .commands = in_build,
       .apply = add_compute_capability},
  };
}

}  // namespace trtprof::cli
