#include "trtprof/backend/tensorrt/cupti.h"

#include <algorithm>
#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "trtprof/base/text.h"

namespace trtprof::tensorrt {
namespace {

constexpr std::uint32_t kPerMajor = 10000;
constexpr const char* kHowToGet =
    "It comes with the CUDA toolkit (extras/CUPTI/lib64) and as PyPI package nvidia-cuda-cupti; put the library's "
    "folder into TRTPROF_CUPTI_PATH or LD_LIBRARY_PATH.";

// "libcupti.so.13", and the major version before it. API versions were numbers of their own before CUDA 13.
std::vector<std::string> names() {
  const int major = static_cast<int>(CUPTI_API_VERSION / kPerMajor);
  return {fmt::format("libcupti.so.{}", major), fmt::format("libcupti.so.{}", major - 1)};
}

std::vector<std::filesystem::path> folders() {
  std::vector<std::filesystem::path> folders;
  const char* variable = std::getenv("TRTPROF_CUPTI_PATH");  // NOLINT(concurrency-mt-unsafe): nothing here sets it
  if (variable != nullptr && *variable != '\0') folders.emplace_back(variable);
  folders.emplace_back();  // where the loader looks
  if (const std::string_view known = TRTPROF_CUPTI_FOLDER; !known.empty()) folders.emplace_back(known);
  std::vector<std::filesystem::path> toolkits;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/local", ignored)) {
    if (entry.path().filename().string().starts_with("cuda")) toolkits.push_back(entry.path());
  }
  std::ranges::sort(toolkits, std::ranges::greater{});
  toolkits.emplace_back("/usr/local/cuda");
  for (const std::filesystem::path& toolkit : toolkits) {
    folders.push_back(toolkit / "extras/CUPTI/lib64");
    folders.push_back(toolkit / "targets/x86_64-linux/lib");
    folders.push_back(toolkit / "lib64");
  }
  return folders;
}

template <class Function>
bool resolve_one(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

}  // namespace

bool Cupti::resolve(void* library) {
  static_cast<void>(resolve_one(library, "cuptiActivityEnableRuntimeApi", enable_runtime_call));
  static_cast<void>(resolve_one(library, "cuptiActivityEnableDriverApi", enable_driver_call));
  return resolve_one(library, "cuptiActivityRegisterCallbacks", register_callbacks) &&
         resolve_one(library, "cuptiActivityEnable", enable) && resolve_one(library, "cuptiActivityDisable", disable) &&
         resolve_one(library, "cuptiActivityFlushAll", flush_all) &&
         resolve_one(library, "cuptiActivityGetNextRecord", next_record) &&
         resolve_one(library, "cuptiActivityGetNumDroppedRecords", dropped_records) &&
         resolve_one(library, "cuptiGetTimestamp", timestamp) &&
         resolve_one(library, "cuptiGetCallbackName", callback_name) &&
         resolve_one(library, "cuptiSubscribe", subscribe) && resolve_one(library, "cuptiUnsubscribe", unsubscribe) &&
         resolve_one(library, "cuptiEnableCallback", enable_callback) &&
         resolve_one(library, "cuptiGetGraphNodeId", graph_node_id) &&
         resolve_one(library, "cuptiGetResultString", result_string_);
}

Result<Cupti> Cupti::load() {
  std::string reason;
  for (const std::filesystem::path& folder : folders()) {
    for (const std::string& name : names()) {
      const std::string path = folder.empty() ? name : (folder / name).string();
      if (!folder.empty() && !std::filesystem::exists(path)) continue;
      void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
      if (library == nullptr) {
        const char* text = ::dlerror();  // NOLINT(concurrency-mt-unsafe): glibc keeps it per thread
        if (!folder.empty() && reason.empty() && text != nullptr) reason = printable(text);
        continue;
      }
      Cupti cupti;
      CUptiResult (*version)(std::uint32_t*) = nullptr;
      if (!cupti.resolve(library) || !resolve_one(library, "cuptiGetVersion", version) ||
          version(&cupti.version_) != CUPTI_SUCCESS) {
        reason = fmt::format("{} lacks functions that a timeline needs", printable(path));
        continue;
      }
      return cupti;
    }
  }
  return unavailable(reason.empty()
                         ? fmt::format("{} is not on this machine or not where the loader looks", names().front())
                         : fmt::format("CUPTI does not load: {}", reason),
                     kHowToGet);
}

Result<const Cupti*> Cupti::get() {
  static const Result<Cupti> loaded = load();
  if (!loaded) return forward_error(loaded);
  return &*loaded;
}

std::string Cupti::version_text() const {
  // From CUDA 13.0 on 130000 is 13.0.0; before, a count (26 is CUDA 12.6's).
  if (version_ < kPerMajor) return fmt::format("API {}", version_);
  return fmt::format("{}.{}", version_ / kPerMajor, version_ % kPerMajor / 100);
}

Status Cupti::check(CUptiResult result, const char* doing) const {
  if (result == CUPTI_SUCCESS) return {};
  const char* name = nullptr;
  if (result_string_(result, &name) != CUPTI_SUCCESS || name == nullptr) name = "an unknown error";
  const char* hint = "";
  if (result == CUPTI_ERROR_INSUFFICIENT_PRIVILEGES) {
    hint =
        "The driver lets administrators alone trace; its module option NVreg_RestrictProfilingToAdminUsers=0 lets all.";
  } else if (result == CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED) {
    hint = "Another tool traces this process; one at a time can.";
  }
  return unavailable(fmt::format("CUPTI: {}: {}", doing, name), hint);
}

}  // namespace trtprof::tensorrt
