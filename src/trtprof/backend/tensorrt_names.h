// How TensorRT names layers. Private to the joins of backend/.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace trtprof {

// "Reformatting CopyNode for Input Tensor 0 to conv", "x copy".
[[nodiscard]] bool is_engine_copy(std::string_view layer_name);

// "{ForeignNode[a...b]}": what Myelin compiled, from node a to node b.
[[nodiscard]] bool is_foreign_node(std::string_view layer_name);

// "classifier" of "classifier_myl55_1", the name of a layer in a block that Myelin compiled; else the name itself.
[[nodiscard]] std::string_view without_myelin_number(std::string_view layer_name);

// "conv [profile 1]": the layers of the first optimisation profile, which is the one that runs, have no such suffix.
[[nodiscard]] bool is_of_another_profile(std::string_view layer_name);

// Names of the model in a layer's name, "conv + PWN(PWN(sigmoid), mul)", "conv_a || conv_b", the two ends of
// "{ForeignNode[a...b]}"; without those that the engine made.
[[nodiscard]] std::vector<std::string> names_in_layer_name(std::string_view layer_name);

// The k-th layer of a name, counted from 1: "conv", "conv #2". IProfiler reports the name alone, in the same order.
[[nodiscard]] std::string numbered_name(const std::string& name, std::size_t k);

}  // namespace trtprof
