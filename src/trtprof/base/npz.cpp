#include <algorithm>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <zip.h>

#include "trtprof/base/file_detail.h"
#include "trtprof/base/npy.h"

namespace trtprof {

namespace {

using detail::cannot;

constexpr std::string_view kSuffix = ".npy";
// Deflate's best: 258 bytes for the two bits of a repeated match. What is reserved before it is unpacked, so that a
// claim alone takes no memory.
constexpr std::uint64_t kMostPerPackedByte = 1032;

using Archive = std::unique_ptr<zip_t, decltype(&zip_discard)>;
struct CloseEntry {
  void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};
using Entry = std::unique_ptr<zip_file_t, CloseEntry>;

class ZipError {
 public:
  explicit ZipError(int code) { zip_error_init_with_code(&error_, code); }
  ZipError(const ZipError&) = delete;
  ZipError& operator=(const ZipError&) = delete;
  ~ZipError() { zip_error_fini(&error_); }
  [[nodiscard]] std::string text() { return zip_error_strerror(&error_); }

 private:
  zip_error_t error_{};
};

Result<Archive> open_archive(const std::filesystem::path& path) {
  // libzip's own words for these are about archives, and it would wait for a pipe.
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  if (!std::filesystem::exists(status)) {
    return cannot("read", path, "it does not exist");
  }
  if (!std::filesystem::is_regular_file(status)) {
    return cannot("read", path, std::filesystem::is_directory(status) ? "it is a directory" : "it is not a file");
  }
  int code = 0;
  Archive archive(zip_open(path.c_str(), ZIP_RDONLY, &code), &zip_discard);
  if (archive == nullptr && (code == ZIP_ER_NOZIP || code == ZIP_ER_INCONS)) {
    return cannot("read", path, "it is not an .npz file: it is not a zip archive, or one that was cut short",
                  "write it with numpy.savez()");
  }
  if (archive == nullptr) {
    return cannot("read", path, ZipError(code).text());
  }
  return archive;
}

struct EntryInfo {
  zip_uint64_t index = 0;
  std::string name;
  std::uint64_t bytes = 0;
  std::uint64_t packed_bytes = 0;
};

Result<EntryInfo> describe_entry(zip_t* archive, zip_uint64_t index, const std::filesystem::path& path) {
  zip_stat_t status;
  zip_stat_init(&status);
  constexpr zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
  if (zip_stat_index(archive, index, 0, &status) != 0 || (status.valid & needed) != needed) {
    return cannot("read", path, fmt::format("entry {} of the archive is damaged", index));
  }
  // The archive's claims may be anything; the file is as large as it is.
  std::error_code ignored;
  const std::uint64_t packed = std::min<std::uint64_t>(status.comp_size, std::filesystem::file_size(path, ignored));
  return EntryInfo{index, status.name, status.size, packed};
}

// Folders and other files may lie beside the arrays.
bool is_array(std::string_view name) {
  return name.ends_with(kSuffix);
}

Result<std::vector<EntryInfo>> list_arrays(zip_t* archive, const std::filesystem::path& path, std::uint64_t max_bytes) {
  std::vector<EntryInfo> arrays;
  std::uint64_t left = max_bytes;
  const zip_int64_t count = zip_get_num_entries(archive, 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    Result<EntryInfo> entry = describe_entry(archive, static_cast<zip_uint64_t>(i), path);
    if (!entry) {
      return forward_error(entry);
    }
    if (!is_array(entry->name)) {
      continue;
    }
    entry->name.resize(entry->name.size() - kSuffix.size());
    if (entry->bytes > left) {
      return cannot(
          "read", path,
          fmt::format("its arrays claim more than {} bytes unpacked, at \"{}\"", max_bytes, printable(entry->name)));
    }
    left -= entry->bytes;
    arrays.push_back(std::move(*entry));
  }
  if (arrays.empty()) {
    return cannot("read", path, "the archive holds no array (no entry is named *.npy)", "write it with numpy.savez()");
  }
  return arrays;
}

// Errors are the part of a sentence that follows "cannot read FILE: ". libzip compares the checksum at the end.
Result<std::string> unpack(zip_t* archive, const EntryInfo& info) {
  const Entry entry(zip_fopen_index(archive, info.index, 0));
  if (entry == nullptr) {
    return fail(zip_strerror(archive));
  }
  const std::uint64_t plausible = std::max<std::uint64_t>(info.packed_bytes, 1);
  std::string bytes;
  bytes.reserve(plausible > info.bytes / kMostPerPackedByte ? info.bytes : plausible * kMostPerPackedByte);
  std::vector<char> chunk(detail::kFileChunkBytes);
  while (true) {
    const zip_int64_t count = zip_fread(entry.get(), chunk.data(), chunk.size());
    if (count < 0) {
      return fail(zip_error_strerror(zip_file_get_error(entry.get())));
    }
    if (count == 0) {
      break;
    }
    if (static_cast<std::uint64_t>(count) > info.bytes - bytes.size()) {
      return fail(fmt::format("it unpacks to more than the {} bytes that the archive claims", info.bytes));
    }
    bytes.append(chunk.data(), static_cast<std::size_t>(count));
  }
  if (bytes.size() != info.bytes) {
    return fail(fmt::format("it unpacks to {} bytes, but the archive claims {}", bytes.size(), info.bytes));
  }
  return bytes;
}

}  // namespace

Result<std::map<std::string, Tensor>> load_npz(const std::filesystem::path& path, std::uint64_t max_bytes) {
  const Result<Archive> archive = open_archive(path);
  if (!archive) {
    return forward_error(archive);
  }
  const Result<std::vector<EntryInfo>> arrays = list_arrays(archive->get(), path, max_bytes);
  if (!arrays) {
    return forward_error(arrays);
  }
  std::map<std::string, Tensor> tensors;
  for (const EntryInfo& info : *arrays) {
    const std::string source = fmt::format("{}, array \"{}\"", path.string(), info.name);
    const Result<std::string> bytes = unpack(archive->get(), info);
    if (!bytes) {
      return fail(fmt::format("cannot read {}: {}", printable(source), bytes.error().message));
    }
    Result<Tensor> tensor = parse_npy(*bytes, source);
    if (!tensor) {
      return forward_error(tensor);
    }
    if (!tensors.emplace(info.name, std::move(*tensor)).second) {
      return fail(fmt::format("cannot read {}: the archive has two of that name", printable(source)));
    }
  }
  return tensors;
}

}  // namespace trtprof
