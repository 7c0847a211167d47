// Serialized engines: what is read of them before a library of TensorRT sees them.
#include "trtprof/backend/plan_header.h"

#include "fuzz/fuzz_target.h"
#include "trtprof/backend/engine_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trtprof;
  const std::filesystem::path path = fuzz::as_file(fuzz::as_text(data, size));
  const auto header = read_plan_header(path);
  const auto engine = read_engine_file(path);
  fuzz::require(header.has_value() == engine.has_value(), "an engine is a file with an engine's header");
  if (!fuzz::read(header) || !fuzz::read(engine)) return 0;
  fuzz::require(engine->header == *header && header->file_bytes == size, "a header tells the file's size");
  for (const RuntimeKind runtime : {RuntimeKind::full, RuntimeKind::lean, RuntimeKind::dispatch}) {
    const Status status = check_plan(*header, EngineFlavour::tensorrt, {10, 6, 0, 26}, std::nullopt, "input", runtime);
    if (!fuzz::read(status)) continue;
    fuzz::require(header->flavour == EngineFlavour::tensorrt, "no library takes an engine of the other's");
  }
  return 0;
}
