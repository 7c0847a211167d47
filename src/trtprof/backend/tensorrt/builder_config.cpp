#include "trtprof/backend/tensorrt/builder_config.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "trtprof/backend/tensorrt/compute_capability.h"
#include "trtprof/backend/tensorrt/data_types.h"
#include "trtprof/base/text.h"

namespace trtprof::tensorrt {
namespace {

using nvinfer1::OptProfileSelector;

bool is_open(const nvinfer1::ITensor& input) {
  const auto shape = shape_of(input.getDimensions());
  return std::ranges::any_of(shape, [](std::int64_t d) { return d < 0; }) || input.isShapeTensor();
}

// A shape tensor's range holds values, any other's dimensions.
bool set_range(nvinfer1::IOptimizationProfile& profile, const nvinfer1::ITensor& input, OptProfileSelector select,
               const std::vector<std::int64_t>& values) {
  if (input.isShapeTensor()) return set_shape_values(profile, input.getName(), select, values);
  return profile.setDimensions(input.getName(), select, dims_of(values));
}

Status set_input(nvinfer1::IOptimizationProfile& profile, const nvinfer1::ITensor& input, const ShapeRange& range) {
  const auto count = element_count(shape_of(input.getDimensions())).value_or(1);
  if (input.isShapeTensor() && range.opt.size() != count) {
    return usage_error(fmt::format("input '{}' of the model holds a shape of {} values, not {}",
                                   printable(input.getName()), count, shape_to_string(range.opt)));
  }
  if (range.values && !input.isShapeTensor()) {
    return usage_error(fmt::format("input '{}' of the model holds no shape for {}, so its values are no part of an "
                                   "engine",
                                   printable(input.getName()), kEngineName),
                       "Leave its range out.");
  }
  const std::array<std::pair<OptProfileSelector, const std::vector<std::int64_t>*>, 3> parts = {
      {{OptProfileSelector::kMIN, &range.min},
       {OptProfileSelector::kOPT, &range.opt},
       {OptProfileSelector::kMAX, &range.max}}};
  for (const auto& [select, values] : parts) {
    if (!set_range(profile, input, select, *values)) {
      return usage_error(fmt::format("input '{}' of the model is {} and cannot be {} to {}, tuned for {}",
                                     printable(input.getName()), shape_to_string(shape_of(input.getDimensions())),
                                     shape_to_string(range.min), shape_to_string(range.max),
                                     shape_to_string(range.opt)));
    }
  }
  return {};
}

Result<const nvinfer1::IOptimizationProfile*> add_profile(nvinfer1::IBuilder& builder, nvinfer1::IBuilderConfig& config,
                                                          const nvinfer1::INetworkDefinition& network,
                                                          const ShapeProfile& ranges, bool only_opt) {
  nvinfer1::IOptimizationProfile* profile = builder.createOptimizationProfile();
  if (profile == nullptr) return fail("TensorRT could not make an optimisation profile");
  std::vector<std::string> missing;
  for (std::int32_t i = 0; i < network.getNbInputs(); ++i) {
    const nvinfer1::ITensor& input = *network.getInput(i);
    const auto range = ranges.find(input.getName());
    if (range == ranges.end()) {
      if (input.isShapeTensor()) {
        const std::string name = printable(input.getName());
        return usage_error(
            fmt::format("input '{}' of the model holds a shape: an engine needs a range for its values", name),
            fmt::format("Give them as shapes: --min-shape {0}:..., --opt-shape {0}:... and --max-shape {0}:..., or "
                        "--shape {0}:... for all three.",
                        name));
      }
      if (is_open(input)) {
        missing.push_back(
            fmt::format("'{}' {}", printable(input.getName()), shape_to_string(shape_of(input.getDimensions()))));
      }
      continue;
    }
    const ShapeRange wanted =
        only_opt ? ShapeRange{range->second.opt, range->second.opt, range->second.opt} : range->second;
    if (const Status set = set_input(*profile, input, wanted); !set) return forward_error(set);
  }
  if (!missing.empty()) {
    return usage_error(fmt::format("the shape of input {} is open", fmt::join(missing, ", ")),
                       "Give --min-shape, --opt-shape and --max-shape, or --shape for all three.");
  }
  if (!profile->isValid()) return usage_error("min, opt and max of a shape are not in ascending order");
  if (!only_opt && config.addOptimizationProfile(profile) < 0) {
    return fail("TensorRT refuses the optimisation profile");
  }
  return profile;
}

bool any_open(const nvinfer1::INetworkDefinition& network) {
  for (std::int32_t i = 0; i < network.getNbInputs(); ++i) {
    if (is_open(*network.getInput(i))) return true;
  }
  return false;
}

nvinfer1::ProfilingVerbosity verbosity_of(ProfilingVerbosity verbosity) {
  switch (verbosity) {
    case ProfilingVerbosity::none:
      return nvinfer1::ProfilingVerbosity::kNONE;
    case ProfilingVerbosity::names:
      return nvinfer1::ProfilingVerbosity::kLAYER_NAMES_ONLY;
    case ProfilingVerbosity::detailed:
      break;
  }
  return nvinfer1::ProfilingVerbosity::kDETAILED;
}

}  // namespace

void fix_single_shapes(nvinfer1::INetworkDefinition& network, const BuildOptions& options) {
  if (options.profiles.size() != 1) return;
  const ShapeProfile& profile = options.profiles.front();
  for (std::int32_t i = 0; i < network.getNbInputs(); ++i) {
    nvinfer1::ITensor* input = network.getInput(i);
    const auto range = profile.find(input->getName());
    if (range == profile.end() || input->isShapeTensor() || range->second.min != range->second.max) continue;
    const std::vector<std::int64_t> shape = shape_of(input->getDimensions());
    const std::vector<std::int64_t>& fixed = range->second.opt;
    if (shape.size() != fixed.size() || !is_open(*input)) continue;
    bool fits = true;
    for (std::size_t d = 0; d < shape.size(); ++d) fits = fits && (shape[d] < 0 || shape[d] == fixed[d]);
    if (!fits) continue;  // set_input() tells
    for (std::size_t d = 0; d < shape.size(); ++d) input->setDimensionName(static_cast<std::int32_t>(d), "");
    input->setDimensions(dims_of(fixed));
  }
}

Status check_dimension_names(const nvinfer1::INetworkDefinition& network, const BuildOptions& options) {
  using Range = std::array<std::int64_t, 3>;
  for (const ShapeProfile& profile : options.profiles) {
    std::map<std::string, std::pair<std::string, Range>> seen;  // by the dimension's name: whose it is, its range
    for (std::int32_t i = 0; i < network.getNbInputs(); ++i) {
      const nvinfer1::ITensor& input = *network.getInput(i);
      const auto range = profile.find(input.getName());
      if (range == profile.end() || input.isShapeTensor()) continue;
      const auto rank = static_cast<std::size_t>(std::max(input.getDimensions().nbDims, 0));
      const auto& [min, opt, max, values] = range->second;
      static_cast<void>(values);
      for (std::size_t d = 0; d < std::min({rank, min.size(), opt.size(), max.size()}); ++d) {
        const char* name = input.getDimensionName(static_cast<std::int32_t>(d));
        if (name == nullptr || *name == '\0') continue;
        const std::string place = fmt::format("dimension {} of '{}'", d, printable(input.getName()));
        const auto [known, added] = seen.try_emplace(name, place, Range{min[d], opt[d], max[d]});
        if (added || known->second.second == Range{min[d], opt[d], max[d]}) continue;
        return usage_error(
            fmt::format("{} and {} have the same name '{}' in the model, so TensorRT takes them for equal, and the "
                        "shapes differ there",
                        known->second.first, place, printable(name)),
            "Give both the same range, or one fixed shape (--shape), or give the dimensions names of their own.");
      }
    }
  }
  return {};
}

Result<AddedProfiles> add_profiles(nvinfer1::IBuilder& builder, nvinfer1::IBuilderConfig& config,
                                   const nvinfer1::INetworkDefinition& network, const BuildOptions& options) {
  AddedProfiles added;
  if (!any_open(network)) return added;
  static const std::vector<ShapeProfile> none = {ShapeProfile{}};
  for (const ShapeProfile& ranges : options.profiles.empty() ? none : options.profiles) {
    const auto profile = add_profile(builder, config, network, ranges, false);
    if (!profile) return forward_error(profile);
    if (added.calibration != nullptr || !options.weak.int8) continue;
    const auto narrow = add_profile(builder, config, network, ranges, true);
    if (!narrow) return forward_error(narrow);
    added.calibration = *narrow;
  }
  return added;
}

Status configure(nvinfer1::IBuilderConfig& config, const BuildOptions& options) {
  using nvinfer1::BuilderFlag;
  // Without a way to be refitted an engine keeps its weights, or is useless without them.
  const bool identical = options.strip_weights && !options.refit;
  const std::array<std::pair<bool, BuilderFlag>, 7> flags = {
      {{options.sparse_weights, BuilderFlag::kSPARSE_WEIGHTS},
       {options.strip_weights, BuilderFlag::kSTRIP_PLAN},
       {options.refit, BuilderFlag::kREFIT},
       {identical, BuilderFlag::kREFIT_IDENTICAL},
       {options.version_compatible, BuilderFlag::kVERSION_COMPATIBLE},
       {options.exclude_lean_runtime, BuilderFlag::kEXCLUDE_LEAN_RUNTIME},
       {options.tf32, BuilderFlag::kTF32}}};
  for (const auto& [wanted, flag] : flags) {
    if (wanted) {
      config.setFlag(flag);
    } else {
      config.clearFlag(flag);
    }
  }
  config.setProfilingVerbosity(verbosity_of(options.profiling_verbosity));
  if (options.optimization_level) config.setBuilderOptimizationLevel(*options.optimization_level);
  if (options.workspace_bytes) {
    config.setMemoryPoolLimit(nvinfer1::MemoryPoolType::kWORKSPACE, static_cast<std::size_t>(*options.workspace_bytes));
  }
  if (!set_hardware_compatibility(config, options.hardware_compatibility)) {
    if (kFlavour == EngineFlavour::tensorrt_rtx) {
      return usage_error(fmt::format("{} has no --hardware-compatibility", kEngineName),
                         "--compute-capability says on which GPUs its engines run.");
    }
    return usage_error(fmt::format("{} {}.{} has no compatibility with other GPUs of the same compute capability",
                                   kEngineName, kHeadersMajor, kHeadersMinor));
  }
  return set_compute_capabilities(config, options.compute_capabilities);
}

}  // namespace trtprof::tensorrt
