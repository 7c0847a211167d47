// The values of a stored tensor, wherever ONNX lets a model keep them.
#pragma once

#include <filesystem>

#include "trtprof/base/error.h"
#include "trtprof/base/tensor.h"

namespace onnx {
class TensorProto;
}

namespace trtprof {

// From raw_data, from the typed fields, or read now from the file beside the model at `model_path` (which may be empty
// where nothing is external). Fails for strings, for types without a name here, for fewer or more values than the shape
// says, and for external data that cannot be read.
[[nodiscard]] Result<Tensor> read_tensor(const onnx::TensorProto& proto, const std::filesystem::path& model_path = {});

}  // namespace trtprof
