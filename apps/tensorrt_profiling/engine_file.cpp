#include "engine_file.h"

#include <fmt/format.h>

#include "trtprof/backend/module.h"
#include "trtprof/base/text.h"

namespace trtprof::cli {

tl::unexpected<Error> engine_unavailable(const std::string& path, FileKind kind, const std::string& instead) {
  const std::string backend = kind == FileKind::tensorrt_engine ? "tensorrt" : "tensorrt-rtx";
  // The module's own sentence says what is missing; when it is there, using engines is its business.
  const auto loaded = load_backend(backend);
  return unavailable(fmt::format("{} is a {} engine: {}", printable(path), backend,
                                 loaded ? "this build cannot use engines" : loaded.error().message),
                     loaded ? instead : loaded.error().hint);
}

}  // namespace trtprof::cli
