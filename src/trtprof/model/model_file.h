// One ONNX file into a ModelProto and back, without a second copy of it in memory.
#pragma once

#include <filesystem>

#include "trtprof/base/error.h"

namespace onnx {
class ModelProto;
}

namespace trtprof {

// Says what is wrong with a file that is not a whole ONNX model, and what it looks like instead.
[[nodiscard]] Status read_model_file(const std::filesystem::path& path, onnx::ModelProto& model);

[[nodiscard]] Status write_model_file(const onnx::ModelProto& model, const std::filesystem::path& path);

}  // namespace trtprof
