// What Nsight Compute prints with --csv: `--page raw` (a row a kernel, a column a metric) and `--page details` (a row a
// metric), as standard output came, with the tool's messages and those of the program between. Several reports may
// follow each other. Rows are read one at a time.
// https://docs.nvidia.com/nsight-compute/NsightComputeCli/index.html#command-line-options-console-output
#pragma once

#include <filesystem>
#include <istream>
#include <string_view>

#include "trtprof/base/error.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

struct NcuImport {
  Counters counters;  // joined by NVTX ranges where the report has them; see counter_join.h for the rest
  // What the report says of the device; empty where it says nothing.
  std::string device_name;
  std::map<std::string, std::string> device_properties;  // "compute_capability" and the like
};

// `source` names the text in errors. Reads `in` twice where it can seek, to learn how its numbers are written, else it
// learns from the first row. Without a report: an error that quotes what the tool said instead.
[[nodiscard]] Result<NcuImport> parse_ncu_csv(std::istream& in, std::string_view source);

[[nodiscard]] Result<NcuImport> read_ncu_csv(const std::filesystem::path& path);

// A profile of kernels alone: no layer run, no end-to-end run.
[[nodiscard]] Profile kernel_profile(NcuImport imported);

}  // namespace trtprof
