// What files say of the machine, the engine and the model: whether it agrees, and one record of it. Private to import/.
#pragma once

#include <string>

#include "trtprof/base/error.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

// A part of what is merged, and the file it came from, as messages call it.
struct SourcedProfile {
  const Profile* profile = nullptr;
  std::string file;
};

// An error names both files and what differs: engine, version, device, precision, batch, an input's or output's name,
// shape or type. What one of them does not say is no difference.
[[nodiscard]] Status check_facts(const SourcedProfile& a, const SourcedProfile& b);

// Fills what `into` does not say.
void fill_facts(const Profile& from, Profile& into);

// "a contradicts b: ...": the form of every such error.
[[nodiscard]] tl::unexpected<Error> contradiction(const std::string& a, const std::string& b,
                                                  const std::string& difference);

}  // namespace trtprof
