// Names of nodes as users give them to block lists.
#pragma once

#include <string_view>

namespace trtprof::precision {

// '*' stands for any text, '?' for one character; everything else for itself.
[[nodiscard]] bool matches_pattern(std::string_view name, std::string_view pattern);

}  // namespace trtprof::precision
