// The profile that ONNX Runtime writes (SessionOptions.enable_profiling): a trace of each node of each inference, of
// the sequential and the parallel executor, and of the kernels of the CUDA provider where ONNX Runtime was built to
// record them. https://onnxruntime.ai/docs/performance/tune-performance/profiling-tools.html
#pragma once

#include <filesystem>
#include <string_view>

#include "trtprof/base/error.h"
#include "trtprof/import/foreign.h"

namespace trtprof {

[[nodiscard]] bool is_onnxruntime_trace(std::string_view beginning);
// Layers are nodes, each with a sample an inference: of nodes on the CPU their own time without that of the nodes of
// their subgraphs, of nodes on a GPU that of their kernels where the trace has them.
[[nodiscard]] Result<Imported> read_onnxruntime_trace(const std::filesystem::path& path);

}  // namespace trtprof
