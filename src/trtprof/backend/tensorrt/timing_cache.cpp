#include "trtprof/backend/tensorrt/timing_cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/file.h"
#include "trtprof/base/text.h"

namespace trtprof::tensorrt {
namespace {

constexpr std::uint64_t kMaxCacheBytes = std::uint64_t{1} << 31;

using Cache = std::unique_ptr<nvinfer1::ITimingCache>;

// Held on a file beside the cache: the cache itself is renamed over.
class FileLock {
 public:
  explicit FileLock(const std::filesystem::path& path)
      : file_(::open((path.string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    if (file_ >= 0) static_cast<void>(::flock(file_, LOCK_EX));
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock() {
    if (file_ >= 0) ::close(file_);
  }

 private:
  int file_;
};

std::string content_of(const std::filesystem::path& path) {
  std::error_code missing;
  if (!std::filesystem::is_regular_file(path, missing)) return {};
  auto content = read_file(path, kMaxCacheBytes);
  return content ? std::move(*content) : std::string{};
}

class FileTimingCache final : public TimingCache {
 public:
  FileTimingCache(nvinfer1::IBuilderConfig& config, std::filesystem::path path, Cache cache)
      : config_(config), path_(std::move(path)), cache_(std::move(cache)) {}

  [[nodiscard]] Status save() override {
    const nvinfer1::ITimingCache* measured = config_.getTimingCache();
    if (measured == nullptr) return {};
    const FileLock lock(path_);
    const std::string there = content_of(path_);
    const Cache merged(config_.createTimingCache(there.data(), there.size()));
    if (merged == nullptr || !merged->combine(*measured, false)) return write(*measured);
    return write(*merged);
  }

  [[nodiscard]] std::vector<std::string> notes() const override { return notes_; }
  void add_note(std::string note) { notes_.push_back(std::move(note)); }

 private:
  [[nodiscard]] Status write(const nvinfer1::ITimingCache& cache) const {
    const std::unique_ptr<nvinfer1::IHostMemory> blob(cache.serialize());
    if (blob == nullptr)
      return fail(fmt::format("{}: the timing cache cannot be serialized", printable(path_.string())));
    return write_file(path_, std::string_view(static_cast<const char*>(blob->data()), blob->size()));
  }

  nvinfer1::IBuilderConfig& config_;
  std::filesystem::path path_;
  Cache cache_;  // must outlive the build
  std::vector<std::string> notes_;
};

}  // namespace

Result<std::unique_ptr<TimingCache>> use_timing_cache(nvinfer1::IBuilderConfig& config,
                                                      const std::filesystem::path& path) {
  if (path.empty()) return std::unique_ptr<TimingCache>();
  if (const Status writable = check_writable(path); !writable) return forward_error(writable);
  const std::string there = content_of(path);
  Cache cache(config.createTimingCache(there.data(), there.size()));
  bool replaced = false;
  if (!there.empty() && (cache == nullptr || !config.setTimingCache(*cache, false))) {
    replaced = true;
    cache.reset(config.createTimingCache(nullptr, 0));
  }
  if (cache == nullptr) return fail("TensorRT could not make a timing cache");
  if ((there.empty() || replaced) && !config.setTimingCache(*cache, false)) {
    return fail("TensorRT refuses an empty timing cache");
  }
  auto made = std::make_unique<FileTimingCache>(config, path, std::move(cache));
  if (replaced) {
    made->add_note(fmt::format("The timing cache {} belongs to another GPU or version of TensorRT and is replaced.",
                               printable(path.string())));
  } else if (!there.empty()) {
    made->add_note(fmt::format("The timing cache {} ({} bytes) was used.", printable(path.string()), there.size()));
  }
  return std::unique_ptr<TimingCache>(std::move(made));
}

}  // namespace trtprof::tensorrt
