// Command lines that measure again what a profile is of. Private to rules/.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "trtprof/profile/profile.h"

namespace trtprof::rules {

// One line: as the profile was measured, without what it wrote, without the options `without`, and with the options
// `with` ("--no-graph", "--batch 8"), which replace those of their name. None when the profile tells neither how it
// was measured nor of which file it is.
[[nodiscard]] std::vector<std::string> measured_again(const Profile& profile, std::initializer_list<std::string> with,
                                                      std::initializer_list<std::string_view> without = {});

}  // namespace trtprof::rules
