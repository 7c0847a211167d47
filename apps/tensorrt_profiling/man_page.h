// The manual page, made from the option table.
#pragma once

#include <string>

namespace trtprof::cli {

// roff for man(7), section 1.
[[nodiscard]] std::string man_page();

}  // namespace trtprof::cli
