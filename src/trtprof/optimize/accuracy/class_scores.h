// Vectors of class scores inside an output, and which class comes first.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "trtprof/base/error.h"

namespace trtprof {

// Scores of one row lie `stride` apart.
struct ClassLayout {
  std::size_t classes = 0;
  std::size_t stride = 1;
  std::size_t rows = 0;  // of the whole output
};

// `axis`: where the classes are; negative counts from the last. Fails when the output has no such axis. An output of
// rank 0 has one class.
[[nodiscard]] Result<ClassLayout> class_layout(const std::vector<std::int64_t>& shape, int axis);

// Calls `visit` with the place of the first score of each row that belongs to the first `samples` of `leading`.
template <class Visit>
void for_each_row(const ClassLayout& layout, std::size_t samples, std::size_t leading, const Visit& visit) {
  const std::size_t limit = leading == 0 ? 0 : layout.rows * layout.classes / leading * samples;
  for (std::size_t row = 0; row < layout.rows; ++row) {
    const std::size_t first = row / layout.stride * layout.stride * layout.classes + row % layout.stride;
    if (first < limit) visit(first);
  }
}

// The first of equal ones, as NumPy's argmax; a NaN never wins.
[[nodiscard]] std::size_t top_class(const std::vector<double>& scores, const ClassLayout& layout, std::size_t first);

// Are fewer than `count` classes before this one?
[[nodiscard]] bool is_among_first(const std::vector<double>& scores, const ClassLayout& layout, std::size_t first,
                                  std::size_t wanted, std::size_t count);

}  // namespace trtprof
