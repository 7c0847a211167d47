// Files of other tools for importers: real ones by name, and ones that a test writes.
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <zlib.h>

#include "test_paths.h"
#include "trtprof/base/file.h"

namespace trtprof::test {

// Of TensorRT 10.6 on an H200: tests/data/tensorrt-10.6/README.md.
inline std::filesystem::path real_file(std::string_view name) {
  return std::filesystem::path(kDataDir) / "tensorrt-10.6" / name;
}

inline std::string text_of_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

inline std::string gzipped(std::string_view text) {
  z_stream zlib{};
  deflateInit2(&zlib, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&zlib, static_cast<uLong>(text.size())), '\0');
  std::string input(text);
  zlib.next_in = reinterpret_cast<Bytef*>(input.data());
  zlib.avail_in = static_cast<uInt>(input.size());
  zlib.next_out = reinterpret_cast<Bytef*>(packed.data());
  zlib.avail_out = static_cast<uInt>(packed.size());
  deflate(&zlib, Z_FINISH);
  packed.resize(zlib.total_out);
  deflateEnd(&zlib);
  return packed;
}

class ForeignFiles {
 public:
  std::filesystem::path write(std::string_view name, std::string_view text) {
    const std::filesystem::path path = folder_->path() / name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_->path(); }

 private:
  Result<TemporaryFolder> folder_ = TemporaryFolder::create("trtprof-foreign");
};

}  // namespace trtprof::test
