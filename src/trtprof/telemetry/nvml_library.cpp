#include "trtprof/telemetry/nvml_library.h"

#include <array>
#include <cstdlib>
#include <dlfcn.h>

#include <fmt/format.h>

#include "trtprof/base/text.h"

namespace trtprof::nvml {
namespace {

constexpr const char* kLibrary = "libnvidia-ml.so.1";

// The first of `names` that the library has: newer names first.
template <class Function, class... Names>
void resolve(void* library, Function& function, Names... names) {
  for (const char* name : {names...}) {
    function = reinterpret_cast<Function>(::dlsym(library, name));
    if (function != nullptr) return;
  }
}

Functions resolve_all(void* library) {
  Functions f;
  resolve(library, f.init, "nvmlInit_v2");
  resolve(library, f.shutdown, "nvmlShutdown");
  resolve(library, f.error_string, "nvmlErrorString");
  resolve(library, f.driver_version, "nvmlSystemGetDriverVersion");
  resolve(library, f.device_by_pci_bus_id, "nvmlDeviceGetHandleByPciBusId_v2");
  resolve(library, f.device_name, "nvmlDeviceGetName");
  resolve(library, f.mig_mode, "nvmlDeviceGetMigMode");
  resolve(library, f.clock, "nvmlDeviceGetClockInfo");
  resolve(library, f.max_clock, "nvmlDeviceGetMaxClockInfo");
  resolve(library, f.temperature, "nvmlDeviceGetTemperatureV");
  resolve(library, f.temperature_of_sensor, "nvmlDeviceGetTemperature");
  resolve(library, f.field_values, "nvmlDeviceGetFieldValues");
  resolve(library, f.power_usage, "nvmlDeviceGetPowerUsage");
  resolve(library, f.enforced_power_limit, "nvmlDeviceGetEnforcedPowerLimit");
  resolve(library, f.utilization, "nvmlDeviceGetUtilizationRates");
  // Driver 535 renamed them.
  resolve(library, f.clocks_event_reasons, "nvmlDeviceGetCurrentClocksEventReasons",
          "nvmlDeviceGetCurrentClocksThrottleReasons");
  resolve(library, f.total_energy, "nvmlDeviceGetTotalEnergyConsumption");
  resolve(library, f.set_locked_clocks, "nvmlDeviceSetGpuLockedClocks");
  resolve(library, f.reset_locked_clocks, "nvmlDeviceResetGpuLockedClocks");
  return f;
}

}  // namespace

std::string library_path() {
  // Nothing in this program sets the environment after it started threads.
  const char* given = std::getenv("TRTPROF_NVML_LIBRARY");  // NOLINT(concurrency-mt-unsafe)
  return given == nullptr || *given == '\0' ? kLibrary : given;
}

Result<std::shared_ptr<const Library>> Library::open(const std::string& path) {
  std::shared_ptr<Library> library(new Library);
  library->path_ = path;
  library->handle_ = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library->handle_ == nullptr) {
    const char* reason = ::dlerror();  // NOLINT(concurrency-mt-unsafe): glibc keeps it per thread
    return unavailable(fmt::format("NVML cannot be loaded: {}", printable(reason == nullptr ? path : reason)),
                       "libnvidia-ml.so.1 comes with the NVIDIA driver; in a container the capability 'utility' brings "
                       "it (NVIDIA_DRIVER_CAPABILITIES=compute,utility).");
  }
  Functions& f = library->functions_;
  f = resolve_all(library->handle_);
  if (f.init == nullptr || f.shutdown == nullptr || f.device_by_pci_bus_id == nullptr) {
    return unavailable(fmt::format("{} is not NVML: it does not export nvmlInit_v2", printable(path)));
  }
  if (const int code = f.init(); code != kSuccess) {
    return unavailable(fmt::format("NVML does not start: {}", library->error_text(code)));
  }
  library->initialised_ = true;
  std::array<char, kDriverVersionBytes> version{};
  if (f.driver_version != nullptr && f.driver_version(version.data(), version.size()) == kSuccess) {
    version.back() = '\0';
    library->driver_version_ = version.data();
  }
  return library;
}

Library::~Library() {
  if (initialised_) functions_.shutdown();
  if (handle_ != nullptr) ::dlclose(handle_);
}

std::string Library::error_text(int code) const {
  const char* text = functions_.error_string == nullptr ? nullptr : functions_.error_string(code);
  return text == nullptr ? fmt::format("nvmlReturn_t {}", code) : printable(text);
}

Result<Device> Library::find_device(const std::string& pci_bus_id) const {
  Device device = nullptr;
  const int code = functions_.device_by_pci_bus_id(pci_bus_id.c_str(), &device);
  if (code != kSuccess) {
    return unavailable(fmt::format("NVML does not give the GPU at {}: {}", printable(pci_bus_id), error_text(code)));
  }
  return device;
}

}  // namespace trtprof::nvml
