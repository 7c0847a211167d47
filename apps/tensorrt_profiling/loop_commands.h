// The command lines of other commands that the loop of `optimize` is made of: what they take of its own, and what they
// get beside it. The script that makes its winner again is written from the same ones.
#pragma once

#include <string>
#include <vector>

#include "settings.h"
#include "trtprof/base/error.h"
#include "trtprof/optimize/loop/candidate.h"

namespace trtprof::cli {

// Options of the loop's command line that `command` takes as well, without those about the loop itself, its report, its
// gates and how often is launched.
[[nodiscard]] std::vector<std::string> loop_options_for(const Settings& settings, const std::string& command);

// As the program would parse `arguments`; the command line is kept, as of the user.
[[nodiscard]] Result<Settings> parse_as_command(const Settings& settings, std::vector<std::string> arguments);

// The command line with a --shape for each of these inputs that it does not tell the shape of: what data or calibration
// said, for those that are launched. Empty: as it is.
[[nodiscard]] Result<Settings> settings_with_shapes(const Settings& settings, const BoundShapes& shapes);

// `optimize MODEL -o OUTPUT` of this recipe.
[[nodiscard]] std::vector<std::string> make_command(const Settings& settings, const Recipe& recipe,
                                                    const std::string& output);

// What a launch of this recipe gets of its own, in place of the user's --shape: its options of `profile`, and the
// shapes that the user or the data said, in its batch.
[[nodiscard]] Result<std::vector<std::string>> launch_options(const Settings& settings, const Recipe& recipe);

// Of a recipe's options of `profile`, those that a build (an engine's run) takes.
[[nodiscard]] std::vector<std::string> build_part(const std::vector<std::string>& run_options);
[[nodiscard]] std::vector<std::string> run_part(const std::vector<std::string>& run_options);

// Does the option table have them all, for this command?
[[nodiscard]] bool accepts(const std::string& command, const std::vector<std::string>& options);

// What makes the winner again from the given model, as a script of the shell: MODEL and OUTPUT may be given to it, and
// TENSORRT_PROFILING names the program. It checks the result's hash.
struct WinnerScript {
  Recipe recipe;
  std::string model;  // as it was given
  std::string output;
  std::string sha256;  // of the result; "": not checked, where external data would have to be there as well
  bool builds_engine = false;
};
[[nodiscard]] Result<std::string> winner_script(const Settings& settings, const WinnerScript& script);

}  // namespace trtprof::cli
