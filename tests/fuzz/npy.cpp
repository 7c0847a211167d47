// NumPy's .npy.
#include "trtprof/base/npy.h"

#include "fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trtprof;
  const auto tensor = parse_npy(fuzz::as_text(data, size), "input.npy");
  // Types of one byte or more are kept as wide as they are or become 32 bits: half and double do.
  if (fuzz::read(tensor)) fuzz::require(tensor->data.size() <= 4 * size, "a tensor's bytes are in the file");
  return 0;
}
