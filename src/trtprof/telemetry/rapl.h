// Energy of a CPU's packages and memory by RAPL, Intel's and AMD's alike (Linux' powercap, "intel-rapl").
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/telemetry/sysfs_file.h"

namespace trtprof {

// The register is updated about every millisecond (Intel SDM volume 3, "RAPL Interfaces").
inline constexpr double kRaplUpdateSeconds = 1e-3;

// One counter, freed of its wrap-around. It must be read before it wraps twice: minutes.
class RaplZone {
 public:
  RaplZone(std::string name, SysfsNumber counter, std::int64_t range)
      : name_(std::move(name)), counter_(std::move(counter)), range_(range) {}
  [[nodiscard]] const std::string& name() const { return name_; }  // "package-0", "dram"
  // Since the first call; nullopt: it cannot be read now.
  [[nodiscard]] std::optional<double> joules();

 private:
  std::string name_;
  SysfsNumber counter_;
  std::int64_t range_;  // max_energy_range_uj
  std::optional<std::int64_t> last_;
  std::int64_t total_ = 0;
};

struct Rapl {
  std::vector<RaplZone> packages;
  std::vector<RaplZone> memory;      // "dram", which servers have
  std::vector<std::string> missing;  // why there are none, a sentence each
};

// `root` holds sys/.
[[nodiscard]] Rapl open_rapl(const std::filesystem::path& root);

}  // namespace trtprof
