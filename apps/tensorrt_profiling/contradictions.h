// Options that do not go together, before anything is read.
#pragma once

#include <span>
#include <string_view>

#include "settings.h"
#include "trtprof/base/error.h"

namespace trtprof::cli {

[[nodiscard]] Status check_contradictions(const Settings& settings);

// Of `optimize`: what is refused where nothing is converted to INT8, and where no sensitive layers are looked for.
[[nodiscard]] std::span<const std::string_view> int8_options();
[[nodiscard]] std::span<const std::string_view> search_options();

}  // namespace trtprof::cli
