#include "trtprof/telemetry/rapl.h"

#include <algorithm>

#include <fmt/format.h>

#include "trtprof/base/text.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;

constexpr double kMicro = 1e-6;

bool is_zone(const fs::path& path) {
  // "intel-rapl-mmio:0" is the same counter by another way.
  return path.filename().string().starts_with("intel-rapl:");
}

// Kernels since 5.10 let only root read the counters, whose fine resolution leaks what other programs compute
// (CVE-2020-8694).
std::string refused(const fs::path& file, const std::string& name, const std::string& reason) {
  std::string text = fmt::format("energy of {}: {}: {}", printable(name), printable(file.string()), reason);
  if (reason.find("ermission") != std::string::npos) {
    text += "; run as root, or once: chmod a+r /sys/class/powercap/intel-rapl:*/energy_uj";
  }
  return text;
}

void add_zone(const fs::path& folder, Rapl& rapl) {
  const std::string name = sysfs_line(folder / "name");
  const bool package = name.starts_with("package");
  const bool memory = name == "dram";
  if (!package && !memory) return;  // cores and graphics are inside the package; psys is the whole board
  const fs::path file = folder / "energy_uj";
  auto counter = SysfsNumber::open(file);
  if (!counter) {
    rapl.missing.push_back(refused(file, name, counter.error().message));
    return;
  }
  const auto range = SysfsNumber::open(folder / "max_energy_range_uj");
  const std::int64_t largest = range ? range->read().value_or(0) : 0;
  (package ? rapl.packages : rapl.memory).emplace_back(name, std::move(*counter), largest);
}

}  // namespace

std::optional<double> RaplZone::joules() {
  const auto now = counter_.read();
  if (!now) return std::nullopt;
  if (last_) {
    std::int64_t step = *now - *last_;
    if (step < 0) step += range_;
    total_ += std::max<std::int64_t>(step, 0);
  }
  last_ = now;
  return static_cast<double>(total_) * kMicro;
}

Rapl open_rapl(const fs::path& root) {
  Rapl rapl;
  const fs::path folder = root / "sys/class/powercap";
  bool any = false;
  for (const fs::path& entry : sysfs_entries(folder)) {
    if (!is_zone(entry)) continue;
    any = true;
    add_zone(entry, rapl);
  }
  if (!any) {
    rapl.missing.push_back(
        fmt::format("CPU power and energy: no {} (usual in a virtual machine or a container; else load intel_rapl_msr)",
                    (folder / "intel-rapl:0").string()));
  }
  return rapl;
}

}  // namespace trtprof
