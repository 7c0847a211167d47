// The one place where stored SI values become text.
#pragma once

#include <cstdint>
#include <string>

namespace trtprof {

[[nodiscard]] std::string format_milliseconds(double seconds, int decimals = 4);  // "2.1234"
[[nodiscard]] std::string format_duration(double seconds);                        // "1.82 ms", "31.4 us", "2.05 s"
[[nodiscard]] std::string format_percent(double fraction, int decimals = 2);      // 0.155 -> "15.50%"
[[nodiscard]] std::string format_bytes(std::uint64_t bytes);                      // "14.2 MB" (powers of 1000)
[[nodiscard]] std::string format_count(double value);                             // "300.8 M", "4.09 G"

}  // namespace trtprof
