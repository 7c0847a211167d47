#include "trtprof/backend/tensorrt/cublas_lt.h"

#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "trtprof/backend/library_folders.h"
#include "trtprof/base/text.h"

namespace trtprof::tensorrt::cublas {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 2> kNames = {"libcublasLt.so.13", "libcublasLt.so.12"};
constexpr const char* kHowToGet =
    "It comes with the CUDA toolkit and as PyPI package nvidia-cublas; put the library's folder into "
    "TRTPROF_CUBLASLT_PATH or LD_LIBRARY_PATH.";

// An empty one: where the loader looks.
std::vector<fs::path> folders() {
  std::vector<fs::path> folders;
  const char* variable = std::getenv("TRTPROF_CUBLASLT_PATH");  // NOLINT(concurrency-mt-unsafe): nothing here sets it
  if (variable != nullptr && *variable != '\0') folders.emplace_back(variable);
  folders.emplace_back();
  for (fs::path& folder : cuda_library_folders(library_places())) folders.push_back(std::move(folder));
  return folders;
}

template <class Function>
bool resolve_one(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

}  // namespace

bool Library::resolve(void* library) {
  return resolve_one(library, "cublasLtCreate", create) && resolve_one(library, "cublasLtDestroy", destroy) &&
         resolve_one(library, "cublasLtMatmulDescCreate", description_create) &&
         resolve_one(library, "cublasLtMatmulDescDestroy", description_destroy) &&
         resolve_one(library, "cublasLtMatmulDescSetAttribute", description_set) &&
         resolve_one(library, "cublasLtMatrixLayoutCreate", layout_create) &&
         resolve_one(library, "cublasLtMatrixLayoutDestroy", layout_destroy) &&
         resolve_one(library, "cublasLtMatmulPreferenceCreate", preference_create) &&
         resolve_one(library, "cublasLtMatmulPreferenceDestroy", preference_destroy) &&
         resolve_one(library, "cublasLtMatmulPreferenceSetAttribute", preference_set) &&
         resolve_one(library, "cublasLtMatmulAlgoGetHeuristic", heuristic) &&
         resolve_one(library, "cublasLtMatmul", multiply) && resolve_one(library, "cublasLtGetVersion", version_) &&
         resolve_one(library, "cublasLtGetStatusName", status_name_);
}

Result<Library> Library::load() {
  std::string reason;
  std::error_code ignored;
  for (const char* name : kNames) {
    for (const fs::path& folder : folders()) {
      const std::string path = folder.empty() ? name : (folder / name).string();
      if (!folder.empty() && !fs::exists(path, ignored)) continue;
      void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
      if (handle == nullptr) {
        const char* text = ::dlerror();  // NOLINT(concurrency-mt-unsafe): glibc keeps it per thread
        if (!folder.empty() && reason.empty() && text != nullptr) reason = printable(text);
        continue;
      }
      Library library;
      if (library.resolve(handle)) return library;
      reason = fmt::format("{} lacks functions that multiplying matrices needs", printable(path));
    }
  }
  return unavailable(reason.empty()
                         ? fmt::format("cuBLASLt ({}) is not on this machine or not where it is looked for", kNames[0])
                         : fmt::format("cuBLASLt does not load: {}", reason),
                     kHowToGet);
}

Result<const Library*> Library::get() {
  static const Result<Library> loaded = load();
  if (!loaded) return forward_error(loaded);
  return &*loaded;
}

std::string Library::version_text() const {
  // 130100 is 13.1.0; of 12 as well (120805 is 12.8.5).
  const std::size_t version = version_();
  return fmt::format("{}.{}.{}", version / 10000, version / 100 % 100, version % 100);
}

Status Library::check(int status, const char* call) const {
  if (status == kSuccess) return {};
  const char* name = status_name_(status);
  return fail(fmt::format("{} failed: {}", call, name == nullptr ? std::to_string(status) : std::string(name)));
}

}  // namespace trtprof::tensorrt::cublas
