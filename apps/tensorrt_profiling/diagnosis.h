// What is concluded of a profile, with all that the command line and the files beside it add: the ONNX model, the
// limits of the device, another profile.
#pragma once

#include <optional>
#include <string>

#include "settings.h"
#include "trtprof/base/error.h"
#include "trtprof/diagnose/analysis.h"
#include "trtprof/report/analysis_report.h"

namespace trtprof::cli {

struct Diagnosis {
  Analysis analysis;
  AnalysisSource source;
  std::optional<AnalysisSource> counterpart;
  std::optional<AnalysisSource> model;
};

// `source`: the file that the profile was read from; empty where it was just measured. `model`: the one that was
// measured; null: it is looked for. Fails for options whose files cannot be used; what is only missing becomes a note
// of the analysis.
[[nodiscard]] Result<Diagnosis> diagnose(const Settings& settings, const Profile& profile, AnalysisSource source,
                                         const KnownModel* model);

}  // namespace trtprof::cli
