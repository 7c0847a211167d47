#include "trtprof/measure/machine.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <sched.h>
#include <sstream>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace trtprof {
namespace {

namespace fs = std::filesystem;

// Above this share of the processors the engine's threads no longer have a processor each to themselves.
constexpr double kBusyLoad = 0.5;

// Files of proc and sys say they are empty, so they are read to their end.
std::string text_of(const fs::path& path) {
  const std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return file ? std::move(text).str() : std::string();
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const auto first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// The value of the first "key<spaces>separator value" line; empty when there is none.
std::string_view value_of(std::string_view text, std::string_view key, char separator) {
  for (const std::string_view line : lines_of(text)) {
    const auto at = line.find(separator);
    if (at != std::string_view::npos && trimmed(line.substr(0, at)) == key) return trimmed(line.substr(at + 1));
  }
  return {};
}

std::optional<double> number_in(std::string_view text) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end != text.data() ? std::optional(value) : std::nullopt;
}

// How many processors a list such as "0-3,8" names.
std::optional<int> count_of_cpu_list(std::string_view list) {
  int count = 0;
  list = trimmed(list);
  while (!list.empty()) {
    const std::string_view range = list.substr(0, list.find(','));
    const auto first = number_in(range);
    const auto dash = range.find('-');
    const auto last = dash == std::string_view::npos ? first : number_in(range.substr(dash + 1));
    if (!first || !last || *last < *first) return std::nullopt;
    count += static_cast<int>(*last - *first) + 1;
    list.remove_prefix(std::min(range.size() + 1, list.size()));
  }
  return count > 0 ? std::optional(count) : std::nullopt;
}

// The kernel refuses a set smaller than its own, so the set grows until it fits.
std::optional<int> affinity_count() {
  for (std::size_t cpus = 1024; cpus <= (std::size_t{1} << 20U); cpus *= 2) {
    std::vector<cpu_set_t> set(cpus / (8 * sizeof(cpu_set_t)));
    const std::size_t bytes = set.size() * sizeof(cpu_set_t);
    if (sched_getaffinity(0, bytes, set.data()) == 0) return CPU_COUNT_S(bytes, set.data());
  }
  return std::nullopt;
}

// What one control group grants: version 2 writes one file, version 1 two.
std::optional<double> quota_of_folder(const fs::path& folder) {
  if (const auto quota = quota_of_cpu_max(text_of(folder / "cpu.max"))) return quota;
  const auto quota = number_in(trimmed(text_of(folder / "cpu.cfs_quota_us")));
  const auto period = number_in(trimmed(text_of(folder / "cpu.cfs_period_us")));
  if (!quota || !period || *quota <= 0.0 || *period <= 0.0) return std::nullopt;
  return *quota / *period;
}

// The tightest limit on the way from `group` up to the mount point. In a container the group's path may be that of the
// host and not exist here; its own limit is then at the mount point.
std::optional<double> tightest_quota(const fs::path& mount, const fs::path& group) {
  std::optional<double> tightest;
  for (fs::path path = group;; path = path.parent_path()) {
    if (const auto quota = quota_of_folder(mount / path)) tightest = std::min(tightest.value_or(*quota), *quota);
    if (path.empty()) return tightest;
  }
}

// Lines are "0::/user.slice" (version 2) and "4:cpu,cpuacct:/user.slice" (version 1).
std::optional<double> cpu_quota(const fs::path& root) {
  const fs::path mounts = root / "sys/fs/cgroup";
  std::optional<double> tightest;
  const std::string groups = text_of(root / "proc/self/cgroup");
  for (const std::string_view line : lines_of(groups)) {
    const auto first = line.find(':');
    const auto second = line.find(':', first == std::string_view::npos ? first : first + 1);
    if (second == std::string_view::npos) continue;
    const std::string controllers = fmt::format(",{},", line.substr(first + 1, second - first - 1));
    const bool unified = controllers == ",,";
    if (!unified && controllers.find(",cpu,") == std::string::npos) continue;
    const fs::path group = fs::path(trimmed(line.substr(second + 1))).relative_path();
    const auto quota = tightest_quota(unified ? mounts : mounts / "cpu", group);
    if (quota) tightest = std::min(tightest.value_or(*quota), *quota);
  }
  return tightest;
}

std::map<std::string, int> governors(const fs::path& root) {
  std::map<std::string, int> counts;
  std::error_code error;
  for (fs::directory_iterator it(root / "sys/devices/system/cpu", error), end; !error && it != end;
       it.increment(error)) {
    const std::string text = text_of(it->path() / "cpufreq/scaling_governor");
    if (const std::string_view governor = trimmed(text); !governor.empty()) ++counts[std::string(governor)];
  }
  return counts;
}

std::optional<std::string> sanitizers_of_this_build() {
#if defined(__SANITIZE_ADDRESS__)
  return "AddressSanitizer";
#elif defined(__SANITIZE_THREAD__)
  return "ThreadSanitizer";
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
  return "AddressSanitizer";
#elif __has_feature(thread_sanitizer)
  return "ThreadSanitizer";
#endif
#endif
  return std::nullopt;
}

#ifdef NDEBUG
constexpr bool kDebugBuild = false;
#else
constexpr bool kDebugBuild = true;
#endif

// lscpu's names of the processors that servers and boards with accelerators have; by "CPU part" of Arm's own designs.
std::string_view arm_part_name(std::string_view part) {
  constexpr auto parts = std::to_array<std::pair<std::string_view, std::string_view>>({
      {"0xd03", "Cortex-A53"},
      {"0xd07", "Cortex-A57"},
      {"0xd08", "Cortex-A72"},
      {"0xd0b", "Cortex-A76"},
      {"0xd0c", "Neoverse-N1"},
      {"0xd40", "Neoverse-V1"},
      {"0xd41", "Cortex-A78"},
      {"0xd42", "Cortex-A78AE"},
      {"0xd49", "Neoverse-N2"},
      {"0xd4f", "Neoverse-V2"},
  });
  for (const auto& [id, name] : parts) {
    if (id == part) return name;
  }
  return {};
}

constexpr std::string_view kArmImplementer = "0x41";

}  // namespace

std::string cpu_model_of(std::string_view cpuinfo) {
  for (const std::string_view key : {"model name", "cpu model", "uarch"}) {  // x86 and older ARM, MIPS, RISC-V
    if (const auto value = value_of(cpuinfo, key, ':'); !value.empty()) return std::string(value);
  }
  const auto implementer = value_of(cpuinfo, "CPU implementer", ':');
  if (const auto part = value_of(cpuinfo, "CPU part", ':'); !part.empty()) {
    const auto name = implementer == kArmImplementer ? arm_part_name(part) : std::string_view();
    if (!name.empty()) return std::string(name);
    return fmt::format("ARM implementer {} part {}", implementer, part);
  }
  for (const std::string_view key : {"cpu", "Hardware", "vendor_id"}) {  // POWER, old boards, s390
    if (const auto value = value_of(cpuinfo, key, ':'); !value.empty()) return std::string(value);
  }
  return {};
}

std::string os_name_of(std::string_view os_release) {
  std::string_view name = value_of(os_release, "PRETTY_NAME", '=');
  if (name.size() >= 2 && (name.front() == '"' || name.front() == '\'') && name.back() == name.front()) {
    name = name.substr(1, name.size() - 2);
  }
  return std::string(name);
}

std::optional<double> quota_of_cpu_max(std::string_view text) {
  text = trimmed(text);
  const auto space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const auto quota = number_in(text.substr(0, space));
  const auto period = number_in(text.substr(space + 1));
  if (!quota || !period || *quota <= 0.0 || *period <= 0.0) return std::nullopt;
  return *quota / *period;
}

MachineState read_machine_state(const fs::path& root) {
  MachineState state;
  state.online_cpus = count_of_cpu_list(text_of(root / "sys/devices/system/cpu/online"));
  state.usable_cpus = affinity_count();
  state.cpu_quota = cpu_quota(root);
  state.governors = governors(root);
  state.load_average = number_in(text_of(root / "proc/loadavg"));
  state.debug_build = kDebugBuild;
  state.sanitizers = sanitizers_of_this_build();
  return state;
}

Remarks machine_remarks(const MachineState& state) {
  Remarks remarks;
  if (state.sanitizers) {
    remarks.warnings.push_back(
        fmt::format("this program is built with {}: its times are not those of a release build", *state.sanitizers));
  }
  if (state.debug_build) {
    remarks.warnings.emplace_back("this program is a debug build: what it does between inferences takes longer");
  }
  if (state.load_average && state.online_cpus && *state.load_average > kBusyLoad * *state.online_cpus) {
    remarks.warnings.push_back(
        fmt::format("the load average of the last minute was {:.2f} on {} logical CPUs before anything was measured: "
                    "other work may share the processors",
                    *state.load_average, *state.online_cpus));
  }
  if (state.usable_cpus && state.online_cpus && *state.usable_cpus != *state.online_cpus) {
    remarks.notes.push_back(fmt::format("this process may run on {} of the machine's {} logical CPUs",
                                        *state.usable_cpus, *state.online_cpus));
  }
  if (state.cpu_quota && state.usable_cpus && *state.cpu_quota < *state.usable_cpus) {
    remarks.notes.push_back(
        fmt::format("a control group grants {:.2f} processors' worth of time to threads that may run on {}: an engine "
                    "that uses more is paused",
                    *state.cpu_quota, *state.usable_cpus));
  }
  for (const auto& [governor, count] : state.governors) {
    if (governor == "performance") continue;
    remarks.notes.push_back(
        fmt::format("the frequency governor is \"{}\", not \"performance\", on {} logical CPUs: "
                    "clocks follow the load",
                    governor, count));
  }
  return remarks;
}

}  // namespace trtprof
