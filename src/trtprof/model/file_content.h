// What a file is by its content: enough to take the right way, and to say what a wrong file looks like.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "trtprof/base/error.h"

namespace trtprof {

// The beginning of a readable, non-empty file.
struct FileHead {
  std::string bytes;  // at most kFileHeadBytes
  std::uint64_t file_bytes = 0;
};
inline constexpr std::size_t kFileHeadBytes = 4096;

// Fails with a sentence for a path that is missing, a directory, not a regular file, empty or unreadable.
[[nodiscard]] Result<FileHead> read_file_head(const std::filesystem::path& path);

// The outermost fields of a protobuf message, read without parsing what is inside them.
struct ModelOutline {
  bool plausible = false;  // every outermost field could be one of a ModelProto
  std::optional<std::int64_t> ir_version;
  bool has_graph = false;
  bool truncated = false;           // a field claims to end beyond the end of the file
  std::uint64_t claimed_bytes = 0;  // where that field would end

  // A ModelProto, whole or cut short, as opposed to any other file.
  [[nodiscard]] bool looks_like_model() const;
};
[[nodiscard]] ModelOutline outline_of_model(const std::filesystem::path& path);

inline constexpr std::string_view kTensorRtMagic = "ftrt";
inline constexpr std::string_view kTensorRtRtxMagic = "vtrt";

// "a ZIP archive (PyTorch's .pt and .pth files are such)"; empty when it looks like nothing known.
[[nodiscard]] std::string describe_content(const FileHead& head);

}  // namespace trtprof
