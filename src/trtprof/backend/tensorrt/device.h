// The NVIDIA GPUs of this machine.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "trtprof/backend/backend.h"
#include "trtprof/backend/occupancy.h"
#include "trtprof/base/error.h"

namespace trtprof::tensorrt {

// ErrorCode::unavailable without a driver or a device, with CUDA's reason.
[[nodiscard]] Result<std::vector<DeviceInfo>> list_devices();

// "", "cuda", "cuda:1" to an index that exists. ErrorCode::unavailable, with those there are, for one that does not.
[[nodiscard]] Result<int> find_device(const std::string& id);

// Makes it the thread's device. `spin`: waits spin instead of sleeping.
[[nodiscard]] Status use_device(int index, bool spin);

struct DeviceFacts {
  std::string name;                // "NVIDIA H200"
  std::string compute_capability;  // "9.0"
  std::uint64_t memory_bytes = 0;
  std::uint64_t l2_bytes = 0;
  int multiprocessors = 0;
  MultiprocessorLimits multiprocessor;
  std::string pci_bus_id;    // "0000:1b:00.0"
  std::string driver_cuda;   // the newest CUDA that the driver runs: "13.0"
  std::string runtime_cuda;  // that this module was built with
};
[[nodiscard]] Result<DeviceFacts> device_facts(int index);

// As Environment::properties has them.
[[nodiscard]] std::map<std::string, std::string> device_properties(int index, const DeviceFacts& facts);

}  // namespace trtprof::tensorrt
