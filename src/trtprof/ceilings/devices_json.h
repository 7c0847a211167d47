// The text of devices.json, which src/CMakeLists.txt makes a part of the library.
#pragma once

#include <string_view>

namespace trtprof {

[[nodiscard]] std::string_view devices_json();

}  // namespace trtprof
