// Tables of ceilings as JSON: the committed one (devices.json), and files of users with figures of their own devices.
//
// {"schema": {"name": "trtprof-ceilings", "major": 1},
//  "devices": [{"device": "...", "names": ["..."], "figures": [
//    {"kind": "memory_bandwidth", "value": 4.8e12, "basis": "datasheet", "source": "..."}]}]}
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/profile/device_ceilings.h"

namespace trtprof {

inline constexpr const char* kCeilingsSchemaName = "trtprof-ceilings";

// "memory_bandwidth", as in the JSON.
[[nodiscard]] std::string_view to_string(CeilingKind kind);
[[nodiscard]] std::string_view to_string(CeilingBasis basis);
[[nodiscard]] std::optional<CeilingKind> ceiling_kind_from_string(std::string_view name);

// `source` names the text in errors, which name the device and its figure: a kind that is not known, a value that is
// not positive, no source, a name that two devices have, a figure told twice on one basis.
[[nodiscard]] Result<std::vector<DeviceCeilings>> ceilings_from_json(std::string_view text, std::string_view source);

}  // namespace trtprof
