// NumPy's .npy (format 1.0 to 3.0, NEP 1) and .npz (a zip of .npy, stored or deflated) read into tensors.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "trtprof/base/error.h"
#include "trtprof/base/tensor.h"

namespace trtprof {

// Fortran order is transposed to C order; big-endian is swapped. Object, structured and string dtypes are refused by
// name. `source` names the bytes in errors. The header's claims are checked against the bytes there are.
[[nodiscard]] Result<Tensor> parse_npy(std::string_view bytes, std::string_view source);
[[nodiscard]] Result<Tensor> load_npy(const std::filesystem::path& path);

// By array name, without ".npy". Refuses entries that claim over `max_bytes` unpacked (zip bombs).
[[nodiscard]] Result<std::map<std::string, Tensor>> load_npz(const std::filesystem::path& path,
                                                             std::uint64_t max_bytes = std::uint64_t{1} << 33);

}  // namespace trtprof
