#include <ctime>
#include <fstream>
#include <iterator>
#include <sys/utsname.h>
#include <unistd.h>

#include <fmt/format.h>

#include "trtprof/base/build_info.h"
#include "trtprof/measure/machine.h"
#include "trtprof/measure/measure.h"

namespace trtprof {
namespace {

std::string text_of(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec);
}

std::optional<std::uint64_t> memory_bytes() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page_bytes = sysconf(_SC_PAGE_SIZE);
  if (pages <= 0 || page_bytes <= 0) return std::nullopt;
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes);
}

// "Debian GNU/Linux 12 (bookworm), Linux 6.1.0 x86_64"
std::string operating_system(const utsname& system) {
  const std::string kernel = fmt::format("{} {} {}", system.sysname, system.release, system.machine);
  const std::string name = os_name_of(text_of("/etc/os-release"));
  return name.empty() ? kernel : name + ", " + kernel;
}

}  // namespace

Environment describe_environment(const std::vector<std::string>& command_line) {
  Environment environment;
  environment.tool_version = kVersion;
  environment.tool_commit = kCommit;
  environment.command_line = command_line;
  environment.started_at = utc_now();

  utsname system{};
  if (uname(&system) == 0) {
    environment.hostname = system.nodename;
    environment.operating_system = operating_system(system);
  }
  environment.cpu_model = cpu_model_of(text_of("/proc/cpuinfo"));
  if (environment.cpu_model.empty()) environment.cpu_model = system.machine;
  environment.logical_cpus = read_machine_state().usable_cpus;
  environment.memory_bytes = memory_bytes();
  return environment;
}

}  // namespace trtprof
