#include "trtprof/external/find_tool.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <glob.h>
#include <unistd.h>

#include <fmt/format.h>

namespace trtprof {
namespace {

namespace fs = std::filesystem;

bool is_program(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && access(path.c_str(), X_OK) == 0;
}

std::vector<std::string> matches(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): what it reads of the environment nothing here changes
  if (glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) paths.emplace_back(found.gl_pathv[i]);
  }
  globfree(&found);
  std::ranges::sort(paths,
                    [](const std::string& a, const std::string& b) { return strverscmp(a.c_str(), b.c_str()) < 0; });
  return paths;
}

std::string search_path() {
  const char* path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): nothing here sets variables
  return path == nullptr ? "" : path;
}

}  // namespace

std::optional<fs::path> find_tool(std::string_view name, std::string_view path,
                                  const std::vector<std::string>& patterns) {
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    const fs::path folder = path.substr(begin, end - begin);
    if (!folder.empty() && is_program(folder / name)) return folder / name;
    begin = end + 1;
  }
  for (const std::string& pattern : patterns) {
    std::vector<std::string> folders = matches(pattern);
    std::ranges::reverse(folders);  // the newest first
    for (const std::string& folder : folders) {
      if (is_program(fs::path(folder) / name)) return fs::path(folder) / name;
    }
  }
  return std::nullopt;
}

Result<fs::path> find_nsight_compute() {
  const auto found =
      find_tool("ncu", search_path(), {"/usr/local/cuda/bin", "/usr/local/cuda*/bin", "/opt/nvidia/nsight-compute/*"});
  if (found) return *found;
  return unavailable(
      "Nsight Compute (ncu) is not installed: it is neither in PATH nor in /usr/local/cuda*/bin nor in "
      "/opt/nvidia/nsight-compute",
      "it comes with the CUDA toolkit and by itself from developer.nvidia.com/nsight-compute; a report "
      "made elsewhere is read too: counters FILE.csv");
}

Result<fs::path> find_nsight_systems() {
  const auto found = find_tool("nsys", search_path(),
                               {"/usr/local/cuda/bin", "/usr/local/cuda*/bin", "/opt/nvidia/nsight-systems/*/bin",
                                "/opt/nvidia/nsight-systems-cli/*/bin"});
  if (found) return *found;
  return unavailable(
      "Nsight Systems (nsys) is not installed: it is neither in PATH nor in /usr/local/cuda*/bin nor in "
      "/opt/nvidia/nsight-systems",
      "it comes with the CUDA toolkit and by itself from developer.nvidia.com/nsight-systems; an export "
      "made elsewhere is read too: nsys FILE.sqlite");
}

Result<fs::path> find_perf() {
  if (const auto found = find_tool("perf", search_path(), {"/usr/lib/linux-tools/*", "/usr/lib/linux-tools-*"})) {
    return *found;
  }
  return unavailable("perf is not installed", "Debian: apt-get install linux-perf; Ubuntu: linux-tools-generic");
}

}  // namespace trtprof
