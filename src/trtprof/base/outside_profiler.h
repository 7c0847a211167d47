// Is this process being watched by a profiler from outside? Such a tool makes inferences slower, wants few of them, and
// does not share the GPU's tracing with a second tracer.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace trtprof {

// "Nsight Compute", "Nsight Systems", "compute-sanitizer", "a CUDA profiler"; nullopt: none is seen. By the variables
// these tools set in their targets and by their libraries among those mapped into the process.
[[nodiscard]] std::optional<std::string> outside_profiler();

// The same on what is given: `variable` returns a variable's value or nullptr, `maps` is /proc/self/maps.
[[nodiscard]] std::optional<std::string> outside_profiler(const std::function<const char*(const char*)>& variable,
                                                          std::string_view maps);

}  // namespace trtprof
