// What a device can do, as a table.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "trtprof/profile/device_ceilings.h"

namespace trtprof {

struct CeilingsTable {
  const DeviceCeilings& measured;
  const DeviceCeilings* known = nullptr;  // what the committed table says of the device; null: it is not in it
  const std::vector<MissingCeiling>& missing;
  const std::vector<std::string>& notes;
};

// "memory bandwidth", "FP16 peak".
[[nodiscard]] std::string describe_ceiling(CeilingKind kind);
// "4.30 TB/s", "769.0 TFLOP/s", "1.98 us".
[[nodiscard]] std::string format_ceiling(CeilingKind kind, double value);

// A row a kind: what was measured, how far its samples lie apart, what the datasheet says and how much of it was
// reached; below it what was measured. Then what could not be measured, and notes.
void write_ceilings_table(std::ostream& out, const CeilingsTable& table, bool color);

}  // namespace trtprof
