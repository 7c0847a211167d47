#include "trtprof/backend/library_folders.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <string_view>
#include <system_error>

namespace trtprof {
namespace {

namespace fs = std::filesystem;

std::string variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing here sets it
  return value == nullptr ? std::string() : value;
}

// Entries of a folder whose names begin so, the newest version first.
std::vector<fs::path> entries(const fs::path& folder, std::string_view prefix) {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().filename().string().starts_with(prefix)) found.push_back(entry.path());
  }
  std::ranges::sort(found, std::greater{});
  return found;
}

class Folders {
 public:
  void add(const fs::path& folder) {
    std::error_code ignored;
    if (!fs::is_directory(folder, ignored)) return;
    if (std::ranges::find(found_, folder) == found_.end()) found_.push_back(folder);
  }

  // "prefix" as in sys.prefix of Python.
  void add_environment(const fs::path& prefix) {
    for (const char* libraries : {"lib", "lib64"}) {
      for (const fs::path& python : entries(prefix / libraries, "python3")) {
        for (const char* packages : {"site-packages", "dist-packages"}) add_wheels(python / packages);
      }
    }
  }

  void add_toolkit(const fs::path& toolkit) {
    add(toolkit / "targets/x86_64-linux/lib");
    add(toolkit / "lib64");
  }

  [[nodiscard]] std::vector<fs::path> take() && { return std::move(found_); }

 private:
  // Wheels of CUDA 13 share a folder of that name; before, each library had its own.
  void add_wheels(const fs::path& packages) {
    for (const fs::path& shared : entries(packages / "nvidia", "cu1")) add(shared / "lib");
    add(packages / "nvidia/cublas/lib");
  }

  std::vector<fs::path> found_;
};

}  // namespace

LibraryPlaces library_places() {
  return {"/", variable("PATH"), variable("VIRTUAL_ENV"), variable("CONDA_PREFIX"), variable("HOME")};
}

std::vector<fs::path> cuda_library_folders(const LibraryPlaces& places) {
  Folders folders;
  for (const std::string& active : {places.virtual_env, places.conda}) {
    if (!active.empty()) folders.add_environment(active);
  }
  for (std::size_t begin = 0; begin < places.path.size();) {
    const std::size_t end = std::min(places.path.find(':', begin), places.path.size());
    const fs::path programs = places.path.substr(begin, end - begin);
    if (programs.is_absolute()) folders.add_environment(programs.parent_path());
    begin = end + 1;
  }
  if (!places.home.empty()) folders.add_environment(fs::path(places.home) / ".local");
  for (const fs::path& toolkit : entries(places.root / "usr/local", "cuda")) folders.add_toolkit(toolkit);
  return std::move(folders).take();
}

}  // namespace trtprof
