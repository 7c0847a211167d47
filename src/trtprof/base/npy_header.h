// The header of an .npy file: a Python dict literal of three keys. Used by npy.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/base/error.h"

namespace trtprof::detail {

struct NpyHeader {
  std::string descr;  // "<f4"
  bool fortran_order = false;
  std::vector<std::int64_t> shape;
  std::size_t bytes = 0;  // where the data begins
};

// Of a whole file. A strict subset of Python is read, which is what NumPy writes: no escapes in strings, no nested
// values; the keys descr, fortran_order and shape in any order, each once, and no other. Errors are the part of a
// sentence that follows "cannot read FILE: ".
[[nodiscard]] Result<NpyHeader> parse_npy_header(std::string_view file);

}  // namespace trtprof::detail
