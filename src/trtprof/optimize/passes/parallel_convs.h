// 1x1 convolutions that read the same value, as one. Private to the passes.
#pragma once

#include "trtprof/optimize/pass.h"

namespace onnx {
class NodeProto;
}

namespace trtprof::passes {

// `conv` and its siblings behind it: one convolution, and a Split into what each made. Activations that all have alike
// come before the Split, so that engines can still fuse them.
[[nodiscard]] Result<Attempt> merge_parallel(onnx::NodeProto& conv, PassContext& context);

}  // namespace trtprof::passes
