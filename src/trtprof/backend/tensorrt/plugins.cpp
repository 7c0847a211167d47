#include "trtprof/backend/tensorrt/plugins.h"

#include <dlfcn.h>

#include <fmt/format.h>

#include "trtprof/base/text.h"

namespace trtprof::tensorrt {

Status load_plugins(const std::vector<std::filesystem::path>& libraries) {
  for (const std::filesystem::path& path : libraries) {
    std::error_code error;
    // A bare name would be looked for in the loader's folders, not here.
    const std::filesystem::path file = std::filesystem::absolute(path, error);
    if (::dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE) != nullptr) continue;
    const char* reason = ::dlerror();  // NOLINT(concurrency-mt-unsafe): glibc keeps it per thread
    return fail(fmt::format("the plugin library {} does not load: {}", printable(path.string()),
                            printable(reason == nullptr ? "unknown reason" : reason)));
  }
  return {};
}

}  // namespace trtprof::tensorrt
