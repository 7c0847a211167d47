// The bytes of a file of another tool: unpacked where it was packed with gzip, in UTF-8 or an error.
#pragma once

#include <filesystem>
#include <istream>
#include <memory>
#include <string>

#include "trtprof/base/error.h"

namespace trtprof {

// What importers recognise a file by: no more than this is looked at.
inline constexpr std::size_t kForeignBeginning = std::size_t{64} << 10;

// A gzip file may unpack to this many times its size; beyond it (and beyond 64 MiB) it was made to fill memory.
inline constexpr std::uint64_t kMostUnpacked = 250;

class ForeignStream {
 public:
  // Fails with a sentence for: missing, a folder, no regular file, no permission, UTF-16 and UTF-32, broken gzip.
  [[nodiscard]] static Result<ForeignStream> open(const std::filesystem::path& path);

  // From its beginning, a byte order mark left out. Can seek where the file is not packed.
  [[nodiscard]] std::istream& in() { return *in_; }
  // To be asked when reading is over: what went wrong beneath (broken or endless gzip, an unreadable disk).
  [[nodiscard]] Status status() const;
  // The path, as messages call it.
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool packed() const { return packed_; }
  // The first kForeignBeginning bytes, or all there are.
  [[nodiscard]] const std::string& beginning() const { return beginning_; }

 private:
  struct Fault {
    std::string sentence;
  };

  ForeignStream() = default;

  std::string name_;
  std::string beginning_;
  bool packed_ = false;
  std::unique_ptr<Fault> fault_;  // written by the buffer beneath, so that it stays where it is when this moves
  std::unique_ptr<std::istream> file_;
  std::unique_ptr<std::streambuf> unpacking_;
  std::unique_ptr<std::istream> in_;

  friend class GzipBuffer;
};

}  // namespace trtprof
