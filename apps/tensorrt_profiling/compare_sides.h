// The two sides of `compare`: profiles that are there, or something that is launched.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "settings.h"
#include "trtprof/base/error.h"
#include "trtprof/profile/profile.h"
#include "trtprof/report/comparison_report.h"

namespace trtprof::cli {

struct CompareSide {
  std::string name;     // "A"
  std::string operand;  // as the user gave it
  std::vector<std::string> options;
  bool measured = false;  // a model or an engine: launched here
  bool is_model = false;  // an ONNX model
  std::vector<Profile> profiles;
  std::vector<ComparisonSource> sources;  // of the profiles, one each
};

struct CompareSides {
  CompareSide a;
  CompareSide b;
};

// Reads the profiles that are given. Options that the sides have no use for are usage errors, before anything runs.
[[nodiscard]] Result<CompareSides> open_sides(const Settings& settings);

// What a launch of the side is run with: the program, `profile`, FILE, the options of both and its own. `json`: where
// its profile goes.
[[nodiscard]] Result<std::vector<std::string>> launch_command(const Settings& settings, const CompareSide& side,
                                                              const std::string& file,
                                                              const std::filesystem::path& json);

// What builds an engine of the side's model.
[[nodiscard]] Result<std::vector<std::string>> build_launch_command(const Settings& settings, const CompareSide& side,
                                                                    const std::filesystem::path& engine);

}  // namespace trtprof::cli
