#include "trtprof/backend/tensorrt/plugins.h"

#include <dlfcn.h>
#include <set>

#include <fmt/format.h>

#include "trtprof/base/text.h"

namespace trtprof::tensorrt {
namespace {

std::int32_t creators_in(const nvinfer1::IPluginRegistry& registry) {
  std::int32_t count = 0;
  registry.getAllCreators(&count);
  return count;
}

// What IPluginRegistry::loadLibrary() asks for, of plugins since 10.0 and of those before.
bool hands_out_creators(void* library) {
  return ::dlsym(library, "getCreators") != nullptr || ::dlsym(library, "getPluginCreators") != nullptr;
}

Status load_plugin(const Libraries& libraries, const std::filesystem::path& path) {
  static std::set<void*> registered;  // handles: the loader gives a library that is there the same one again
  std::error_code error;
  // A bare name would be looked for in the loader's folders, not here.
  const std::filesystem::path file = std::filesystem::absolute(path, error);
  nvinfer1::IPluginRegistry* registry = libraries.plugin_registry();
  const std::int32_t before = registry == nullptr ? 0 : creators_in(*registry);
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE);
  if (library == nullptr) {
    const char* reason = ::dlerror();  // NOLINT(concurrency-mt-unsafe): glibc keeps it per thread
    return fail(fmt::format("the plugin library {} does not load: {}", printable(path.string()),
                            printable(reason == nullptr ? "unknown reason" : reason)));
  }
  if (!registered.insert(library).second || registry == nullptr || !hands_out_creators(library)) return {};
  // Some do both, and TensorRT refuses what is registered already.
  if (creators_in(*registry) > before || registry->loadLibrary(file.c_str()) != nullptr) return {};
  registered.erase(library);
  return fail(fmt::format("{} does not take the plugins of {}", kEngineName, printable(path.string())),
              fmt::format("They may be built for another version than {}, or have the names of others that are there.",
                          libraries.version_text()));
}

}  // namespace

Status load_plugins(const Libraries& libraries, const std::vector<std::filesystem::path>& files) {
  if (!kHasPlugins && !files.empty()) {
    return usage_error(
        fmt::format("{} takes no plugins, and --plugin names {}", kEngineName, printable(files.front().string())),
        "TensorRT does (--backend tensorrt).");
  }
  for (const std::filesystem::path& file : files) {
    if (Status loaded = load_plugin(libraries, file); !loaded) return loaded;
  }
  return {};
}

}  // namespace trtprof::tensorrt
