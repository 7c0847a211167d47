// Names of candidates as --candidates and --skip take them: with '*' and '?'.
#pragma once

#include <string>
#include <vector>

namespace trtprof {

// Does the pattern name this candidate? 'batch-4' names 'batch' and 'streams-2' 'streams', which stand for all with a
// number where none of them can be tried.
[[nodiscard]] bool is_candidate_named(const std::string& name, const std::string& pattern);

// Of these, those that no candidate can have, whatever the model and the engine are: known before anything is measured.
[[nodiscard]] std::vector<std::string> unknown_candidates(const std::vector<std::string>& patterns);

// "f32, passes-2, ...": all names, those with a number as 'batch-N'. For messages.
[[nodiscard]] std::string candidate_names();

}  // namespace trtprof
