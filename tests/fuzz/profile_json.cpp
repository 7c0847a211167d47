// Profiles of this program: what was read can be written, and reads back as the same.
#include "trtprof/profile/profile_json.h"

#include "fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trtprof;
  const auto loaded = profile_from_json(fuzz::as_text(data, size), "input.json");
  if (!fuzz::read(loaded)) return 0;
  for (const std::string& note : loaded->notes) fuzz::require_sentence(note);
  const std::string written = profile_to_json(loaded->profile);
  const auto again = profile_from_json(written, "written.json");
  fuzz::require(again.has_value(), again ? "" : "what was written can be read: " + again.error().message);
  fuzz::require(again->notes.empty(), "what was written is of this version");
  fuzz::require(profile_to_json(again->profile) == written, "a profile that was read and written stays as it is");
  return 0;
}
