// Nsight Systems' export as a SQLite database.
#include "trtprof/import/nsys_sqlite.h"

#include "fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trtprof;
  const auto trace = read_nsys_export(fuzz::as_file(fuzz::as_text(data, size)));
  if (!fuzz::read(trace)) return 0;
  for (const NsysInference& inference : trace->inferences) {
    for (const Activity& activity : inference.activities) {
      const auto launches = static_cast<std::int64_t>(trace->launches.size());
      fuzz::require(activity.kernel.value_or(-1) < launches, "a kernel's launch is there");
    }
  }
  for (const std::string& note : trace->notes) fuzz::require_sentence(note);
  return 0;
}
