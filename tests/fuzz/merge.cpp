// Several files of one engine, each recognised by its content, as one profile. In the input a line "--------" lies
// between them.
#include <algorithm>

#include "fuzz/fuzz_target.h"
#include "trtprof/import/foreign.h"
#include "trtprof/profile/profile_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trtprof;
  constexpr std::string_view between = "\n--------\n";
  constexpr std::size_t most = 4;
  std::string_view rest = fuzz::as_text(data, size);
  std::vector<Imported> files;
  for (std::size_t i = 0; i < most && !rest.empty(); ++i) {
    const std::size_t end = std::min(rest.find(between), rest.size());
    auto imported = import_file(fuzz::as_file(rest.substr(0, end), "input" + std::to_string(i)));
    if (fuzz::read(imported)) files.push_back(*std::move(imported));
    rest.remove_prefix(std::min(end + between.size(), rest.size()));
  }
  if (files.empty()) return 0;
  const auto merged = merge_imported(std::move(files));
  if (!fuzz::read(merged)) return 0;
  const std::string written = profile_to_json(*merged);
  const auto profile = profile_from_json(written, "written.json");
  fuzz::require(profile.has_value(), profile ? "" : "it is a profile: " + profile.error().message);
  return 0;
}
