// NumPy's .npz: a ZIP of .npy.
#include "fuzz/fuzz_target.h"
#include "trtprof/base/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trtprof;
  constexpr std::uint64_t most = std::uint64_t{64} << 20;
  const auto tensors = load_npz(fuzz::as_file(fuzz::as_text(data, size)), most);
  if (!fuzz::read(tensors)) return 0;
  std::uint64_t bytes = 0;
  for (const auto& [name, tensor] : *tensors) bytes += tensor.data.size();
  fuzz::require(bytes <= 4 * most, "no more is unpacked than was allowed");
  return 0;
}
