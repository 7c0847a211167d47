// Reports of Nsight Compute as a part of a profile: kernels and their counters.
#pragma once

#include <filesystem>
#include <string_view>

#include "trtprof/base/error.h"
#include "trtprof/import/foreign.h"

namespace trtprof {

[[nodiscard]] bool is_nsight_compute_csv(std::string_view beginning);
[[nodiscard]] Result<Imported> read_nsight_compute_csv(const std::filesystem::path& path);

}  // namespace trtprof
