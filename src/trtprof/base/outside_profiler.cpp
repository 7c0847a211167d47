#include "trtprof/base/outside_profiler.h"

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>

namespace trtprof {
namespace {

constexpr const char* kCompute = "Nsight Compute";
constexpr const char* kSystems = "Nsight Systems";
constexpr const char* kSanitizer = "compute-sanitizer";
constexpr const char* kUnknown = "a CUDA profiler";

// Set by the launcher of each tool.
constexpr std::array<std::pair<const char*, const char*>, 6> kVariables = {{
    {"NV_COMPUTE_PROFILER_PERFWORKS_DIR", kCompute},
    {"NV_TPS_LAUNCH_TOKEN", kCompute},
    {"NSYS_PROFILING_SESSION_ID", kSystems},
    {"QUADD_INJECTION_PROXY", kSystems},
    {"CUDA_INJECTION64_PATH", kUnknown},
    {"NVTX_INJECTION64_PATH", kUnknown},
}};

// The most telling first: compute-sanitizer and Nsight Compute share libTreeLauncherTargetInjection and
// libInterceptorInjectionTarget, which lie in folders of their own.
constexpr std::array<std::pair<std::string_view, const char*>, 6> kLibraries = {{
    {"/compute-sanitizer/", kSanitizer},
    {"libsanitizer-collection", kSanitizer},
    {"libToolsInjection", kSystems},
    {"/nsight-compute/", kCompute},
    {"libTreeLauncherTargetInjection", kCompute},
    {"libcuda-injection", kCompute},
}};

// A module of this program takes NVTX ranges in by itself, and puts its own name there.
bool is_own(std::string_view injection) {
  const std::size_t slash = injection.rfind('/');
  return injection.substr(slash == std::string_view::npos ? 0 : slash + 1).starts_with("libtrtprof_");
}

}  // namespace

std::optional<std::string> outside_profiler(const std::function<const char*(const char*)>& variable,
                                            std::string_view maps) {
  for (const auto& [library, tool] : kLibraries) {
    if (maps.find(library) != std::string_view::npos) return tool;
  }
  for (const auto& [name, tool] : kVariables) {
    const char* value = variable(name);
    if (value != nullptr && *value != '\0' && !is_own(value)) return tool;
  }
  return std::nullopt;
}

std::optional<std::string> outside_profiler() {
  std::ifstream file("/proc/self/maps");
  const std::string maps{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here sets variables
  return outside_profiler([](const char* name) { return std::getenv(name); }, maps);
}

}  // namespace trtprof
