// The record beside a serialized engine.
#include "trtprof/backend/engine_record.h"

#include "fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trtprof;
  const auto record = engine_record_from_json(fuzz::as_text(data, size), "input.json");
  if (!fuzz::read(record)) return 0;
  const std::string written = engine_record_to_json(*record);
  const auto again = engine_record_from_json(written, "written.json");
  fuzz::require(again.has_value(), again ? "" : "what was written can be read: " + again.error().message);
  fuzz::require(engine_record_to_json(*again) == written, "a record that was read and written stays as it is");
  fuzz::require(build_options_to_json(again->options) == build_options_to_json(record->options), "so do its options");
  static_cast<void>(describe_options(record->options));
  return 0;
}
