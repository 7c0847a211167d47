// Tables of devices' limits, which users may write by hand.
#include "trtprof/ceilings/ceilings_json.h"

#include "fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trtprof;
  const auto devices = ceilings_from_json(fuzz::as_text(data, size), "input.json");
  if (!fuzz::read(devices)) return 0;
  for (const DeviceCeilings& device : *devices) fuzz::require(!device.device.empty(), "a device has a name");
  return 0;
}
