// Profile as JSON (docs/profile.schema.json) and back.
//
// A document begins with "schema": {"name": "trtprof-profile", "major": 1, "minor": 0}. A minor version adds fields, a
// major version changes what is there.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

// Tells a profile from other JSON.
inline constexpr const char* kProfileSchemaName = "trtprof-profile";

// Two-space indented, keys in a fixed order, samples on one line each series; ends in a newline. Text that is not
// UTF-8 is replaced (U+FFFD); NaN and infinity cannot occur in a Profile made by this library and become null.
[[nodiscard]] std::string profile_to_json(const Profile& profile);

struct LoadedProfile {
  Profile profile;
  // Fields and layer classes of a newer minor version that were ignored, by JSON pointer; the same field of several
  // layers is one note.
  std::vector<std::string> notes;
};

// `source` names the text in errors (a path). A newer major version, a wrong type, a missing required field, a value
// out of range: one sentence that names the field by its JSON pointer. A profile of a newer minor version becomes one
// of this version, since what is newer in it was left out.
[[nodiscard]] Result<LoadedProfile> profile_from_json(std::string_view text, std::string_view source);

[[nodiscard]] Result<LoadedProfile> load_profile(const std::filesystem::path& path);
[[nodiscard]] Status save_profile(const Profile& profile, const std::filesystem::path& path);

}  // namespace trtprof
