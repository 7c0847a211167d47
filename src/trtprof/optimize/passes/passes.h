// The passes; each in a file of its own. pass_table.cpp puts them in order.
#pragma once

#include "trtprof/optimize/pass.h"

namespace trtprof::passes {

[[nodiscard]] const Pass& dead_code();
[[nodiscard]] const Pass& remove_redundant();
[[nodiscard]] const Pass& common_subexpressions();
[[nodiscard]] const Pass& constant_folding();
[[nodiscard]] const Pass& clip_relu_canonical();
[[nodiscard]] const Pass& pad_into_conv();
[[nodiscard]] const Pass& fold_batch_normalization();
[[nodiscard]] const Pass& mul_add_into_conv();
[[nodiscard]] const Pass& transpose_sinking();
[[nodiscard]] const Pass& merge_conv_1x1();

}  // namespace trtprof::passes
