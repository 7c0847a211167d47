// What the loop of `optimize` leaves beside -o: the best so far, the script that makes it again, and on backends that
// build engines the fastest that was built of it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "settings.h"
#include "trtprof/base/error.h"
#include "trtprof/optimize/loop/candidate.h"

namespace trtprof::cli {

class LoopResult {
 public:
  // `work`: the loop's folder, where profiles tell which engine ran fastest, and where it notes what it put beside -o.
  LoopResult(const Settings& settings, std::filesystem::path work) : settings_(settings), work_(std::move(work)) {}

  // The model at `from`, made by `recipe`, with its external data, and the script. A script, an engine and data of a
  // model that was there before are not left beside it, whenever this is cut short. `engines` were built of it; empty:
  // none was, and `builds_engines` says whether one of another model may be there.
  [[nodiscard]] Status keep(const std::filesystem::path& from, const Recipe& recipe, bool builds_engines,
                            const std::vector<std::filesystem::path>& engines) const;

  [[nodiscard]] std::filesystem::path script() const;  // FILE.commands.sh
  [[nodiscard]] std::filesystem::path engine() const;  // FILE without .onnx, with .engine

 private:
  [[nodiscard]] Status copy_model(const std::filesystem::path& from) const;
  [[nodiscard]] Status copy_engine(const std::vector<std::filesystem::path>& engines) const;
  [[nodiscard]] std::filesystem::path fastest_of(const std::vector<std::filesystem::path>& engines) const;

  const Settings& settings_;
  std::filesystem::path work_;
};

}  // namespace trtprof::cli
