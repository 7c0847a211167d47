#include "trtprof/telemetry/cpu_source.h"

#include <algorithm>
#include <memory>
#include <sched.h>
#include <sstream>

#include <fmt/format.h>

#include "trtprof/base/text.h"
#include "trtprof/telemetry/rapl.h"
#include "trtprof/telemetry/sysfs_file.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;

constexpr double kHertzPerKilohertz = 1e3;
constexpr double kDegreesPerMilli = 1e-3;
// A CPU that measures itself is disturbed by every round; what it tells changes over tenths of a second.
constexpr double kPeriod = 0.1;
// Frequencies read a round at most: on machines with more clock domains, evenly spread ones.
constexpr std::size_t kMaxDomains = 64;

// "0 1 2" of affected_cpus.
bool any_of_cpus(const std::string& list, const std::set<int>& cpus) {
  std::istringstream words(list);
  for (int cpu = 0; words >> cpu;) {
    if (cpus.contains(cpu)) return true;
  }
  return false;
}

// ---- clock

class Clocks {
 public:
  Clocks(const std::set<int>& cpus, const fs::path& root) {
    std::vector<SysfsNumber> all;
    for (const fs::path& policy : sysfs_entries(root / "sys/devices/system/cpu/cpufreq")) {
      if (!policy.filename().string().starts_with("policy")) continue;
      if (!any_of_cpus(sysfs_line(policy / "affected_cpus"), cpus)) continue;
      if (auto number = SysfsNumber::open(policy / "scaling_cur_freq")) all.push_back(std::move(*number));
    }
    const std::size_t step = std::max<std::size_t>(1, (all.size() + kMaxDomains - 1) / kMaxDomains);
    for (std::size_t i = 0; i < all.size(); i += step) domains_.push_back(std::move(all[i]));
  }
  [[nodiscard]] bool empty() const { return domains_.empty(); }

  // Both in one pass; the lowest belongs to the same moment as the mean.
  std::optional<double> read_mean() {
    double sum = 0.0;
    std::size_t count = 0;
    lowest_.reset();
    for (const SysfsNumber& domain : domains_) {
      const auto kilohertz = domain.read();
      if (!kilohertz || *kilohertz <= 0) continue;
      const double hertz = static_cast<double>(*kilohertz) * kHertzPerKilohertz;
      sum += hertz;
      ++count;
      lowest_ = std::min(lowest_.value_or(hertz), hertz);
    }
    return count == 0 ? std::nullopt : std::optional(sum / static_cast<double>(count));
  }
  [[nodiscard]] std::optional<double> lowest() const { return lowest_; }

 private:
  std::vector<SysfsNumber> domains_;
  std::optional<double> lowest_;
};

void add_clocks(const std::set<int>& cpus, const fs::path& root, TelemetrySource& source,
                std::vector<std::string>& origins) {
  const auto clocks = std::make_shared<Clocks>(cpus, root);
  if (clocks->empty()) {
    source.facts.missing.push_back(
        fmt::format("CPU clock: no policy of the CPUs in use in {} (usual in a virtual machine)",
                    (root / "sys/devices/system/cpu/cpufreq").string()));
    return;
  }
  source.sensors.push_back({"cpu_clock", "Hz", false, [clocks] { return clocks->read_mean(); }});
  source.sensors.push_back({"lowest_cpu_clock", "Hz", false, [clocks] { return clocks->lowest(); }});
  origins.emplace_back("cpufreq");
}

// ---- temperature

// Intel's package, then the drivers of Intel's and AMD's sensors, then what Arm boards call their zone.
std::vector<SysfsNumber> temperatures(const fs::path& root, std::string& origin) {
  std::vector<SysfsNumber> found;
  const auto add = [&](const fs::path& file, const std::string& name) {
    if (auto number = SysfsNumber::open(file)) {
      found.push_back(std::move(*number));
      origin = name;
    }
  };
  const auto zones = sysfs_entries(root / "sys/class/thermal");
  const auto add_zones = [&](std::string_view type) {
    for (const fs::path& zone : zones) {
      const std::string name = sysfs_line(zone / "type");
      if (name == type) add(zone / "temp", name);
    }
  };
  add_zones("x86_pkg_temp");
  if (!found.empty()) return found;
  for (const fs::path& monitor : sysfs_entries(root / "sys/class/hwmon")) {
    const std::string name = sysfs_line(monitor / "name");
    if (name == "coretemp" || name == "k10temp" || name == "zenpower") add(monitor / "temp1_input", name);
  }
  for (const std::string_view type : {"cpu-thermal", "cpu_thermal"}) {
    if (found.empty()) add_zones(type);
  }
  return found;
}

void add_temperature(const fs::path& root, TelemetrySource& source, std::vector<std::string>& origins) {
  std::string origin;
  const auto sensors = std::make_shared<std::vector<SysfsNumber>>(temperatures(root, origin));
  if (sensors->empty()) {
    source.facts.missing.emplace_back("CPU temperature: no x86_pkg_temp, coretemp, k10temp or cpu-thermal");
    return;
  }
  source.sensors.push_back({"temperature", "degC", true, [sensors]() -> std::optional<double> {
                              std::optional<double> hottest;
                              for (const SysfsNumber& sensor : *sensors) {
                                const auto milli = sensor.read();
                                if (!milli) continue;
                                const double degrees = static_cast<double>(*milli) * kDegreesPerMilli;
                                hottest = std::max(hottest.value_or(degrees), degrees);
                              }
                              return hottest;
                            }});
  origins.push_back(origin);
}

// ---- power and energy

std::optional<double> sum_of(std::vector<RaplZone>& zones) {
  double sum = 0.0;
  for (RaplZone& zone : zones) {
    const auto joules = zone.joules();
    if (!joules) return std::nullopt;
    sum += *joules;
  }
  return sum;
}

// Watts since it was last asked.
std::function<std::optional<double>()> power_of(std::function<std::optional<double>()> energy,
                                                const std::function<double()>& seconds) {
  struct Last {
    double joules = 0.0;
    double at = 0.0;
  };
  return [energy = std::move(energy), seconds, last = std::optional<Last>()]() mutable -> std::optional<double> {
    const auto joules = energy();
    const double now = seconds();
    if (!joules) return std::nullopt;
    const std::optional<Last> before = std::exchange(last, Last{*joules, now});
    if (!before || !(now > before->at)) return std::nullopt;
    return (*joules - before->joules) / (now - before->at);
  };
}

std::string names_of(const std::vector<RaplZone>& zones) {
  std::vector<std::string> names;
  names.reserve(zones.size());
  for (const RaplZone& zone : zones) names.push_back(printable(zone.name()));
  return fmt::format("{}", fmt::join(names, ", "));
}

void add_energy(const fs::path& root, const std::function<double()>& seconds, TelemetrySource& source,
                std::vector<std::string>& origins) {
  const auto rapl = std::make_shared<Rapl>(open_rapl(root));
  auto& missing = source.facts.missing;
  missing.insert(missing.end(), rapl->missing.begin(), rapl->missing.end());
  if (rapl->packages.empty()) return;
  origins.emplace_back("RAPL");
  source.facts.device = names_of(rapl->packages);
  source.sensors.push_back({"package_power", "W", false, power_of([rapl] { return sum_of(rapl->packages); }, seconds)});
  source.energy_name = "RAPL's counters of " + names_of(rapl->packages);
  source.energy_update_seconds = kRaplUpdateSeconds;
  if (rapl->memory.empty()) {
    source.energy_joules = [rapl] { return sum_of(rapl->packages); };
    return;
  }
  source.sensors.push_back({"dram_power", "W", false, power_of([rapl] { return sum_of(rapl->memory); }, seconds)});
  source.energy_name += " and dram";
  source.energy_joules = [rapl]() -> std::optional<double> {
    const auto packages = sum_of(rapl->packages);
    const auto memory = sum_of(rapl->memory);
    if (!packages || !memory) return std::nullopt;
    return *packages + *memory;
  };
}

}  // namespace

// The kernel refuses a set smaller than its own, so the set grows until it fits.
std::set<int> usable_cpus() {
  std::set<int> cpus;
  for (std::size_t count = 1024; count <= (std::size_t{1} << 20U); count *= 2) {
    std::vector<cpu_set_t> set(count / (8 * sizeof(cpu_set_t)));
    const std::size_t bytes = set.size() * sizeof(cpu_set_t);
    if (sched_getaffinity(0, bytes, set.data()) != 0) continue;
    for (std::size_t cpu = 0; cpu < count; ++cpu) {
      if (CPU_ISSET_S(cpu, bytes, set.data())) cpus.insert(static_cast<int>(cpu));
    }
    break;
  }
  return cpus;
}

TelemetrySource cpu_source(const std::set<int>& cpus, const std::function<double()>& seconds, const fs::path& root) {
  TelemetrySource source;
  source.default_period = kPeriod;
  std::vector<std::string> origins;
  add_energy(root, seconds, source, origins);
  add_clocks(cpus, root, source, origins);
  add_temperature(root, source, origins);
  source.facts.source = fmt::format("{}", fmt::join(origins, ", "));
  return source;
}

}  // namespace trtprof
