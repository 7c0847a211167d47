// NVTX ranges in time: which one is innermost at a moment of a thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace trtprof {

struct TimedRange {
  std::int64_t start = 0;  // nanoseconds
  std::int64_t end = 0;
  std::int64_t thread = 0;
  std::size_t name = 0;  // of the caller's
};

class RangeIndex {
 public:
  // Push/pop ranges of a thread nest.
  explicit RangeIndex(std::vector<TimedRange> ranges);
  // The innermost that holds the moment, both ends included.
  [[nodiscard]] const TimedRange* innermost(std::int64_t thread, std::int64_t moment) const;

 private:
  struct Node {
    TimedRange range;
    std::optional<std::size_t> parent;
  };
  std::map<std::int64_t, std::vector<Node>> threads_;  // by start
};

}  // namespace trtprof
