#include "trtprof/optimize/accuracy/class_scores.h"

#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "trtprof/base/tensor.h"

namespace trtprof {
namespace {

double score(const std::vector<double>& scores, const ClassLayout& layout, std::size_t first, std::size_t at) {
  const double value = scores[first + at * layout.stride];
  return std::isnan(value) ? -std::numeric_limits<double>::infinity() : value;
}

}  // namespace

Result<ClassLayout> class_layout(const std::vector<std::int64_t>& shape, int axis) {
  const int rank = static_cast<int>(shape.size());
  if (rank == 0) return ClassLayout{1, 1, 1};
  const int at = axis < 0 ? rank + axis : axis;
  if (at < 0 || at >= rank) {
    return usage_error(fmt::format("an output of shape {} has no axis {}", shape_to_string(shape), axis));
  }
  ClassLayout layout;
  layout.classes = static_cast<std::size_t>(shape[static_cast<std::size_t>(at)]);
  layout.rows = 1;
  for (int i = 0; i < rank; ++i) {
    const auto dim = static_cast<std::size_t>(shape[static_cast<std::size_t>(i)]);
    if (i != at) layout.rows *= dim;
    if (i > at) layout.stride *= dim;
  }
  return layout;
}

std::size_t top_class(const std::vector<double>& scores, const ClassLayout& layout, std::size_t first) {
  std::size_t top = 0;
  for (std::size_t at = 1; at < layout.classes; ++at) {
    if (score(scores, layout, first, at) > score(scores, layout, first, top)) top = at;
  }
  return top;
}

bool is_among_first(const std::vector<double>& scores, const ClassLayout& layout, std::size_t first, std::size_t wanted,
                    std::size_t count) {
  if (wanted >= layout.classes) return false;
  const double own = score(scores, layout, first, wanted);
  std::size_t before = 0;
  for (std::size_t at = 0; at < layout.classes; ++at) {
    const double value = score(scores, layout, first, at);
    before += value > own || (value == own && at < wanted) ? 1U : 0U;
  }
  return before < count;
}

}  // namespace trtprof
