#include "trtprof/backend/plan_header.h"

#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "trtprof/base/text.h"

namespace trtprof {
namespace {

// Little-endian. TensorRT's own trtexec (--getPlanVersionOnly) reads the tag, the serialization version and the four
// version bytes so; the length was found in plans of TensorRT 10.6.0.26 and TensorRT-RTX 1.7.1.116, where it is that of
// the whole file.
constexpr std::string_view kTensorRtTag = "ftrt";
constexpr std::string_view kTensorRtRtxTag = "vtrt";
constexpr std::size_t kTagBytes = 4;
constexpr std::size_t kSerializationVersionAt = 4;
constexpr std::size_t kLengthAt = 16;
constexpr std::size_t kVersionAt = 24;
constexpr std::size_t kLeastBytes = 28;
constexpr std::uint64_t kKnownSerializationVersion = 0;

std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i > 0; --i) {
    value = value << 8U | static_cast<unsigned char>(bytes[at + i - 1]);
  }
  return value;
}

int byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

std::string what(EngineFlavour flavour) {
  return fmt::format("{} engine", to_string(flavour));
}

constexpr const char* kBuildAgain = "copy it again, or build it again from its model";

Status check_length(EngineFlavour flavour, std::uint64_t claimed, std::uint64_t file_bytes, const std::string& file) {
  if (claimed > file_bytes) {
    return fail(fmt::format("{} is a {} that is cut short or damaged: its header says {} bytes, and there are {}", file,
                            what(flavour), claimed, file_bytes),
                kBuildAgain);
  }
  if (claimed != file_bytes || claimed < kLeastBytes) {
    return fail(fmt::format("{} is a damaged {}: its header says {} bytes, and there are {}", file, what(flavour),
                            claimed, file_bytes),
                kBuildAgain);
  }
  return {};
}

}  // namespace

std::string_view to_string(EngineFlavour flavour) {
  return flavour == EngineFlavour::tensorrt_rtx ? "TensorRT-RTX" : "TensorRT";
}

const char* to_string(RuntimeKind kind) {
  switch (kind) {
    case RuntimeKind::full:
      return "full";
    case RuntimeKind::lean:
      return "lean";
    case RuntimeKind::dispatch:
      return "dispatch";
  }
  return "";
}

std::string to_string(const EngineVersion& version) {
  return fmt::format("{}.{}.{}.{}", version.major, version.minor, version.patch, version.build);
}

Result<PlanHeader> parse_plan_header(std::string_view head, std::uint64_t file_bytes, std::string_view file_name) {
  const std::string file = printable(file_name);
  const std::string_view tag = head.substr(0, kTagBytes);
  if (tag != kTensorRtTag && tag != kTensorRtRtxTag) {
    return fail(fmt::format("{} is not a serialized TensorRT engine", file));
  }
  PlanHeader header;
  header.flavour = tag == kTensorRtRtxTag ? EngineFlavour::tensorrt_rtx : EngineFlavour::tensorrt;
  header.file_bytes = file_bytes;
  if (head.size() < kLeastBytes) {
    return fail(fmt::format("{} is a {} that is cut short: {} bytes are not even its header", file,
                            what(header.flavour), head.size()),
                kBuildAgain);
  }
  if (const std::uint64_t layout = little_endian(head, kSerializationVersionAt, 4);
      layout != kKnownSerializationVersion) {
    return fail(fmt::format("{} is a {} with a header of an unknown layout (serialization version {})", file,
                            what(header.flavour), layout),
                "it is damaged, or from a version of the library that this program does not know");
  }
  header.version = {byte_at(head, kVersionAt), byte_at(head, kVersionAt + 1), byte_at(head, kVersionAt + 2),
                    byte_at(head, kVersionAt + 3)};
  if (header.version.major == 0) {
    return fail(fmt::format("{} is a damaged {}: its header names no version", file, what(header.flavour)),
                kBuildAgain);
  }
  if (const Status length = check_length(header.flavour, little_endian(head, kLengthAt, 8), file_bytes, file);
      !length) {
    return forward_error(length);
  }
  return header;
}

Result<PlanHeader> read_plan_header(const std::filesystem::path& path) {
  const std::string file = path.string();
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(path, error);
  if (error) return fail(fmt::format("{} cannot be read: {}", printable(file), error.message()));
  std::ifstream stream(path, std::ios::binary);
  std::string head(kPlanHeaderBytes, '\0');
  stream.read(head.data(), static_cast<std::streamsize>(head.size()));
  if (stream.bad() || !stream.is_open()) return fail(fmt::format("{} cannot be read", printable(file)));
  head.resize(static_cast<std::size_t>(stream.gcount()));
  return parse_plan_header(head, bytes, file);
}

Status check_plan(const PlanHeader& plan, EngineFlavour flavour, const EngineVersion& library,
                  std::optional<bool> version_compatible, std::string_view file_name, RuntimeKind runtime) {
  const std::string file = printable(file_name);
  const std::string built =
      fmt::format("{} was built by {} {}", file, to_string(plan.flavour), to_string(plan.version));
  const std::string here = fmt::format("here is {} {}", to_string(flavour), to_string(library));
  if (plan.flavour != flavour) {
    return unavailable(fmt::format("{}, and {}: neither loads engines of the other", built, here),
                       fmt::format("build it again from its model with --backend {}",
                                   flavour == EngineFlavour::tensorrt_rtx ? "tensorrt-rtx" : "tensorrt"));
  }
  const bool lean = runtime != RuntimeKind::full;
  if (lean && version_compatible == false) {
    return unavailable(fmt::format("{} without --version-compatible, and the {} runtime of {} {} runs no other engines",
                                   built, to_string(runtime), to_string(flavour), to_string(library)),
                       "use the full runtime, or build it again with --version-compatible");
  }
  const auto release = [](const EngineVersion& v) { return EngineVersion{v.major, v.minor, v.patch, 0}; };
  if (release(plan.version) == release(library)) return {};
  const bool newer_here = release(library) > release(plan.version);
  // What makes a plan run on newer versions is a lean runtime, which TensorRT-RTX does not come with.
  const bool portable = newer_here && flavour == EngineFlavour::tensorrt;
  if (version_compatible.value_or(lean)) {
    if (newer_here) return {};
    return unavailable(
        fmt::format("{}, and {}: version-compatible engines run on newer versions, not on older ones", built, here),
        fmt::format("install {} {} or newer, or build it again here", to_string(flavour), to_string(plan.version)));
  }
  return unavailable(
      fmt::format("{}, and {}: an engine runs on the version that built it", built, here),
      fmt::format("build it again from its model here, install {} {}{}", to_string(flavour), to_string(plan.version),
                  portable ? ", or build it with --version-compatible there" : ""));
}

}  // namespace trtprof
