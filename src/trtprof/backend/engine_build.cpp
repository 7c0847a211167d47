#include "trtprof/backend/engine_build.h"

#include <ctime>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "trtprof/backend/engine_file.h"
#include "trtprof/base/build_info.h"
#include "trtprof/base/file.h"
#include "trtprof/base/text.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec);
}

// Whatever is at the path when it goes out of scope goes too, unless it was kept.
class Staged {
 public:
  explicit Staged(fs::path path) : path_(std::move(path)) {}
  Staged(const Staged&) = delete;
  Staged& operator=(const Staged&) = delete;
  ~Staged() {
    std::error_code ignored;
    if (!kept_) fs::remove(path_, ignored);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }
  [[nodiscard]] Status move_to(const fs::path& target) {
    std::error_code error;
    fs::rename(path_, target, error);
    if (error) return fail(fmt::format("{} cannot be written: {}", printable(target.string()), error.message()));
    kept_ = true;
    return {};
  }

 private:
  fs::path path_;
  bool kept_ = false;
};

fs::path staged_name(const fs::path& target) {
  fs::path path = target;
  path += fmt::format(".{}.partial", ::getpid());
  return path;
}

// Whole beside their places first; then two renames, which only a kill or the end of the machine can come between. The
// engine comes last: where it is, its sidecar is. One with the sidecar of another would be seen by its hash.
Status write_both(const fs::path& output, const std::string& plan, const std::string& record) {
  Staged engine(staged_name(output));
  Staged sidecar(staged_name(sidecar_path(output)));
  if (Status written = write_file(engine.path(), plan); !written) return written;
  if (Status written = write_file(sidecar.path(), record); !written) return written;
  if (Status moved = sidecar.move_to(sidecar_path(output)); !moved) return moved;
  return engine.move_to(output);
}

EngineRecord describe(const Backend& backend, const EngineBuildRequest& request, const BuiltEngine& built) {
  EngineRecord record;
  record.engine = {sha256_of(built.plan), built.plan.size()};
  std::error_code error;
  const fs::path absolute = fs::absolute(request.source.path, error);
  record.model = {(error ? request.source.path : absolute.lexically_normal()).string(), request.model.sha256,
                  request.model.file_bytes};
  record.builder = {backend.name(),           built.engine_name, built.engine_version, built.device_name,
                    built.compute_capability, built.seconds,     built.warnings,       built.notes};
  record.options = request.options;
  record.tool = {kVersion, kCommit, request.command_line, utc_now()};
  return record;
}

}  // namespace

Status check_engine_output(const fs::path& output) {
  for (const fs::path& path : {output, sidecar_path(output)}) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (fs::exists(status) && !fs::is_regular_file(status)) {
      return usage_error(fmt::format("{} is not a regular file, and an engine is written as one, with its sidecar",
                                     printable(path.string())));
    }
    if (Status writable = check_writable(path); !writable) return writable;
  }
  return {};
}

Result<EngineRecord> build_engine_file(Backend& backend, const EngineBuildRequest& request, Progress& progress,
                                       const StopFlag& stop) {
  if (const Status writable = check_engine_output(request.output); !writable) return forward_error(writable);
  auto built = backend.build(request.source, request.options, progress, stop);
  if (!built) return forward_error(built);
  if (stop.requested()) {
    return tl::unexpected<Error>(
        Error{ErrorCode::interrupted,
              fmt::format("interrupted: {} was not written", printable(request.output.string())), ""});
  }
  if (built->plan.empty()) {
    return fail(fmt::format("{} built an empty engine from {}", printable(built->engine_name),
                            printable(request.source.path.string())));
  }
  EngineRecord record = describe(backend, request, *built);
  if (const Status written = write_both(request.output, built->plan, engine_record_to_json(record)); !written) {
    return forward_error(written);
  }
  return record;
}

}  // namespace trtprof
