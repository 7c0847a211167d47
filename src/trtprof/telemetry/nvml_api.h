// What this program uses of NVIDIA's management library (NVML), declared from its documented C API ("NVML API Reference
// Guide"). The library comes with the driver, is opened at run time, and needs no header here. Names are NVML's, less
// the prefix.
#pragma once

#include <cstdint>

namespace trtprof::nvml {

struct DeviceRecord;
using Device = DeviceRecord*;

// nvmlReturn_t, those that are treated by name.
inline constexpr int kSuccess = 0;
inline constexpr int kInvalidArgument = 2;
inline constexpr int kNotSupported = 3;
inline constexpr int kNoPermission = 4;
inline constexpr int kNotFound = 6;
inline constexpr int kFunctionNotFound = 13;

// nvmlClockType_t
inline constexpr int kSmClock = 1;
inline constexpr int kMemoryClock = 2;

// nvmlTemperatureSensors_t
inline constexpr int kGpuSensor = 0;

// NVML_FI_DEV_POWER_INSTANT: the power now, where nvmlDeviceGetPowerUsage averages over a second (Ampere but GA100, and
// newer).
inline constexpr std::uint32_t kPowerInstant = 186;
inline constexpr int kValueUnsignedInt = 1;  // nvmlValueType_t

// NVML_CLOCK_LIMIT_ID_TDP: the clock that the device sustains within its power, as nvmlDeviceSetGpuLockedClocks takes
// it for both bounds.
inline constexpr unsigned kClockLimitTdp = 0xffffff01U;

inline constexpr unsigned kNameBytes = 96;           // NVML_DEVICE_NAME_V2_BUFFER_SIZE
inline constexpr unsigned kDriverVersionBytes = 80;  // NVML_SYSTEM_DRIVER_VERSION_BUFFER_SIZE

// nvmlTemperature_v1_t; `version` is its size with the number in the uppermost byte.
struct Temperature {
  unsigned version = 0x100000CU;
  int sensor = kGpuSensor;
  int celsius = 0;
};
static_assert(sizeof(Temperature) == 0xC);

struct Utilization {
  unsigned gpu = 0;     // percent of the last sample period during which a kernel ran
  unsigned memory = 0;  // the same of device memory being read or written
};

union Value {
  double as_double;
  unsigned as_unsigned;
  unsigned long as_unsigned_long;
  unsigned long long as_unsigned_long_long;
  long long as_long_long;
};

struct FieldValue {
  std::uint32_t field = 0;
  std::uint32_t scope = 0;  // of the power fields: 0 the GPU, 1 the module
  std::int64_t timestamp = 0;
  std::int64_t latency_microseconds = 0;
  int value_type = 0;
  int result = 0;  // nvmlReturn_t of this field
  Value value = {};
};
static_assert(sizeof(FieldValue) == 40);

// Entry points; null where the driver's library has none of that name.
struct Functions {
  int (*init)() = nullptr;
  int (*shutdown)() = nullptr;
  const char* (*error_string)(int) = nullptr;
  int (*driver_version)(char*, unsigned) = nullptr;
  int (*device_by_pci_bus_id)(const char*, Device*) = nullptr;
  int (*device_name)(Device, char*, unsigned) = nullptr;
  int (*mig_mode)(Device, unsigned* current, unsigned* pending) = nullptr;
  int (*clock)(Device, int type, unsigned* megahertz) = nullptr;
  int (*max_clock)(Device, int type, unsigned* megahertz) = nullptr;
  int (*temperature)(Device, Temperature*) = nullptr;
  int (*temperature_of_sensor)(Device, int sensor, unsigned*) = nullptr;  // before `temperature` came
  int (*field_values)(Device, int count, FieldValue*) = nullptr;
  int (*power_usage)(Device, unsigned* milliwatts) = nullptr;
  int (*enforced_power_limit)(Device, unsigned* milliwatts) = nullptr;
  int (*utilization)(Device, Utilization*) = nullptr;
  int (*clocks_event_reasons)(Device, unsigned long long* mask) = nullptr;
  int (*total_energy)(Device, unsigned long long* millijoules) = nullptr;
  int (*set_locked_clocks)(Device, unsigned min_megahertz, unsigned max_megahertz) = nullptr;
  int (*reset_locked_clocks)(Device) = nullptr;
};

}  // namespace trtprof::nvml
