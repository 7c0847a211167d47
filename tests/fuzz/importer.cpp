// One importer of files of other tools (TRTPROF_FUZZ_FORMAT), asked whatever the beginning of the file is: what it
// reads is a profile.
#include "fuzz/fuzz_target.h"
#include "trtprof/import/foreign.h"
#include "trtprof/profile/profile_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trtprof;
  const std::string_view bytes = fuzz::as_text(data, size);
  for (const Importer& importer : all_importers()) {
    if (importer.format != ForeignFormat::TRTPROF_FUZZ_FORMAT) continue;
    static_cast<void>(importer.recognises(bytes.substr(0, std::size_t{64} << 10)));
    const auto imported = importer.read(fuzz::as_file(bytes));
    if (!fuzz::read(imported)) return 0;
    fuzz::require(imported->format == importer.format, "an importer reads its own format");
    for (const std::string& note : imported->notes) fuzz::require_sentence(note);
    const std::string written = profile_to_json(imported->profile);
    const auto profile = profile_from_json(written, "written.json");
    fuzz::require(profile.has_value(), profile ? "" : "it is a profile: " + profile.error().message);
    return 0;
  }
  fuzz::require(false, "there is an importer of this format");
  return 0;
}
