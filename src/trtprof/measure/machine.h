// The state of the machine that a measurement depends on: processors, limits, what else runs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "trtprof/measure/remarks.h"

namespace trtprof {

struct MachineState {
  std::optional<int> online_cpus;         // logical processors of the machine
  std::optional<int> usable_cpus;         // those this process may run on
  std::optional<double> cpu_quota;        // processors' worth of time a control group grants; nullopt: no limit
  std::map<std::string, int> governors;   // frequency governor to number of logical processors; empty: not readable
  std::optional<double> load_average;     // over the last minute
  bool debug_build = false;               // of this program
  std::optional<std::string> sanitizers;  // this program was built with
};

// `root` is the folder that holds proc/ and sys/; the processors this process may run on come from the kernel itself.
[[nodiscard]] MachineState read_machine_state(const std::filesystem::path& root = "/");

[[nodiscard]] Remarks machine_remarks(const MachineState& state);

// From the text of /proc/cpuinfo: "model name", or what ARM, POWER and s390 kernels write instead; empty when none.
[[nodiscard]] std::string cpu_model_of(std::string_view cpuinfo);

// PRETTY_NAME of the text of /etc/os-release, unquoted; empty when there is none.
[[nodiscard]] std::string os_name_of(std::string_view os_release);

// Processors' worth of time from the text of a control group's cpu.max ("200000 100000"); nullopt for "max".
[[nodiscard]] std::optional<double> quota_of_cpu_max(std::string_view text);

}  // namespace trtprof
