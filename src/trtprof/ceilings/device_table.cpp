#include "trtprof/ceilings/device_table.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "trtprof/ceilings/ceilings_json.h"
#include "trtprof/ceilings/devices_json.h"

namespace trtprof {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

std::span<const DeviceCeilings> known_devices() {
  // The text is a part of the library, and a test reads it: it cannot fail to parse where a user is.
  static const std::vector<DeviceCeilings> table =
      ceilings_from_json(devices_json(), "devices.json").value_or(std::vector<DeviceCeilings>());
  return table;
}

std::optional<DeviceCeilings> find_ceilings(std::string_view name) {
  for (const DeviceCeilings& device : known_devices()) {
    const bool named =
        std::ranges::any_of(device.names, [&](const std::string& each) { return same_name(each, name); });
    if (named || same_name(device.device, name)) return device;
  }
  return std::nullopt;
}

}  // namespace trtprof
