// The same model on several devices.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "trtprof/profile/profile.h"

namespace trtprof {

struct DeviceProfile {
  std::string device;  // as --device takes it: "cuda:0"
  Profile profile;
};

// One row a device: end-to-end median and p99, the compute part of it, and how many times the fastest median it takes.
// What was not measured is "-". After an empty line.
void write_device_table(std::ostream& out, const std::vector<DeviceProfile>& profiles);

}  // namespace trtprof
