// The Chrome trace of PyTorch's profiler (torch.profiler, export_chrome_trace): operators on the host, and where it ran
// on a GPU the kernels, copies and fills with the calls that launched them.
// https://pytorch.org/docs/stable/profiler.html
#pragma once

#include <filesystem>
#include <string_view>

#include "trtprof/base/error.h"
#include "trtprof/import/foreign.h"

namespace trtprof {

[[nodiscard]] bool is_pytorch_trace(std::string_view beginning);
// Layers are the outermost operators: aten::conv2d, not the aten::convolution that it calls. Each has a sample an
// inference: its time on the host, or where the trace has kernels that of what it launched on the device. Inferences
// are the profiler's steps; without steps, the repetitions of the sequence of operators.
[[nodiscard]] Result<Imported> read_pytorch_trace(const std::filesystem::path& path);

}  // namespace trtprof
