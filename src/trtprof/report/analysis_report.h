// How an analysis is shown: as text after the profile's report, and as a document of its own
// (docs/analysis.schema.json).
#pragma once

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include "trtprof/diagnose/analysis.h"
#include "trtprof/profile/profile.h"

namespace trtprof {

// A document that an analysis rests on.
struct AnalysisSource {
  std::string path;    // as the user gave it; empty: it was never in a file
  std::string sha256;  // of the file, or of what save_profile() would write
};

struct AnalysisDocument {
  const Analysis& analysis;
  const Profile& profile;
  AnalysisSource source;                      // of the profile
  std::optional<AnalysisSource> counterpart;  // the other profile
  std::optional<AnalysisSource> model;        // the ONNX model whose graph was looked at
};

// Ends in a newline.
[[nodiscard]] std::string analysis_to_json(const AnalysisDocument& document);

struct AnalysisTextOptions {
  bool color = false;
  bool explain = false;    // why each rule that did not fire did not
  bool tree = false;       // the guide's decision tree
  bool checklist = false;  // the guide's checklist
  std::size_t columns = 100;
};

// Pattern and bottleneck, shares, the account of time, findings with what to do, what is asked for beside.
void write_analysis_text(std::ostream& out, const Analysis& analysis, const Profile& profile,
                         const AnalysisTextOptions& options);

// What `profile` ends with: pattern, bottleneck, the findings' titles. `more`: the command line that tells the rest.
void write_short_analysis(std::ostream& out, const Analysis& analysis, std::string_view more, bool color);

}  // namespace trtprof
