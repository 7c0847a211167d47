// What ncu --csv prints.
#include "trtprof/import/ncu_csv.h"

#include <sstream>

#include "fuzz/fuzz_target.h"
#include "trtprof/profile/profile_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trtprof;
  std::istringstream in{std::string(fuzz::as_text(data, size))};
  auto imported = parse_ncu_csv(in, "input.csv");
  if (!fuzz::read(imported)) return 0;
  const std::string written = profile_to_json(kernel_profile(*std::move(imported)));
  const auto profile = profile_from_json(written, "written.json");
  fuzz::require(profile.has_value(), profile ? "" : "it is a profile: " + profile.error().message);
  return 0;
}
