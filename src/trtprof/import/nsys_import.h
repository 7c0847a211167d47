// Nsight Systems exports as a part of a profile: a timeline.
#pragma once

#include <filesystem>
#include <string_view>

#include "trtprof/base/error.h"
#include "trtprof/import/foreign.h"
#include "trtprof/import/nsys_sqlite.h"

namespace trtprof {

// The same sums as of a run that this program traced.
[[nodiscard]] Timeline timeline_of(NsysTrace trace);

[[nodiscard]] bool is_nsight_systems_sqlite(std::string_view beginning);
[[nodiscard]] Result<Imported> read_nsight_systems_sqlite(const std::filesystem::path& path);

}  // namespace trtprof
