#include "trtprof/telemetry/nvml_source.h"

#include <array>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "trtprof/base/text.h"

namespace trtprof {
namespace {

using nvml::Device;
using nvml::Library;

constexpr double kHertzPerMegahertz = 1e6;
constexpr double kMilli = 1e-3;
constexpr double kPercent = 1e-2;
// NVML's own values change every 10 to 100 ms, and a round takes driver locks.
constexpr double kPeriod = 0.02;

// Reads one number in SI units; an nvmlReturn_t.
using Query = std::function<int(double&)>;

template <class Function, class Raw = unsigned>
Query scaled(Function function, Device device, double factor) {
  if (function == nullptr) return [](double&) { return nvml::kFunctionNotFound; };
  return [=](double& value) {
    Raw raw = 0;
    const int code = function(device, &raw);
    value = static_cast<double>(raw) * factor;
    return code;
  };
}

template <class Function>
Query clock_query(Function function, Device device, int type) {
  if (function == nullptr) return [](double&) { return nvml::kFunctionNotFound; };
  return [=](double& value) {
    unsigned megahertz = 0;
    const int code = function(device, type, &megahertz);
    value = megahertz * kHertzPerMegahertz;
    return code;
  };
}

Query temperature_query(const nvml::Functions& f, Device device) {
  if (f.temperature != nullptr) {
    return [read = f.temperature, device](double& value) {
      nvml::Temperature temperature;
      const int code = read(device, &temperature);
      value = temperature.celsius;
      return code;
    };
  }
  if (f.temperature_of_sensor == nullptr) return [](double&) { return nvml::kFunctionNotFound; };
  return [read = f.temperature_of_sensor, device](double& value) {
    unsigned celsius = 0;
    const int code = read(device, nvml::kGpuSensor, &celsius);
    value = celsius;
    return code;
  };
}

Query utilization_query(const nvml::Functions& f, Device device) {
  if (f.utilization == nullptr) return [](double&) { return nvml::kFunctionNotFound; };
  return [read = f.utilization, device](double& value) {
    nvml::Utilization utilization;
    const int code = read(device, &utilization);
    value = utilization.gpu * kPercent;
    return code;
  };
}

Query instant_power_query(const nvml::Functions& f, Device device) {
  if (f.field_values == nullptr) return [](double&) { return nvml::kFunctionNotFound; };
  return [read = f.field_values, device](double& value) {
    nvml::FieldValue field;
    field.field = nvml::kPowerInstant;
    const int code = read(device, 1, &field);
    if (code != nvml::kSuccess) return code;
    if (field.result != nvml::kSuccess) return field.result;
    if (field.value_type != nvml::kValueUnsignedInt) return nvml::kNotSupported;
    value = field.value.as_unsigned * kMilli;
    return nvml::kSuccess;
  };
}

// Gathers what works, and of the rest why it does not, a sentence for each reason.
class Probe {
 public:
  Probe(std::shared_ptr<const Library> library, TelemetrySource& source)
      : library_(std::move(library)), source_(source) {}

  // Now, for a number that stays.
  std::optional<double> once(const std::string& what, const Query& query) {
    double value = 0.0;
    const int code = query(value);
    if (code == nvml::kSuccess) return value;
    refused_[code].push_back(what);
    return std::nullopt;
  }

  bool sensor(const std::string& quantity, const std::string& unit, bool slow, const Query& query,
              const std::string& what) {
    if (!once(what, query)) return false;
    source_.sensors.push_back({quantity, unit, slow, repeated(query)});
    return true;
  }

  // The library lives as long as what reads through it.
  std::function<std::optional<double>()> repeated(const Query& query) const {
    return [query, library = library_]() -> std::optional<double> {
      double value = 0.0;
      return query(value) == nvml::kSuccess ? std::optional(value) : std::nullopt;
    };
  }

  void refuse(const std::string& what, int code) { refused_[code].push_back(what); }

  void tell_missing() const {
    for (const auto& [code, what] : refused_) {
      const bool old = code == nvml::kFunctionNotFound;
      const std::string reason = old ? "the driver is too old for it" : library_->error_text(code);
      source_.facts.missing.push_back(fmt::format("NVML does not give {}: {}", fmt::join(what, ", "), reason));
    }
  }

 private:
  std::shared_ptr<const Library> library_;
  TelemetrySource& source_;
  std::map<int, std::vector<std::string>> refused_;
};

std::string name_of(const nvml::Functions& f, Device device) {
  std::array<char, nvml::kNameBytes> name{};
  if (f.device_name == nullptr || f.device_name(device, name.data(), name.size()) != nvml::kSuccess) return "";
  name.back() = '\0';
  return printable(name.data());
}

void add_power(Probe& probe, const nvml::Functions& f, Device device) {
  double ignored = 0.0;
  const Query instant = instant_power_query(f, device);
  if (instant(ignored) == nvml::kSuccess) {
    probe.sensor(kPower, "W", false, instant, "power");
    return;
  }
  // A driver before 530 has the one number, which is an average on some GPUs: taken for one on all.
  probe.sensor(kAveragePower, "W", false, scaled(f.power_usage, device, kMilli), "power");
}

void add_throttle_mask(Probe& probe, const std::shared_ptr<const Library>& library, Device device,
                       TelemetrySource& source) {
  const auto read = library->functions().clocks_event_reasons;
  unsigned long long mask = 0;
  const int code = read == nullptr ? nvml::kFunctionNotFound : read(device, &mask);
  if (code != nvml::kSuccess) {
    probe.refuse("throttle reasons", code);
    return;
  }
  source.throttle_mask = [read, device, library]() -> std::optional<std::uint64_t> {
    unsigned long long now = 0;
    return read(device, &now) == nvml::kSuccess ? std::optional<std::uint64_t>(now) : std::nullopt;
  };
}

void add_energy(Probe& probe, const nvml::Functions& f, Device device, TelemetrySource& source) {
  const Query query = scaled<decltype(f.total_energy), unsigned long long>(f.total_energy, device, kMilli);
  if (!probe.once("energy counter", query)) return;
  source.energy_joules = probe.repeated(query);
  source.energy_name = "the GPU's energy counter";
}

// Instances share clocks, power and temperature.
void tell_mig(const nvml::Functions& f, Device device, Telemetry& facts) {
  unsigned current = 0;
  unsigned pending = 0;
  if (f.mig_mode == nullptr || f.mig_mode(device, &current, &pending) != nvml::kSuccess || current == 0) return;
  facts.missing.emplace_back(
      "the GPU is in MIG mode: power and energy are of the whole GPU with all its instances, not of the one that was "
      "measured");
}

}  // namespace

TelemetrySource nvml_source(const std::string& pci_bus_id, const std::string& library_path) {
  TelemetrySource source;
  source.default_period = kPeriod;
  source.facts.source = "NVML";
  const auto opened = Library::open(library_path);
  if (!opened) {
    source.facts.missing.push_back(opened.error().message);
    return source;
  }
  const std::shared_ptr<const Library>& library = *opened;
  if (!library->driver_version().empty()) source.facts.source += ' ' + printable(library->driver_version());
  const auto device = library->find_device(pci_bus_id);
  if (!device) {
    source.facts.missing.push_back(device.error().message);
    return source;
  }
  const nvml::Functions& f = library->functions();
  source.facts.device = name_of(f, *device);
  Probe probe(library, source);
  probe.sensor("sm_clock", "Hz", false, clock_query(f.clock, *device, nvml::kSmClock), "SM clock");
  probe.sensor("memory_clock", "Hz", true, clock_query(f.clock, *device, nvml::kMemoryClock), "memory clock");
  add_power(probe, f, *device);
  probe.sensor("temperature", "degC", true, temperature_query(f, *device), "temperature");
  probe.sensor("gpu_utilization", "1", true, utilization_query(f, *device), "utilisation");
  source.facts.max_sm_clock_hz = probe.once("maximum SM clock", clock_query(f.max_clock, *device, nvml::kSmClock));
  source.facts.max_memory_clock_hz =
      probe.once("maximum memory clock", clock_query(f.max_clock, *device, nvml::kMemoryClock));
  source.facts.power_limit_watts = probe.once("power limit", scaled(f.enforced_power_limit, *device, kMilli));
  add_throttle_mask(probe, library, *device, source);
  add_energy(probe, f, *device, source);
  probe.tell_missing();
  tell_mig(f, *device, source.facts);
  return source;
}

}  // namespace trtprof
