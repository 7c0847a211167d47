// The passes; each in a file of its own. pass_table.cpp puts them in order.
#pragma once

#include "trtprof/optimize/pass.h"

namespace trtprof::passes {

[[nodiscard]] const Pass& dead_code();
[[nodiscard]] const Pass& remove_redundant();
[[nodiscard]] const Pass& fold_batch_normalization();

}  // namespace trtprof::passes
