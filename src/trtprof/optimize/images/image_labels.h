// labels.csv: which class each picture of a folder is of.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "trtprof/base/error.h"

namespace trtprof {

// Path within the folder -> class. A first line "file,label"; a path with commas or quotes stands in quotes, which are
// doubled in it. Fails, naming the line, for a label that is no whole number from 0 on and a file that has two.
[[nodiscard]] Result<std::map<std::string, std::int64_t>> parse_image_labels(std::string_view text,
                                                                             std::string_view source);

}  // namespace trtprof
