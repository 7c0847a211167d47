#include "trtprof/base/utf8.h"

#include <algorithm>
#include <cstddef>
#include <utf8proc.h>
#include <vector>

namespace trtprof {

bool is_utf8(std::string_view text) {
  const std::vector<utf8proc_uint8_t> bytes(text.begin(), text.end());
  for (std::size_t at = 0; at < bytes.size();) {
    utf8proc_int32_t point = 0;
    const auto left = static_cast<utf8proc_ssize_t>(bytes.size() - at);
    const utf8proc_ssize_t length = utf8proc_iterate(bytes.data() + at, left, &point);
    if (length <= 0) return false;
    at += static_cast<std::size_t>(length);
  }
  return true;
}

}  // namespace trtprof
