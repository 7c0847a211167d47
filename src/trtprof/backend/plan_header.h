// The first bytes of a serialized TensorRT engine, read before any library sees it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "trtprof/base/error.h"

namespace trtprof {

enum class EngineFlavour { tensorrt, tensorrt_rtx };
[[nodiscard]] std::string_view to_string(EngineFlavour flavour);  // "TensorRT", "TensorRT-RTX"

struct EngineVersion {
  int major = 0;
  int minor = 0;
  int patch = 0;
  int build = 0;
  auto operator<=>(const EngineVersion&) const = default;
};
[[nodiscard]] std::string to_string(const EngineVersion& version);  // "10.6.0.26"

// Which library runs engines. The lean and the dispatch runtime take version-compatible engines alone; the dispatch
// runtime hands them to a lean one, which the engine carries or which is loaded.
enum class RuntimeKind { full, lean, dispatch };
[[nodiscard]] const char* to_string(RuntimeKind kind);

struct PlanHeader {
  EngineFlavour flavour = EngineFlavour::tensorrt;
  EngineVersion version;         // of the library that built it
  std::uint64_t file_bytes = 0;  // of the whole file
  bool operator==(const PlanHeader&) const = default;
};

// `head`: the file's first bytes (kPlanHeaderBytes of them, fewer where the file is shorter). Fails with a sentence for
// what is no engine, a file cut short, and a size in the header that contradicts the file's.
inline constexpr std::size_t kPlanHeaderBytes = 64;
[[nodiscard]] Result<PlanHeader> parse_plan_header(std::string_view head, std::uint64_t file_bytes,
                                                   std::string_view file_name);
[[nodiscard]] Result<PlanHeader> read_plan_header(const std::filesystem::path& path);

// May the library of `flavour` and `version` be given this plan? The refusal says which version built it, which is
// here, and what to do. TensorRT takes plans of its own major, minor and patch; older ones only when they were built
// version compatible, which the header does not tell: `version_compatible` is what the sidecar or the user says,
// nullopt where nobody does. A lean or dispatch runtime is then asked, since it takes no others; a full one is not.
[[nodiscard]] Status check_plan(const PlanHeader& plan, EngineFlavour flavour, const EngineVersion& library,
                                std::optional<bool> version_compatible, std::string_view file_name,
                                RuntimeKind runtime = RuntimeKind::full);

}  // namespace trtprof
