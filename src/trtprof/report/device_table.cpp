#include "trtprof/report/device_table.h"

#include <algorithm>
#include <optional>
#include <ostream>

#include <fmt/format.h>

#include "trtprof/base/format.h"
#include "trtprof/base/text.h"
#include "trtprof/profile/layer_times.h"

namespace trtprof {
namespace {

constexpr std::size_t kDeviceWidth = 8;
constexpr std::size_t kNameWidth = 32;

std::optional<Summary> end_to_end(const Profile& profile) {
  return profile.end_to_end ? summary_of(profile.end_to_end->total) : std::nullopt;
}

std::optional<double> compute_median(const Profile& profile) {
  if (!profile.end_to_end || !profile.end_to_end->compute) return std::nullopt;
  return median_of(*profile.end_to_end->compute);
}

std::string milliseconds(const std::optional<double>& seconds) {
  return seconds ? format_milliseconds(*seconds) : "-";
}

std::optional<double> fastest(const std::vector<DeviceProfile>& profiles) {
  std::optional<double> best;
  for (const DeviceProfile& item : profiles) {
    const auto summary = end_to_end(item.profile);
    if (summary) best = std::min(best.value_or(summary->median), summary->median);
  }
  return best;
}

}  // namespace

void write_device_table(std::ostream& out, const std::vector<DeviceProfile>& profiles) {
  const std::optional<double> best = fastest(profiles);
  const bool cpu = std::ranges::all_of(
      profiles, [](const DeviceProfile& item) { return item.profile.environment.device_kind == DeviceKind::cpu; });
  out << "\nDevices:\n"
      << fmt::format("  {} {}{:>13}{:>11}{:>19}{:>13}\n", fit_left("Device", kDeviceWidth),
                     fit_left("Name", kNameWidth), "Median (ms)", "p99 (ms)", cpu ? "Compute (ms)" : "GPU compute (ms)",
                     "To fastest");
  for (const auto& [device, profile] : profiles) {
    const auto summary = end_to_end(profile);
    const std::optional<double> median = summary ? std::optional(summary->median) : std::nullopt;
    const std::optional<double> p99 = summary ? std::optional(summary->p99) : std::nullopt;
    const bool has_ratio = median && best && *best > 0.0;
    out << fmt::format("  {} {}{:>13}{:>11}{:>19}{:>13}{}\n", fit_left(device, kDeviceWidth),
                       fit_left(profile.environment.device_name, kNameWidth), milliseconds(median), milliseconds(p99),
                       milliseconds(compute_median(profile)), has_ratio ? fmt::format("{:.3f}x", *median / *best) : "-",
                       profile.partial ? "  PARTIAL" : "");
  }
}

}  // namespace trtprof
