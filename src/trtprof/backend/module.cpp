#include "trtprof/backend/module.h"

#include <algorithm>
#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/text.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "libtrtprof_backend_";
constexpr std::string_view kSuffix = ".so";
constexpr const char* kPathVariable = "TRTPROF_BACKEND_PATH";

// Folders in the order they are searched. An empty item of the variable is skipped: it must not mean the current
// folder, where anyone may have left a library.
std::vector<fs::path> module_folders() {
  std::vector<fs::path> folders;
  if (const char* variable = std::getenv(kPathVariable)) {  // NOLINT(concurrency-mt-unsafe): nothing here sets it
    std::string_view rest = variable;
    while (!rest.empty()) {
      const std::size_t colon = std::min(rest.find(':'), rest.size());
      if (colon > 0) folders.emplace_back(rest.substr(0, colon));
      rest.remove_prefix(std::min(colon + 1, rest.size()));
    }
  }
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    const fs::path folder = program.parent_path();
    folders.push_back(folder);
    folders.push_back(folder.parent_path() / "lib" / "trtprof");
    folders.push_back(folder.parent_path() / "lib");
  }
  return folders;
}

std::string file_name(std::string_view backend) {
  return fmt::format("{}{}{}", kPrefix, backend, kSuffix);
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

std::optional<fs::path> find_module(const std::string& name) {
  for (const fs::path& folder : module_folders()) {
    const fs::path path = folder / file_name(name);
    std::error_code error;
    if (fs::is_regular_file(path, error)) return fs::absolute(path, error);
  }
  return std::nullopt;
}

std::string joined(const std::vector<std::string>& items) {
  return fmt::format("{}", fmt::join(items, ", "));
}

Error no_such_module(const std::string& name) {
  std::vector<std::string> folders;
  for (const fs::path& folder : module_folders()) folders.push_back(printable(folder.lexically_normal().string()));
  const std::vector<std::string> there = available_backends();
  std::string hint = there.empty() ? "No backend module was found at all" : fmt::format("Here: {}", joined(there));
  if (name == "openvino") {
    hint += "; the CPU backend is built when OpenVINO's headers are there: run tools/deps.sh python and build again";
  } else if (name.starts_with("tensorrt")) {
    hint +=
        "; the TensorRT module is built when TensorRT's headers are there, and runs on a machine with an NVIDIA GPU";
  }
  hint += fmt::format("; {} names further folders to look in.", kPathVariable);
  return {ErrorCode::unavailable,
          fmt::format("backend '{}' is not available: {} is not in {}", printable(name), file_name(printable(name)),
                      joined(folders)),
          std::move(hint)};
}

std::string how_to_get(std::string_view library) {
  if (library.starts_with("libopenvino") || library.starts_with("libtbb")) {
    return "It comes with OpenVINO: run tools/deps.sh python, or install the version this program was built with "
           "(pip install openvino) and put the folder of its libraries into LD_LIBRARY_PATH.";
  }
  if (library.starts_with("libnvinfer") || library.starts_with("libnvonnxparser")) {
    return "It comes with TensorRT; put the folder of its libraries into LD_LIBRARY_PATH.";
  }
  if (library.starts_with("libcuda")) return "It comes with the NVIDIA driver or the CUDA toolkit.";
  return "Install it, or put the folder that has it into LD_LIBRARY_PATH.";
}

// glibc's messages: "libopenvino.so.2641: cannot open shared object file: No such file or directory",
// "/a/module.so: invalid ELF header", "/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by ...)".
Error cannot_load(const std::string& name, const fs::path& path, std::string_view reason) {
  const std::string file = printable(path.string());
  const std::size_t colon = reason.find(": ");
  const std::string_view subject = reason.substr(0, std::min(colon, reason.size()));
  const std::string_view what = colon == std::string_view::npos ? reason : reason.substr(colon + 2);
  const bool about_module = subject == path.string();
  if (!about_module && what.find("cannot open shared object file") != std::string_view::npos) {
    return {ErrorCode::unavailable,
            fmt::format("backend '{}' is not available: its module needs {}, which is not on this machine or not where "
                        "the loader looks",
                        name, printable(subject)),
            how_to_get(subject)};
  }
  if (about_module &&
      (what.find("ELF") != std::string_view::npos || what.find("file too short") != std::string_view::npos)) {
    return {ErrorCode::unavailable,
            fmt::format("backend '{}' is not available: {} is not a library for this machine ({})", name, file,
                        printable(what)),
            "Build again, or remove the file."};
  }
  return {ErrorCode::unavailable,
          fmt::format("backend '{}' is not available: {} does not load: {}", name, file, printable(reason)),
          "Build again on this machine."};
}

// Closes the library unless it is released to a LoadedBackend.
class Library {
 public:
  explicit Library(void* handle) : handle_(handle) {}
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() {
    if (handle_ != nullptr) ::dlclose(handle_);
  }
  [[nodiscard]] void* get() const { return handle_; }
  [[nodiscard]] void* release() { return std::exchange(handle_, nullptr); }

 private:
  void* handle_;
};

Error other_build(const std::string& name, const fs::path& path, std::string_view stamp) {
  return {ErrorCode::unavailable,
          fmt::format("backend '{}' is not available: {} belongs to another build ({}; this program is {})", name,
                      printable(path.string()), printable(stamp), abi_stamp()),
          "Build program and modules together, and take old modules out of the folders that are searched."};
}

}  // namespace

LoadedBackend::LoadedBackend(LoadedBackend&& other) noexcept
    : library_(std::exchange(other.library_, nullptr)),
      backend_(std::exchange(other.backend_, nullptr)),
      destroy_(std::exchange(other.destroy_, nullptr)) {}

LoadedBackend& LoadedBackend::operator=(LoadedBackend&& other) noexcept {
  std::swap(library_, other.library_);
  std::swap(backend_, other.backend_);
  std::swap(destroy_, other.destroy_);
  return *this;
}

LoadedBackend::~LoadedBackend() {
  if (backend_ != nullptr) destroy_(backend_);
  if (library_ != nullptr) ::dlclose(library_);
}

Result<LoadedBackend> load_backend(const std::string& name) {
  if (!is_plain_name(name)) return tl::unexpected<Error>(no_such_module(name));
  const std::optional<fs::path> path = find_module(name);
  if (!path) return tl::unexpected<Error>(no_such_module(name));

  // RTLD_NODELETE: engines leave worker threads and exit handlers behind, whose code must stay mapped.
  Library library(::dlopen(path->c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE));
  if (library.get() == nullptr) {
    const char* reason = ::dlerror();  // NOLINT(concurrency-mt-unsafe): glibc keeps it per thread
    return tl::unexpected<Error>(cannot_load(name, *path, reason == nullptr ? "unknown reason" : reason));
  }
  const auto open = reinterpret_cast<ModuleEntryPoint>(::dlsym(library.get(), kModuleEntryPoint));
  if (open == nullptr) {
    return tl::unexpected<Error>(other_build(name, *path, fmt::format("it does not export {}", kModuleEntryPoint)));
  }
  const ModuleInterface* module = open(abi_stamp().c_str());
  if (module == nullptr || module->create == nullptr || module->destroy == nullptr) {
    const bool has_stamp = module != nullptr && module->stamp != nullptr;
    return tl::unexpected<Error>(other_build(name, *path, has_stamp ? module->stamp : "it names none"));
  }
  LoadedBackend loaded;
  loaded.backend_ = module->create();
  if (loaded.backend_ == nullptr) return fail(fmt::format("backend '{}' could not be started: out of memory", name));
  loaded.destroy_ = module->destroy;
  loaded.library_ = library.release();
  return loaded;
}

std::vector<std::string> available_backends() {
  std::vector<std::string> names;
  for (const fs::path& folder : module_folders()) {
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
      const std::string file = it->path().filename().string();
      if (file.size() <= kPrefix.size() + kSuffix.size() || !file.starts_with(kPrefix) || !file.ends_with(kSuffix)) {
        continue;
      }
      std::string name = file.substr(kPrefix.size(), file.size() - kPrefix.size() - kSuffix.size());
      std::error_code type_error;
      if (is_plain_name(name) && it->is_regular_file(type_error)) names.push_back(std::move(name));
    }
  }
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return names;
}

}  // namespace trtprof
