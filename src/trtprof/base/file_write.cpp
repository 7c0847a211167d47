#include <cerrno>
#include <charconv>
#include <exception>
#include <fcntl.h>
#include <optional>
#include <ostream>
#include <random>
#include <streambuf>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/file.h"
#include "trtprof/base/file_detail.h"

namespace trtprof {

namespace {

namespace fs = std::filesystem;
using detail::cannot;
using detail::Descriptor;
using detail::reason;
using detail::shown;

constexpr int kMostSymbolicLinks = 40;  // as many as Linux follows
constexpr mode_t kPermissionBits = 07777;
constexpr mode_t kNewFileMode = 0666;  // less the umask

// 0, or errno of the write that failed.
int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

// Buffers what a writer puts into the stream, and keeps the reason of the first failure.
class DescriptorBuffer final : public std::streambuf {
 public:
  explicit DescriptorBuffer(int fd) : fd_(fd), buffer_(detail::kFileChunkBytes) {
    setp(buffer_.data(), buffer_.data() + buffer_.size());
  }
  [[nodiscard]] int error() const { return error_; }

 protected:
  int_type overflow(int_type character) override {
    if (sync() != 0) {
      return traits_type::eof();
    }
    if (!traits_type::eq_int_type(character, traits_type::eof())) {
      *pptr() = traits_type::to_char_type(character);
      pbump(1);
    }
    return traits_type::not_eof(character);
  }
  int sync() override {
    if (error_ == 0) {
      error_ = write_all(fd_, std::string_view(pbase(), static_cast<std::size_t>(pptr() - pbase())));
    }
    setp(buffer_.data(), buffer_.data() + buffer_.size());
    return error_ == 0 ? 0 : -1;
  }

 private:
  int fd_;
  int error_ = 0;
  std::vector<char> buffer_;
};

// Where the bytes of a write go.
struct Destination {
  fs::path path;                    // symbolic links followed
  std::optional<int> descriptor;    // "/dev/stdout" and its kin: this process's own
  std::optional<struct stat> file;  // what is there now
  [[nodiscard]] bool is_replaced() const { return !descriptor && (!file || S_ISREG(file->st_mode)); }
  [[nodiscard]] fs::path folder() const { return path.has_parent_path() ? path.parent_path() : fs::path("."); }
};

// A redirected "/dev/stdout" is a regular file: opening it by name would start again at its first byte, and renaming
// over it would take it away from the shell. The descriptor itself knows where it stands.
std::optional<int> own_descriptor(const fs::path& path) {
  const std::string& text = path.native();
  if (text == "/dev/stdout") {
    return STDOUT_FILENO;
  }
  if (text == "/dev/stderr") {
    return STDERR_FILENO;
  }
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
    if (text.starts_with(folder)) {
      int number = -1;
      const char* const end = text.data() + text.size();
      const auto [stop, error] = std::from_chars(text.data() + folder.size(), end, number);
      if (error == std::errc{} && stop == end && number >= 0) {
        return number;
      }
    }
  }
  return std::nullopt;
}

// The file that a chain of symbolic links ends in, there or not: a write goes through the link, as a shell's would.
fs::path follow_links(fs::path path) {
  std::error_code error;
  for (int i = 0; i < kMostSymbolicLinks && fs::is_symlink(path, error); ++i) {
    const fs::path target = fs::read_symlink(path, error);
    if (error) {
      break;
    }
    path = target.is_absolute() ? target : path.parent_path() / target;
  }
  return path;
}

tl::unexpected<Error> missing_folder(const fs::path& path, const fs::path& folder) {
  return cannot("write", path, fmt::format("the folder {} does not exist", shown(folder)),
                fmt::format("create it first: mkdir -p {}", shown(folder)));
}

// Refuses what the first look can refuse; `path` is the user's, for the sentence.
Result<Destination> find_destination(const fs::path& path) {
  if (path.empty()) {
    return cannot("write", path, "the name of the file is empty");
  }
  Destination destination;
  destination.descriptor = own_descriptor(path);
  if (destination.descriptor) {
    destination.path = path;
    return destination;
  }
  destination.path = follow_links(path);
  struct stat status{};
  if (::stat(destination.path.c_str(), &status) == 0) {
    destination.file = status;
  } else if (errno != ENOENT) {
    return cannot("write", path, reason(errno));
  }
  if (destination.file && S_ISDIR(status.st_mode)) {
    return cannot("write", path, "it is a directory");
  }
  struct stat folder{};
  if (::stat(destination.folder().c_str(), &folder) != 0) {
    return errno == ENOENT ? missing_folder(path, destination.folder()) : cannot("write", path, reason(errno));
  }
  if (!destination.path.has_filename()) {
    return missing_folder(path, destination.path);
  }
  // A rename needs no permission on the file that it replaces, but a user who made it read-only meant that.
  if (destination.file && ::faccessat(AT_FDCWD, destination.path.c_str(), W_OK, AT_EACCESS) != 0) {
    return cannot("write", path, reason(errno));
  }
  const bool sticky = (folder.st_mode & S_ISVTX) != 0;
  const uid_t user = ::geteuid();
  if (destination.file && destination.is_replaced() && sticky && user != 0 && user != status.st_uid &&
      user != folder.st_uid) {
    return cannot("write", path, "it belongs to another user, in a folder where only owners may replace files");
  }
  return destination;
}

using Produce = std::function<Status(int fd, const fs::path& path)>;

// A new file beside the destination that goes away unless it is renamed over it.
class TemporaryFile {
 public:
  static Result<TemporaryFile> create(const Destination& destination, const fs::path& path) {
    std::random_device random;
    constexpr int attempts = 100;  // a name of 64 random bits is taken only by malice
    for (int i = 0; i < attempts; ++i) {
      const fs::path name = destination.folder() / fmt::format(".trtprof-{:08x}{:08x}", random(), random());
      // Not mkstemp(): here the kernel applies the umask and the folder's default permissions. A file that replaces
      // another stays private until it has that one's mode.
      const mode_t mode = destination.file ? S_IRUSR | S_IWUSR : kNewFileMode;
      Descriptor descriptor(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
      if (descriptor.is_open()) {
        return TemporaryFile(name, std::move(descriptor));
      }
      if (errno != EEXIST) {
        break;
      }
    }
    return cannot("write", path, fmt::format("no file can be made in its folder: {}", reason(errno)));
  }

  TemporaryFile(TemporaryFile&& other) noexcept
      : name_(std::exchange(other.name_, {})), descriptor_(std::move(other.descriptor_)) {}
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (!name_.empty()) {
      ::unlink(name_.c_str());
    }
  }
  [[nodiscard]] int descriptor() const { return descriptor_.get(); }

  // 0 or errno. After it the file is the destination's.
  int rename_over(const Destination& destination) {
    const int fd = descriptor_.get();
    if (destination.file) {
      // The owner first, since a change of owner clears set-user-ID bits; only the superuser can, and need not.
      const bool same_owner = ::fchown(fd, destination.file->st_uid, destination.file->st_gid) == 0;
      const mode_t mode = destination.file->st_mode & kPermissionBits;
      if (::fchmod(fd, same_owner ? mode : mode & ACCESSPERMS) != 0) {
        return errno;
      }
    }
    // EINVAL and EROFS: the file system has nothing to sync to.
    if (::fsync(fd) != 0 && errno != EINVAL && errno != EROFS) {
      return errno;
    }
    if (const int error = descriptor_.close(); error != 0) {
      return error;
    }
    if (::rename(name_.c_str(), destination.path.c_str()) != 0) {
      return errno;
    }
    name_.clear();
    // Makes the new name survive a power cut too; the content is safe without it.
    const Descriptor folder(::open(destination.folder().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.is_open()) {
      ::fsync(folder.get());
    }
    return 0;
  }

 private:
  TemporaryFile(fs::path name, Descriptor descriptor) : name_(std::move(name)), descriptor_(std::move(descriptor)) {}
  fs::path name_;
  Descriptor descriptor_;
};

Status write_directly(const Destination& destination, const fs::path& path, const Produce& produce) {
  Descriptor descriptor(destination.descriptor ? ::fcntl(*destination.descriptor, F_DUPFD_CLOEXEC, 0)
                                               : ::open(destination.path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (!descriptor.is_open()) {
    return cannot("write", path, reason(errno));
  }
  if (const Status produced = produce(descriptor.get(), path); !produced) {
    return produced;
  }
  if (const int error = descriptor.close(); error != 0) {
    return cannot("write", path, reason(error));
  }
  return {};
}

Status write_through(const fs::path& path, const Produce& produce) {
  const Result<Destination> destination = find_destination(path);
  if (!destination) {
    return forward_error(destination);
  }
  if (!destination->is_replaced()) {
    return write_directly(*destination, path, produce);
  }
  Result<TemporaryFile> file = TemporaryFile::create(*destination, path);
  if (!file) {
    return forward_error(file);
  }
  if (const Status produced = produce(file->descriptor(), path); !produced) {
    return produced;
  }
  if (const int error = file->rename_over(*destination); error != 0) {
    return cannot("write", path, reason(error));
  }
  return {};
}

Status run_writer(const std::function<Status(std::ostream&)>& writer, int fd, const fs::path& path) {
  DescriptorBuffer buffer(fd);
  std::ostream stream(&buffer);
  Status written;
  try {
    written = writer(stream);
    stream.flush();
  } catch (const std::exception& error) {
    written = cannot("write", path, error.what());
  }
  if (buffer.error() != 0) {  // the cause, when the writer noticed that its stream failed
    return cannot("write", path, reason(buffer.error()));
  }
  if (written && !stream) {
    return cannot("write", path, "its content could not be formatted");
  }
  return written;
}

}  // namespace

Status write_file(const fs::path& path, std::string_view contents) {
  return write_through(path, [contents](int fd, const fs::path& named) -> Status {
    if (const int error = write_all(fd, contents); error != 0) {
      return cannot("write", named, reason(error));
    }
    return {};
  });
}

Status write_file(const fs::path& path, const std::function<Status(std::ostream&)>& writer) {
  return write_through(path,
                       [&writer](int fd, const fs::path& named) -> Status { return run_writer(writer, fd, named); });
}

Status check_writable(const fs::path& path) {
  const Result<Destination> destination = find_destination(path);
  if (!destination) {
    return forward_error(destination);
  }
  if (destination->descriptor) {
    const int flags = ::fcntl(*destination->descriptor, F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) {
      return cannot("write", path, reason(flags < 0 ? errno : EBADF));
    }
    return {};
  }
  if (!destination->is_replaced()) {
    return {};  // find_destination() looked at its permissions; opening a pipe would wait for its reader
  }
  Result<TemporaryFile> file = TemporaryFile::create(*destination, path);
  if (!file) {
    return forward_error(file);
  }
  // A full disk takes an empty file, but not a byte.
  if (const int error = write_all(file->descriptor(), "\n"); error != 0) {
    return cannot("write", path, reason(error));
  }
  return {};
}

}  // namespace trtprof
