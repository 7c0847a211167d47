// Would an engine make sense of this model? The ONNX checker's opinion, less the objections that engines do not share.
#pragma once

#include <string>
#include <vector>

#include "trtprof/base/error.h"

namespace onnx {
class ModelProto;
}

namespace trtprof {

// `name` is the file in sentences. What is tolerated goes to `warnings`, a sentence each. The model is the same after
// the call as before, but is changed during it: the checker takes a whole ModelProto, and a copy would double the
// memory of a large model.
[[nodiscard]] Status check_model_proto(onnx::ModelProto& model, const std::string& name,
                                       std::vector<std::string>& warnings);

}  // namespace trtprof
