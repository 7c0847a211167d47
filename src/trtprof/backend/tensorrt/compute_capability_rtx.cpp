#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "trtprof/backend/tensorrt/compute_capability.h"
#include "trtprof/base/text.h"

namespace trtprof::tensorrt {
namespace {

using nvinfer1::ComputeCapability;

constexpr std::array<std::pair<const char*, ComputeCapability>, 6> kKnown = {{{"7.5", ComputeCapability::kSM75},
                                                                              {"8.0", ComputeCapability::kSM80},
                                                                              {"8.6", ComputeCapability::kSM86},
                                                                              {"8.9", ComputeCapability::kSM89},
                                                                              {"12.0", ComputeCapability::kSM120},
                                                                              {"12.1", ComputeCapability::kSM121}}};

}  // namespace

Status set_compute_capabilities(nvinfer1::IBuilderConfig& config, const std::vector<std::string>& capabilities) {
  if (capabilities.empty()) return {};
  if (!config.setNbComputeCapabilities(static_cast<std::int32_t>(capabilities.size()))) {
    return usage_error(fmt::format("{} compute capabilities are too many", capabilities.size()));
  }
  std::int32_t index = 0;
  for (const std::string& name : capabilities) {
    const auto known = std::ranges::find_if(kKnown, [&](const auto& entry) { return name == entry.first; });
    if (known == kKnown.end()) {
      std::vector<std::string> names;
      names.reserve(kKnown.size());
      for (const auto& entry : kKnown) names.emplace_back(entry.first);
      return usage_error(fmt::format("compute capability '{}' is not one of TensorRT-RTX", printable(name)),
                         fmt::format("It has {}.", fmt::join(names, ", ")));
    }
    if (!config.setComputeCapability(known->second, index++)) {
      return usage_error(fmt::format("TensorRT-RTX refuses compute capability {}", name));
    }
  }
  return {};
}

}  // namespace trtprof::tensorrt
