// What the model is fed: files the user named, else seeded random values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/base/tensor.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

struct InputFile {
  std::string input;  // "" : the only input (.npy), or arrays by name (.npz)
  std::filesystem::path path;
};

// "NAME:FILE" or "FILE".
[[nodiscard]] InputFile parse_input_option(const std::string& text);

// Arrays by input name, read but not yet matched to a model. An .npz whose arrays are "arr_0", ... is matched by order.
[[nodiscard]] Result<std::map<std::string, Tensor>> load_inputs(const std::vector<InputFile>& files,
                                                                const std::vector<std::string>& input_names);

// Floating point: normal(0, 1). Unsigned bytes: 0 to 255. Other integers and bool: 0 or 1, valid as index, length and
// mask alike. Same seed, same bytes, on every machine.
[[nodiscard]] Tensor random_tensor(const TensorDesc& desc, std::uint64_t seed);

// One tensor for every input, from `given` (type and shape checked: "input x wants f32 1x3x224x224, a.npy holds f64
// ...") or random.
[[nodiscard]] Result<std::map<std::string, Tensor>> complete_inputs(const std::vector<TensorDesc>& inputs,
                                                                    std::map<std::string, Tensor> given,
                                                                    std::uint64_t seed);

}  // namespace trtprof
