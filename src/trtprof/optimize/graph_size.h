// How large a model is. Private to optimize/.
#pragma once

#include "trtprof/optimize/optimize_report.h"

namespace onnx {
class ModelProto;
}

namespace trtprof {

[[nodiscard]] GraphSize size_of_graph(const onnx::ModelProto& model);

}  // namespace trtprof
