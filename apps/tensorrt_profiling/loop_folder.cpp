#include "loop_folder.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/file.h"
#include "trtprof/base/text.h"

namespace trtprof::cli {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kLockMode = 0644;
constexpr std::string_view kRunning = "running-";

// "running-4711"
bool is_of_a_run(const std::string& name) {
  return name.starts_with(kRunning) && name.size() > kRunning.size() &&
         name.find_first_not_of("0123456789", kRunning.size()) == std::string::npos;
}

// "" for what is neither a file nor a folder: it cannot be read twice.
Result<std::string> hash_of(const fs::path& path) {
  std::error_code error;
  if (fs::is_regular_file(path, error)) return sha256_of_file(path);
  if (!fs::is_directory(path, error)) return std::string();
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (at->is_regular_file(ignored)) files.push_back(at->path());
  }
  if (error) return fail(fmt::format("cannot read {}: {}", printable(path.string()), error.message()));
  std::ranges::sort(files);
  std::string lines;
  for (const fs::path& file : files) {
    const auto hash = sha256_of_file(file);
    if (!hash) return hash;
    lines += fmt::format("{}  {}\n", *hash, file.lexically_relative(path).string());
  }
  return sha256_of(lines);
}

// Is the file behind the descriptor the one of that name? A run that ends removes its own.
bool is_still_there(int file, const fs::path& path) {
  struct stat open{};
  struct stat named{};
  return ::fstat(file, &open) == 0 && ::stat(path.c_str(), &named) == 0 && open.st_ino == named.st_ino &&
         open.st_dev == named.st_dev;
}

}  // namespace

Result<fs::path> open_work_folder(const Settings& settings) {
  fs::path work = settings.loop.work.value_or(fs::path(settings.output->string() + ".work"));
  std::error_code error;
  const bool has_others =
      fs::is_directory(work, error) && !fs::is_empty(work, error) && !fs::exists(work / "journal.jsonl", error);
  if (has_others) {
    return usage_error(fmt::format("{} holds other things than the loop's", printable(work.string())),
                       "--work names a folder of its own");
  }
  fs::create_directories(work, error);
  if (error) return fail(fmt::format("cannot make the folder {}: {}", printable(work.string()), error.message()));
  return work;
}

void remove_what_was_running(const fs::path& work) {
  std::error_code error;
  std::vector<fs::path> left;
  for (fs::directory_iterator at(work, error), end; !error && at != end; at.increment(error)) {
    if (is_of_a_run(at->path().filename().string())) left.push_back(at->path());
  }
  for (const fs::path& folder : left) fs::remove_all(folder, error);
}

Result<std::string> hash_of_data(const Settings& settings) {
  std::vector<std::pair<std::string_view, std::string>> hashes;
  for (const auto& [option, path] : {std::pair("--data", settings.accuracy.data),
                                     {"--calibration-data", settings.calibrate.data},
                                     {"--preprocess", settings.accuracy.preprocess}}) {
    if (!path) continue;
    auto hash = hash_of(*path);
    if (!hash) return hash;
    hashes.emplace_back(option, *std::move(hash));
  }
  if (hashes.empty()) return std::string();
  if (hashes.size() == 1) return hashes.front().second;
  std::string lines;
  for (const auto& [option, hash] : hashes) lines += fmt::format("{}  {}\n", hash, option);
  return sha256_of(lines);
}

Result<OutputLock> OutputLock::take(const fs::path& output) {
  const fs::path path = output.parent_path() / fmt::format(".{}.lock", output.filename().string());
  while (true) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kLockMode);
    if (file < 0) {
      return fail(fmt::format("cannot write {}: {}", printable(path.string()),
                              std::error_code(errno, std::system_category()).message()));
    }
    OutputLock lock(path, file);
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
      ::close(std::exchange(lock.file_, -1));
      return fail(fmt::format("{} is being made by another run", printable(output.string())), "-o names another file");
    }
    if (is_still_there(file, path)) return lock;
    ::close(std::exchange(lock.file_, -1));
  }
}

OutputLock::OutputLock(OutputLock&& other) noexcept
    : path_(std::move(other.path_)), file_(std::exchange(other.file_, -1)) {}

OutputLock::~OutputLock() {
  if (file_ < 0) return;
  ::unlink(path_.c_str());
  ::close(file_);
}

}  // namespace trtprof::cli
