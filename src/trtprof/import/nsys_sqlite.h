// The SQLite export of Nsight Systems (`nsys export --type sqlite`), by its documented schema: kernels, copies, fills,
// calls of the CUDA runtime and driver, NVTX ranges. Tables are there only where something was recorded, and columns
// differ between versions.
// https://docs.nvidia.com/nsight-systems/UserGuide/index.html#sqlite-schema-reference
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

// What ran in one inference, by start; Activity::kernel is an index into NsysTrace::launches.
struct NsysInference {
  std::vector<Activity> activities;
  std::vector<double> launch_delays;  // by position among the kernels; empty where kernels share a call
};

struct NsysTrace {
  std::string source;       // "Nsight Systems export"
  std::string device_name;  // of the first GPU; empty where the export does not say
  std::vector<KernelLaunch> launches;
  std::vector<NsysInference> inferences;
  bool graph = false;  // some kernels were launched as nodes of a CUDA graph
  KernelJoin join = KernelJoin::none;
  std::string join_reason;
  std::vector<std::string> notes;
};

// Inferences are this program's NVTX ranges, else TensorRT's around each enqueue; without either all is one. Layers are
// TensorRT's ranges around the calls that launched the kernels.
[[nodiscard]] Result<NsysTrace> read_nsys_export(const std::filesystem::path& path);

}  // namespace trtprof
