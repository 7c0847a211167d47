// Which limits a profile is judged by.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "trtprof/base/error.h"
#include "trtprof/profile/device_ceilings.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

// `option` is that of --ceilings: a file (of ceilings_json.h), or the name of a device of the committed table. Empty:
// what was measured of the profile's device, with what the table says of it beside; else the table's device of that
// name; else nullopt, and verdicts are relative only. Of a file with several devices the one that has the profile's
// name; its only one is taken whatever its name, since the user says so.
[[nodiscard]] Result<std::optional<DeviceCeilings>> choose_ceilings(const std::string& option, const Profile& profile);

// The same with a cache elsewhere.
[[nodiscard]] Result<std::optional<DeviceCeilings>> choose_ceilings(const std::string& option, const Profile& profile,
                                                                    const std::filesystem::path& cache_folder);

// What was measured, and what the table says that was not.
[[nodiscard]] DeviceCeilings with_known(DeviceCeilings measured, const std::optional<DeviceCeilings>& known);

}  // namespace trtprof
