// What the importers of trtexec's files share. Private to import/.
#pragma once

#include <cmath>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "trtprof/import/foreign.h"

namespace trtprof {

inline constexpr double kMillisecond = 1e-3;

[[nodiscard]] inline Imported tensorrt_file(ForeignFormat format, const std::filesystem::path& path) {
  Imported imported;
  imported.format = format;
  imported.path = path.string();
  Environment& environment = imported.profile.environment;
  environment.device_kind = DeviceKind::gpu;
  environment.backend = "tensorrt";
  environment.engine_name = "TensorRT";
  return imported;
}

// Zero or more; a file may say nan, inf or less.
[[nodiscard]] inline bool is_time(double value) {
  return std::isfinite(value) && value >= 0.0;
}

// "conv", "conv #2": what a profile calls the layers of one name.
class LayerNames {
 public:
  std::string make_unique(const std::string& name) {
    std::string unique;
    do {
      const std::size_t k = ++count_[name];
      unique = k == 1 ? name : fmt::format("{} #{}", name, k);
    } while (!used_.insert(unique).second);
    return unique;
  }

 private:
  std::unordered_map<std::string, std::size_t> count_;
  std::unordered_set<std::string> used_;
};

}  // namespace trtprof
