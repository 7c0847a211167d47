// What `analyze` and `convert` are given: files of this program and of others, made one profile.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "trtprof/base/error.h"
#include "trtprof/profile/profile.h"

namespace trtprof::cli {

struct GivenFiles {
  Profile profile;
  bool saved = false;                          // the only file is a saved profile
  std::optional<std::filesystem::path> model;  // an ONNX model among several files: theirs
};

// Is it to be measured? One file that is a model or an engine is.
[[nodiscard]] Result<bool> is_to_be_measured(const std::vector<std::string>& files);

// Each file is recognised by what is in it; those of one engine or model are merged, of two refused. Says on standard
// error what was read over.
[[nodiscard]] Result<GivenFiles> read_given_files(const std::vector<std::string>& files);

}  // namespace trtprof::cli
