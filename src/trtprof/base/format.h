// The one place where stored SI values become text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace trtprof {

// "-" for a value that is not finite.
[[nodiscard]] std::string format_milliseconds(double seconds, int decimals = 4);  // "2.1234"
[[nodiscard]] std::string format_duration(double seconds);                        // "1.82 ms", "31.4 us", "2.05 s"
[[nodiscard]] std::string format_percent(double fraction, int decimals = 2);      // 0.155 -> "15.50%"
[[nodiscard]] std::string format_bytes(std::uint64_t bytes);                      // "14.2 MB" (powers of 1000)
[[nodiscard]] std::string format_clock(double hertz);                             // "1755 MHz"
[[nodiscard]] std::string format_power(double watts);                             // "412 W", "3.50 W"
[[nodiscard]] std::string format_energy(double joules);                           // "84.2 mJ"
[[nodiscard]] std::string format_count(double value);                             // "300.8 M", "4.09 G"
// "1x3x224x224"; "?" for a dimension that is not known (-1); "scalar" for rank 0.
[[nodiscard]] std::string format_shape(const std::vector<std::int64_t>& shape);

// "1 layer", "3 layers".
[[nodiscard]] std::string counted(std::int64_t count, std::string_view noun);

}  // namespace trtprof
