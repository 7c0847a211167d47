// Names of kernels as different tools print them, made comparable: CUPTI gives mangled names, Nsight Compute demangled
// ones with or without arguments and namespaces, progress lines cut them short.
#pragma once

#include <string>
#include <string_view>

namespace trtprof {

// Demangled, without return type, template arguments and parameters: "cuInt8::nchwTonhwc" of
// "void cuInt8::nchwTonhwc<float, 32, 16, 2>(const T1 *, __half *)" and of its mangled form.
[[nodiscard]] std::string function_name(std::string_view kernel);

// Demangled as far as it is mangled; otherwise as given.
[[nodiscard]] std::string demangled(std::string_view name);

// Do both name one function? Namespaces count where both have them; a name that ends in "..." or "…" is a beginning.
// Template arguments and parameters do not count, for tools spell them differently.
[[nodiscard]] bool same_function(std::string_view a, std::string_view b);

}  // namespace trtprof
