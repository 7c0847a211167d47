// Tables of ceilings as JSON: the committed one (devices.json), and files of users with figures of their own devices.
//
// {"schema": {"name": "trtprof-ceilings", "major": 1},
//  "devices": [{"device": "...", "names": ["..."], "figures": [
//    {"kind": "memory_bandwidth", "value": 4.8e12, "basis": "datasheet", "source": "..."},
//    {"kind": "launch_cost", "value": 1.9e-6, "basis": "measured", "source": "...",
//     "spread": {"low": 1.8e-6, "high": 2.2e-6, "samples": 20}}]}]}
//
// docs/ceilings.md tells what each kind is. Members that are not known are left alone.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/profile/device_ceilings.h"
#include "trtprof/profile/json_writer.h"

namespace trtprof {

inline constexpr const char* kCeilingsSchemaName = "trtprof-ceilings";

// `source` names the text in errors, which name the device and its figure: a kind that is not known, a value that is
// not positive, no source, a name that two devices have, a figure told twice on one basis.
[[nodiscard]] Result<std::vector<DeviceCeilings>> ceilings_from_json(std::string_view text, std::string_view source);

// For writers of such documents: the member "schema", and one entry of "devices".
void write_ceilings_schema(JsonWriter& writer);
void write_device(JsonWriter& writer, const DeviceCeilings& device);

}  // namespace trtprof
