// The committed table of known devices, devices.json, which is part of the library.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "trtprof/profile/device_ceilings.h"

namespace trtprof {

[[nodiscard]] std::span<const DeviceCeilings> known_devices();

// Of the table: by Environment::device_name, or by DeviceCeilings::device for who names a device himself. Letter case
// does not matter; otherwise the name must be the same, as one word ("PCIe") tells devices of different limits apart.
[[nodiscard]] std::optional<DeviceCeilings> find_ceilings(std::string_view name);

}  // namespace trtprof
