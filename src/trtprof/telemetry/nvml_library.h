// libnvidia-ml.so.1, opened at run time and initialised for as long as an object of this lives.
#pragma once

#include <memory>
#include <string>

#include "trtprof/base/error.h"
#include "trtprof/telemetry/nvml_api.h"

namespace trtprof::nvml {

// The library that TRTPROF_NVML_LIBRARY names, or the one that the loader finds.
[[nodiscard]] std::string library_path();

class Library {
 public:
  // ErrorCode::unavailable with a sentence: no such library, no driver behind it, another version than the driver's.
  [[nodiscard]] static Result<std::shared_ptr<const Library>> open(const std::string& path = library_path());
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library();

  [[nodiscard]] const Functions& functions() const { return functions_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::string& driver_version() const { return driver_version_; }  // empty: it does not tell
  // NVML's words for a nvmlReturn_t: "Not Supported".
  [[nodiscard]] std::string error_text(int code) const;

  // Never by index: CUDA_VISIBLE_DEVICES renumbers CUDA's devices, not NVML's. `pci_bus_id` as CUDA writes it,
  // "0000:1b:00.0".
  [[nodiscard]] Result<Device> find_device(const std::string& pci_bus_id) const;

 private:
  Library() = default;

  void* handle_ = nullptr;
  bool initialised_ = false;
  std::string path_;
  std::string driver_version_;
  Functions functions_;
};

}  // namespace trtprof::nvml
