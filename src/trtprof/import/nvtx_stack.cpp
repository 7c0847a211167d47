#include "trtprof/import/nvtx_stack.h"

#include <algorithm>

namespace trtprof {

RangeIndex::RangeIndex(std::vector<TimedRange> ranges) {
  // Of those that start together the longest holds the others.
  std::ranges::stable_sort(ranges, [](const TimedRange& a, const TimedRange& b) {
    return a.start != b.start ? a.start < b.start : a.end > b.end;
  });
  for (const TimedRange& range : ranges) {
    std::vector<Node>& nodes = threads_[range.thread];
    std::optional<std::size_t> parent;
    if (!nodes.empty()) parent = nodes.size() - 1;
    while (parent && nodes[*parent].range.end < range.start) parent = nodes[*parent].parent;
    nodes.push_back({range, parent});
  }
}

const TimedRange* RangeIndex::innermost(std::int64_t thread, std::int64_t moment) const {
  const auto found = threads_.find(thread);
  if (found == threads_.end()) return nullptr;
  const std::vector<Node>& nodes = found->second;
  const auto after = std::ranges::upper_bound(nodes, moment, {}, [](const Node& node) { return node.range.start; });
  if (after == nodes.begin()) return nullptr;
  std::optional<std::size_t> at = static_cast<std::size_t>(after - nodes.begin()) - 1;
  while (at && nodes[*at].range.end < moment) at = nodes[*at].parent;
  return at ? &nodes[*at].range : nullptr;
}

}  // namespace trtprof
