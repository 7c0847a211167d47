// Bytes with the header of a serialized engine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "trtprof/backend/plan_header.h"

namespace trtprof::test {

// A whole header (28 bytes) of `tag` ("ftrt", "vtrt") and `content` bytes behind it that mean nothing.
[[nodiscard]] inline std::string plan_bytes(std::string_view tag, const EngineVersion& version, std::size_t content) {
  std::string plan(tag);
  plan.resize(28 + content, '\x5a');
  plan.replace(4, 20, 20, '\0');
  for (std::size_t i = 0; i < 8; ++i) {
    plan[16 + i] = static_cast<char>(static_cast<std::uint64_t>(plan.size()) >> (8 * i) & 0xffU);
  }
  plan[24] = static_cast<char>(version.major);
  plan[25] = static_cast<char>(version.minor);
  plan[26] = static_cast<char>(version.patch);
  plan[27] = static_cast<char>(version.build);
  return plan;
}

}  // namespace trtprof::test
