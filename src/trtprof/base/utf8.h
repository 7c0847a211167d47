// Is a text from a file the text that it is taken for?
#pragma once

#include <string_view>

namespace trtprof {

// Well-formed UTF-8 (RFC 3629), which names in ONNX and in JSON are.
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace trtprof
