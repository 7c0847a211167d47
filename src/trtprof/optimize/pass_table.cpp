#include "trtprof/optimize/pass_table.h"

#include <algorithm>
#include <array>

#include "trtprof/optimize/passes/passes.h"

namespace trtprof {

std::span<const Pass* const> all_passes() {
  using namespace passes;
  // What leaves fewer nodes comes first. Later rounds repeat the order, so that it decides time, not results.
  static const std::array table = {
      &dead_code(),           &remove_redundant(), &common_subexpressions(),    &constant_folding(),
      &clip_relu_canonical(), &pad_into_conv(),    &fold_batch_normalization(), &mul_add_into_conv(),
      &transpose_sinking(),   &merge_conv_1x1(),
  };
  return table;
}

const Pass* find_pass(std::string_view name) {
  const auto passes = all_passes();
  const auto found = std::ranges::find_if(passes, [name](const Pass* pass) { return pass->name() == name; });
  return found == passes.end() ? nullptr : *found;
}

}  // namespace trtprof
