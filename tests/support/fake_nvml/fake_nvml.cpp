// A libnvidia-ml.so.1 without a driver: two GPUs at 0000:1b:00.0 and 0000:2c:00.0. Written from the documented API, and
// not from nvml_api.h, so that a slip there shows. What it does comes from the environment at nvmlInit_v2:
//   TRTPROF_FAKE_NVML         settings, "name=value" with ';' between them: the name of a function gives the
//   nvmlReturn_t
//                             it answers with; else a quantity below
//   TRTPROF_FAKE_NVML_RECORD  a file to which each call that changes the GPU, and init and shutdown, is appended
// Compiled with FAKE_NVML_OLD it is that of a driver of 2020.
#include <cctype>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

#define EXPORTED extern "C" __attribute__((visibility("default")))

namespace {

enum Result : int { success = 0, uninitialized = 1, invalid_argument = 2, not_supported = 3, not_found = 6 };

struct Gpu {
  const char* bus_id;
  const char* name;
};
Gpu g_gpus[] = {{"0000:1b:00.0", "Fake GPU A"}, {"0000:2c:00.0", "Fake GPU B"}};

struct State {
  int inits = 0;
  std::map<std::string, long long> settings;
  std::string record;
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
};
State& state() {
  static State* s = new State;  // exit handlers of the program may still call
  return *s;
}

long long setting(const char* name, long long otherwise) {
  const auto found = state().settings.find(name);
  return found == state().settings.end() ? otherwise : found->second;
}

void read_environment() {
  state().settings.clear();
  const char* text = std::getenv("TRTPROF_FAKE_NVML");
  std::string rest = text == nullptr ? "" : text;
  while (!rest.empty()) {
    const std::string one = rest.substr(0, rest.find(';'));
    rest.erase(0, one.size() + 1);
    const auto equals = one.find('=');
    if (equals != std::string::npos) state().settings[one.substr(0, equals)] = std::atoll(one.c_str() + equals + 1);
  }
  const char* record = std::getenv("TRTPROF_FAKE_NVML_RECORD");
  state().record = record == nullptr ? "" : record;
}

void record(const std::string& call) {
  if (state().record.empty()) return;
  if (std::FILE* file = std::fopen(state().record.c_str(), "a")) {
    std::fprintf(file, "%s\n", call.c_str());
    std::fclose(file);
  }
}

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - state().start).count();
}

// The scripted answer of a function, or uninitialised before nvmlInit_v2.
int refused(const char* function) {
  const auto code = static_cast<int>(setting(function, success));
  if (code != success) return code;
  return state().inits > 0 ? success : uninitialized;
}

int give(const char* function, unsigned* target, const char* name, long long otherwise) {
  if (const int code = refused(function); code != success) return code;
  if (target == nullptr) return invalid_argument;
  *target = static_cast<unsigned>(setting(name, otherwise));
  return success;
}

}  // namespace

EXPORTED int nvmlInit_v2() {
  read_environment();
  record("nvmlInit_v2");
  if (const auto code = static_cast<int>(setting("nvmlInit_v2", success)); code != success) return code;
  ++state().inits;
  return success;
}

EXPORTED int nvmlShutdown() {
  record("nvmlShutdown");
  if (state().inits == 0) return uninitialized;
  --state().inits;
  return success;
}

EXPORTED const char* nvmlErrorString(int code) {
  switch (code) {
    case success:
      return "Success";
    case uninitialized:
      return "Uninitialized";
    case invalid_argument:
      return "Invalid Argument";
    case not_supported:
      return "Not Supported";
    case 4:
      return "Insufficient Permissions";
    case not_found:
      return "Not Found";
    case 9:
      return "Driver Not Loaded";
    case 15:
      return "GPU is lost";
    case 18:
      return "Driver/library version mismatch";
    default:
      return "Unknown Error";
  }
}

EXPORTED int nvmlSystemGetDriverVersion(char* version, unsigned length) {
  if (const int code = refused("nvmlSystemGetDriverVersion"); code != success) return code;
  std::snprintf(version, length, "%s", "580.1.2");
  return success;
}

EXPORTED int nvmlDeviceGetHandleByPciBusId_v2(const char* bus_id, Gpu** device) {
  if (const int code = refused("nvmlDeviceGetHandleByPciBusId_v2"); code != success) return code;
  std::string wanted = bus_id;
  for (char& c : wanted) c = static_cast<char>(std::tolower(c));
  for (Gpu& gpu : g_gpus) {
    if (wanted == gpu.bus_id || wanted == std::string("0000") + gpu.bus_id) {
      *device = &gpu;
      return success;
    }
  }
  return not_found;
}

EXPORTED int nvmlDeviceGetName(Gpu* device, char* name, unsigned length) {
  if (const int code = refused("nvmlDeviceGetName"); code != success) return code;
  std::snprintf(name, length, "%s", device->name);
  return success;
}

EXPORTED int nvmlDeviceGetClockInfo(Gpu*, int type, unsigned* megahertz) {
  // 1: SM, 2: memory
  return type == 1   ? give("nvmlDeviceGetClockInfo", megahertz, "sm_clock", 1755)
         : type == 2 ? give("nvmlDeviceGetClockInfo", megahertz, "memory_clock", 2619)
                     : static_cast<int>(invalid_argument);
}

EXPORTED int nvmlDeviceGetMaxClockInfo(Gpu*, int type, unsigned* megahertz) {
  return type == 1   ? give("nvmlDeviceGetMaxClockInfo", megahertz, "max_sm_clock", 1980)
         : type == 2 ? give("nvmlDeviceGetMaxClockInfo", megahertz, "max_memory_clock", 2619)
                     : static_cast<int>(invalid_argument);
}

EXPORTED int nvmlDeviceGetTemperature(Gpu*, int sensor, unsigned* celsius) {
  if (sensor != 0) return invalid_argument;
  return give("nvmlDeviceGetTemperature", celsius, "temperature", 41);
}

EXPORTED int nvmlDeviceGetPowerUsage(Gpu*, unsigned* milliwatts) {
  return give("nvmlDeviceGetPowerUsage", milliwatts, "average_power", 390000);
}

EXPORTED int nvmlDeviceGetEnforcedPowerLimit(Gpu*, unsigned* milliwatts) {
  return give("nvmlDeviceGetEnforcedPowerLimit", milliwatts, "power_limit", 700000);
}

EXPORTED int nvmlDeviceGetUtilizationRates(Gpu*, unsigned* both) {
  if (const int code = refused("nvmlDeviceGetUtilizationRates"); code != success) return code;
  both[0] = static_cast<unsigned>(setting("utilization", 97));
  both[1] = 12;
  return success;
}

EXPORTED int nvmlDeviceGetTotalEnergyConsumption(Gpu*, unsigned long long* millijoules) {
  if (const int code = refused("nvmlDeviceGetTotalEnergyConsumption"); code != success) return code;
  const double step = 1e-3 * static_cast<double>(setting("energy_step_ms", 1));
  const auto steps = static_cast<unsigned long long>(seconds() / step);
  *millijoules = 123456789ULL + static_cast<unsigned long long>(static_cast<double>(setting("power", 400000)) * step *
                                                                static_cast<double>(steps));
  return success;
}

EXPORTED int nvmlDeviceGetCurrentClocksThrottleReasons(Gpu*, unsigned long long* mask) {
  if (const int code = refused("nvmlDeviceGetCurrentClocksThrottleReasons"); code != success) return code;
  *mask = static_cast<unsigned long long>(setting("reasons", 0));
  return success;
}

EXPORTED int nvmlDeviceSetGpuLockedClocks(Gpu* device, unsigned least, unsigned most) {
  record(std::string("nvmlDeviceSetGpuLockedClocks ") + device->bus_id + ' ' + std::to_string(least) + ' ' +
         std::to_string(most));
  return refused("nvmlDeviceSetGpuLockedClocks");
}

EXPORTED int nvmlDeviceResetGpuLockedClocks(Gpu* device) {
  record(std::string("nvmlDeviceResetGpuLockedClocks ") + device->bus_id);
  return refused("nvmlDeviceResetGpuLockedClocks");
}

#ifndef FAKE_NVML_OLD

EXPORTED int nvmlDeviceGetMigMode(Gpu*, unsigned* current, unsigned* pending) {
  *pending = 0;
  return give("nvmlDeviceGetMigMode", current, "mig", 0);
}

struct VersionedTemperature {
  unsigned version;
  int sensor;
  int celsius;
};
EXPORTED int nvmlDeviceGetTemperatureV(Gpu*, VersionedTemperature* temperature) {
  if (temperature->version != (sizeof(VersionedTemperature) | (1U << 24U))) return 25;  // version mismatch
  unsigned celsius = 0;
  const int code = give("nvmlDeviceGetTemperatureV", &celsius, "temperature", 41);
  temperature->celsius = static_cast<int>(celsius);
  return code;
}

struct Field {
  unsigned id;
  unsigned scope;
  long long timestamp;
  long long latency;
  int value_type;
  int result;
  union {
    double d;
    unsigned u;
    unsigned long long ull;
  } value;
};
EXPORTED int nvmlDeviceGetFieldValues(Gpu*, int count, Field* fields) {
  if (const int code = refused("nvmlDeviceGetFieldValues"); code != success) return code;
  for (int i = 0; i < count; ++i) {
    Field& field = fields[i];
    const bool instant_power = field.id == 186 && field.scope == 0;
    field.result = instant_power ? static_cast<int>(setting("instant_power_result", success)) : not_supported;
    if (field.result != success) continue;
    field.value_type = 1;  // unsigned int
    field.value.u = static_cast<unsigned>(setting("power", 400000));
  }
  return success;
}

EXPORTED int nvmlDeviceGetCurrentClocksEventReasons(Gpu*, unsigned long long* mask) {
  if (const int code = refused("nvmlDeviceGetCurrentClocksEventReasons"); code != success) return code;
  *mask = static_cast<unsigned long long>(setting("reasons", 0));
  return success;
}

#endif
