// Weights that a model keeps in files beside it. They are validated and left where they are.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "trtprof/base/error.h"

namespace onnx {
class ModelProto;
class TensorProto;
}  // namespace onnx

namespace trtprof {

struct ExternalFile {
  std::string location;        // as the model says it, relative to the model's folder
  std::filesystem::path path;  // where it lies
  std::uint64_t bytes = 0;
};

[[nodiscard]] bool uses_external_data(const onnx::ModelProto& model);

// Every file once, in order of location. Called at load, so that a missing or short file is a sentence that names the
// tensor instead of an engine's failure later: each file must be a regular file inside `model_path`'s folder (no
// absolute path, no "..", no symbolic link that leads out) and hold all that the tensor claims.
[[nodiscard]] Result<std::vector<ExternalFile>> find_external_data(const onnx::ModelProto& model,
                                                                   const std::filesystem::path& model_path);

// The bytes of one such tensor, under the same conditions. Called where values are looked at, one tensor at a time.
[[nodiscard]] Result<std::string> read_external_data(const onnx::TensorProto& tensor,
                                                     const std::filesystem::path& model_path);

}  // namespace trtprof
